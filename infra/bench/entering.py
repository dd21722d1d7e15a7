"""Coming in by code and number, and keeping others out: for the bench."""

from collections.abc import Generator
from typing import Any

from .events import event
from .people import PASSWORD, code_to, forget_sent, newcomer, prove_again
from .town import Caller

_REPORT = {"kind": "phishing", "text": "有人冒充客服要我的验证码"}


def came_in(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Play what a code to a number opens, moves and locks."""
    town, mobile, other = ann.town, "13700000011", "13700000012"
    who = newcomer(town, mobile, "模友灿")
    yield event("POST", "/v1/reports/fraud", _REPORT)
    yield who.event("POST", "/v1/reports/fraud/mine", _REPORT)
    yield event("POST", "/v1/sessions/by-code", {"mobile": mobile, "code": code_to(town, mobile, "log_in")})
    forget_sent(mobile)
    yield who.event("POST", "/v1/accounts/me/codes", {"purpose": "prove"})
    yield who.event("POST", "/v1/sessions/reauthentication/by-code", {"code": code_to(town, mobile)})
    who.tokens = yield who.event("POST", "/v1/sessions/end-others")
    prove_again(who)
    old, new = code_to(town, mobile, "change_mobile"), code_to(town, other, "change_mobile")
    yield who.event("PUT", "/v1/accounts/mobile", {"mobile": other, "code": new, "old_code": old})

    def proved(purpose: str, **more: str) -> dict[str, str]:
        return {"mobile": other, "code": code_to(town, other, purpose), **more}

    yield event("POST", "/v1/accounts/password/reset", proved("reset_password", new_password=PASSWORD + "2"))
    yield event("POST", "/v1/accounts/freeze", proved("freeze"))
    yield event("POST", "/v1/accounts/thaw", proved("thaw", password=PASSWORD + "2"))
