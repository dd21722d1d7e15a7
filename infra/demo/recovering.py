"""Step 2e: a phone is lost, and its account comes back."""

import secrets
from typing import Any

from . import raw
from .bindings import wechat_proof
from .life import Life, agreement, notices, shown, wait_for_notice
from .verified import made_up_name, made_up_number
from .world import Client, check, until

_SAID = "有人申请找回您的账号"


def lose_phone(life: Life) -> None:
    """2e Name and identity number give a lost account back after a wait that its owner is told of and can stop.

    Proves: A4.1, B6.1, B6.2, B6.3, B6.4, B6.5, B6.6, I2.3
    """
    lost, first, second, third = (_number() for _ in range(4))
    name, phone = f"失友{life.mark}", Client(life.world.base_url, "wxmp/1.0.0", f"lost-{life.mark}")
    password, next_password = f"moxing-{life.mark}-Ee", f"moxing-{life.mark}-Ff"
    opened = {"user_name": name, "password": password, "policy": agreement(phone)}
    phone.keep(phone.want(201, "POST /v1/accounts/wechat", {**opened, "proof": wechat_proof(life, lost)["proof"]}))
    known = {
        "name": life.hide("name said for a recovery", made_up_name()),
        "number": life.hide("identity number said for a recovery", made_up_number()),
    }
    life.world.control("POST", "/identity/citizens", {**known, "mobiles": [lost, first, second]})
    thief = _ask(life, name, known, mobile=third)
    unlike = _ask(life, f"无友{life.mark}", known, mobile=first)
    asked = _ask(life, name, known, mobile=second)
    check(asked.keys() == unlike.keys() == thief.keys(), "who has no SIM card of theirs is answered like the owner")
    wait_for_notice(phone, "recovery_begun")
    until("a text message to the lost number", lambda: _texts(life, lost))
    check(len(_texts(life, lost)) == 1, "told once")
    _as_if_no_code_went(life, phone)
    phone.want(204, "DELETE /v1/recovery")
    wait_for_notice(phone, "recovery_stopped")
    _ask(life, lost, known, mobile=second)
    until("told once more", lambda: len(notices(phone, "recovery_begun")) == 2)  # noqa: PLR2004
    _as_if_no_code_went(life, phone)
    ending = {"account": name, "mobile": second, "code": _code(life, second), "new_password": next_password}
    life.guest.refused("request.not_found", "POST /v1/recovery/finish", ending)
    _as_if_waited(life, phone)
    life.guest.want(204, "POST /v1/recovery/finish", ending)
    phone.refused("session.invalid", "GET /v1/accounts/me")
    log_in = {"login": name, "password": password}
    phone.refused("accounts.login_failed", "POST /v1/sessions", log_in)
    life.guest.refused("accounts.login_failed", "POST /v1/sessions", {**log_in, "login": lost})
    phone.keep(phone.want(201, "POST /v1/sessions", {"login": second, "password": next_password}))
    check(not _waiting(life, phone), "nothing of the recovery is left")


def _number() -> str:
    return f"135{secrets.randbelow(10**8):08d}"


def _code(life: Life, mobile: str) -> str:
    life.guest.want(202, "POST /v1/accounts/codes", {"mobile": mobile, "purpose": "recover"})
    return life.world.code_sent_to(f"+86{mobile}")


def _ask(life: Life, account: str, known: dict[str, str], *, mobile: str) -> dict[str, Any]:
    said = {"account": account, **known, "mobile": mobile, "code": _code(life, mobile)}
    asked = {**said, "notice": shown(life.guest, "account.recovery")}
    return dict(life.guest.want(202, "POST /v1/recovery", asked))


def _texts(life: Life, mobile: str) -> list[str]:
    arrived = life.world.control("GET", "/state")["sms"]
    return [one["text"] for one in arrived if one["mobile"] == f"+86{mobile}" and _SAID in one["text"]]


def _waiting(life: Life, phone: Client) -> list[dict[str, Any]]:
    """Read the row of a recovery that waits, past the API."""
    person_id = phone.want(200, "GET /v1/accounts/me")["person_id"]
    rows = raw.items(life.world, raw.table(life.world, "people"))
    return [row for row in rows if row["pk"]["S"] == person_id and "ready_at" in row]


def _as_if_waited(life: Life, phone: Client) -> None:
    """Have the wait be over: nobody sits here for three days."""
    (row,) = _waiting(life, phone)
    life.world.aws("dynamodb").update_item(
        TableName=raw.table(life.world, "people"),
        Key={"pk": row["pk"], "sk": row["sk"]},
        UpdateExpression="SET ready_at = begun_at",
    )


def _as_if_no_code_went(life: Life, phone: Client) -> None:
    """Forget when a code went to the new number: the next would have to wait for a minute."""
    (row,) = _waiting(life, phone)
    key = {"pk": {"S": f"CODES#{row['mobile_index']['S']}"}, "sk": {"S": "SENT"}}
    life.world.aws("dynamodb").delete_item(TableName=raw.table(life.world, "ephemeral"), Key=key)
