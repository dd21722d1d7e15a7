"""Step 3i: one person's two accounts become one."""

import secrets
from typing import Any

from .account import prove_again
from .bindings import wechat_code, wechat_proof
from .life import Life, agree, agreement
from .world import Client, check, key


def merge_accounts(life: Life) -> None:
    """3i Two accounts of one person: the preview names what moves, WeChat included; then the other one is shut.

    Proves: B4.5
    """
    payer, phone, mini = f"wx2-{life.mark}", *(_newcomer(life, what) for what in ("app", "wxmp"))
    agree(mini, "account.wechat", "account.wechat")
    mini.want(200, "PUT /v1/bindings/wechat", wechat_code(life, payer))
    post = {"text": f"另一个账号发的{life.mark}", "affirmed_others": True}
    mini.want(201, "POST /v1/posts", post, Idempotency_Key=key())
    phone.refused("rights.other_not_proved", "POST /v1/merges/preview", {"other_token": phone.access})
    other = {"other_token": mini.access}
    before = phone.want(200, "POST /v1/merges/preview", other)
    check(before["bindings"][0]["outcome"] == "not_agreed", "a binding rests on a consent of its own")
    agree(phone, "account.wechat", "account.wechat")
    seen = phone.want(200, "POST /v1/merges/preview", other)
    outcomes = {line["kind"]: line["outcome"] for line in seen["lines"]}
    check(outcomes["post"] == outcomes["wechat_binding"] == "moves", "posts move, and so does WeChat")
    check(outcomes["profile"] == "yields" and seen["blocks"] == [], "the account that stays has a profile of its own")
    asked = {**other, "plan_hash": before["plan_hash"]}
    phone.refused("rights.merge_plan_changed", "POST /v1/merges", asked)
    begun = phone.want(202, "POST /v1/merges", {**asked, "plan_hash": seen["plan_hash"]})
    check(begun["state"] == "moving", "it has begun")
    mini.refused("session.invalid", "GET /v1/accounts/me")
    life.guest.refused("account.closing", "POST /v1/sessions/wechat", wechat_code(life, payer))
    check(phone.want(200, "GET /v1/merges")["data"] == [begun], "the account that stays shows it")
    life.note(["everything moves within half an hour, when nothing runs for the other account any more"])


def _newcomer(life: Life, channel: str) -> Client:
    """Open an account, and prove once more who holds it."""
    client = Client(life.world.base_url, f"{channel}/1.0.0", f"two-{channel}-{life.mark}")
    password = f"moxing-{life.mark}-Ee"
    opened: dict[str, Any] = {
        "user_name": f"双号{channel}{life.mark}",
        "password": password,
        "policy": agreement(client),
    }
    opened |= {"policy": agreement(client), "proof": wechat_proof(life, f"135{secrets.randbelow(10**8):08d}")["proof"]}
    client.keep(client.want(201, "POST /v1/accounts/wechat", opened))
    prove_again(client, password)
    return client
