"""A chapter of the bench's story: coming in by codes, another number, and a freeze."""

from collections.abc import Generator
from typing import Any

from .events import event
from .people import PASSWORD, answer, as_if_no_code_went, code_to, newcomer
from .town import Caller, Town

NUMBER, NEW_NUMBER = "13500000005", "13500000006"
LOST_NUMBER, FOUND_NUMBER = "13500000007", "13500000008"


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


def recovered(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Ask for an account back whose number is lost, stop it by session and by code, and finish after the wait."""
    town, who = ann.town, newcomer(ann.town, LOST_NUMBER, "模友失")
    known = {"name": "王小明", "number": "11010519491231002X"}
    town.control("POST", "/identity/citizens", {**known, "mobiles": [LOST_NUMBER, FOUND_NUMBER]})

    def asked() -> dict[str, Any]:
        code, notice = code_to(town, FOUND_NUMBER, "recover"), answer(town, "account.recovery")["notice"]
        return {"account": "模友失", **known, "mobile": FOUND_NUMBER, "code": code, "notice": notice}

    yield event("POST", "/v1/recovery", asked())
    yield who.event("DELETE", "/v1/recovery")
    town.ask(event("POST", "/v1/recovery", asked()))
    yield event(
        "POST", "/v1/recovery/stop", {"mobile": LOST_NUMBER, "code": code_to(town, LOST_NUMBER, "stop_recovery")}
    )
    town.ask(event("POST", "/v1/recovery", asked()))
    _as_if_waited(town, who.tokens["person_id"])
    said = {"account": "模友失", "mobile": FOUND_NUMBER, "code": code_to(town, FOUND_NUMBER, "recover")}
    yield event("POST", "/v1/recovery/finish", {**said, "new_password": PASSWORD})


def _as_if_waited(town: Town, person_id: str) -> None:
    """Have the wait of a recovery be over."""
    town.client("dynamodb").update_item(
        TableName="jule-bench-people",
        Key={"pk": {"S": person_id}, "sk": {"S": "RECOVERY"}},
        UpdateExpression="SET ready_at = begun_at",
    )
