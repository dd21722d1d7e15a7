"""A chapter of the bench's story: coming in by codes, another number, and a freeze."""

from collections.abc import Generator
from typing import Any

from .events import event
from .people import PASSWORD, as_if_no_code_went, code_to, newcomer
from .town import Caller

NUMBER, NEW_NUMBER = "13500000005", "13500000006"


def entered(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Log in and prove oneself by code, set a password anew, move to another number, freeze and thaw."""
    town, who = ann.town, newcomer(ann.town, NUMBER, "模友鼎")

    def proof(purpose: str, mobile: str = NUMBER) -> dict[str, str]:
        return {"mobile": mobile, "code": code_to(town, mobile, purpose)}

    yield event("POST", "/v1/accounts/password/reset", {**proof("reset_password"), "new_password": PASSWORD})
    who.tokens = yield event("POST", "/v1/sessions/by-code", proof("log_in"))
    as_if_no_code_went(town, NUMBER)
    yield who.event("POST", "/v1/accounts/me/codes", {"purpose": "prove"})
    fresh = yield who.event("POST", "/v1/sessions/reauthentication/by-code", {"code": code_to(town, NUMBER)})
    who.tokens = {**who.tokens, **fresh}
    old = proof("change_mobile")["code"]
    moved = {**proof("change_mobile", NEW_NUMBER), "old_code": old}
    who.tokens = yield who.event("PUT", "/v1/accounts/mobile", moved)
    who.tokens = yield who.event("POST", "/v1/sessions/end-others")
    report = {"kind": "phishing", "text": "有人冒充客服，要我把钱转到私人账户。"}
    yield who.event("POST", "/v1/reports/fraud/mine", report)
    yield event("POST", "/v1/reports/fraud", report)
    yield event("POST", "/v1/accounts/freeze", proof("freeze", NEW_NUMBER))
    yield event("POST", "/v1/accounts/thaw", {**proof("thaw", NEW_NUMBER), "password": PASSWORD})
