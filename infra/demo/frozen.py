"""Step 5e: a phone is stolen; the account is frozen on a word, and its owner uses every right all the same."""

import secrets

from .bindings import wechat_proof
from .life import Life, agreement
from .world import Client, check, fetch, until

_WISH = {"wish": "手机被盗，请帮我办理"}


def serve_frozen(life: Life) -> None:
    """5e A stolen phone is enough to freeze; known otherwise, its owner gets a copy that only they can fetch.

    Proves: E1.1, K6.1, K6.6, K6.7
    """
    clerk: Client = life.saved["clerk"]
    mobile, password = f"137{secrets.randbelow(10**8):08d}", f"moxing-{life.mark}-Gg"
    phone = Client(life.world.base_url, "wxmp/1.0.0", f"stolen-{life.mark}")
    opened = {"user_name": f"冻友{life.mark}", "password": password, "policy": agreement(phone)}
    phone.keep(phone.want(201, "POST /v1/accounts/wechat", {**opened, "proof": wechat_proof(life, mobile)["proof"]}))
    case_id = clerk.want(201, "POST /v1/desk/cases", {"topic": "fraud", "text": "来电：手机被盗"})["case_id"]
    desk, behalf = f"/v1/desk/cases/{case_id}", f"/v1/on-behalf/{case_id}"
    stolen = {"account": mobile, "ground": "taken_over"}
    told = clerk.want(202, f"POST {desk}/freeze/unchecked", stolen)
    nobody = clerk.want(202, f"POST {desk}/freeze/unchecked", {**stolen, "account": "没有这个人"})
    check(told.keys() == nobody.keys(), "an account that there is answers like one that there is not")
    phone.refused("session.invalid", "GET /v1/accounts/me")
    clerk.refused("support.not_identified", f"POST {behalf}/copy", _WISH)
    clerk.want(202, f"POST {desk}/identity/codes", {"mobile": mobile})
    clerk.want(200, f"POST {desk}/identity", {"mobile": mobile, "code": life.world.code_sent_to(f"+86{mobile}")})
    request = clerk.want(202, f"POST {behalf}/copy", _WISH)["request_id"]
    clerk.want(200, f"PUT {behalf}/profile", {**_WISH, "remove": "residence"})
    preview = clerk.want(200, f"POST {behalf}/cancellation/preview", _WISH)
    leaving = {**_WISH, "plan_hash": preview["plan_hash"], "receipt": secrets.token_urlsafe(32)}
    clerk.refused("approval.required", f"POST {behalf}/cancellation", leaving)
    asked = {"request_id": request, "login": mobile, "password": password}
    life.guest.refused("accounts.login_failed", "POST /v1/handovers", {**asked, "password": "not-the-password-1"})
    handed = until("the copy", lambda: _handed(life, asked))
    check(fetch("GET", handed).body[:2] == b"PK", "the copy is there, for whoever knows the password")
    life.guest.refused("rights.copy_claimed", "POST /v1/handovers", asked)


def _handed(life: Life, asked: dict[str, str]) -> str:
    """Try to fetch the copy; gives its address once it is ready."""
    reply = life.guest.call("POST", "/v1/handovers", asked)
    return reply.headers["location"] if reply.status == 303 else ""  # noqa: PLR2004 - see other
