"""Minors and guardians of the bench: an age is told, a guardian agrees, looks, corrects, disagrees, withdraws."""

import secrets
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from ..local.counterparties.authority import whole_number
from .events import event
from .people import answer, as_if_no_code_went, code_event, newcomer
from .staffing import CASE, administrators, approved, officers
from .town import Caller, Town

Asked = dict[str, Any]
_VERIFIED = "account.verification"


def guarded(ann: Caller, _bob: Caller) -> Generator[Asked, Any, None]:
    """Play what minors, guardians and an officer do."""
    town = ann.town
    child, guardian, other = (
        newcomer(town, "13800000010", "模友小"),
        newcomer(town, "13800000011", "模友母"),
        newcomer(town, "13800000012", "模友父"),
    )
    _proved(child, guardian, other)
    yield from _verifying(guardian)
    _verified(other, _born(41), "13800000012")
    yield child.event("POST", "/v1/guardianships/age", {"birth_date": _born(10)})
    yield child.event("GET", "/v1/guardianships/age")
    invited = yield child.event("POST", "/v1/guardianships/invitations")
    yield guardian.event("POST", "/v1/guardianships", _answer(town, invited["invitation"], "agree"))
    yield guardian.event("GET", "/v1/guardianships")
    ward = {"child_id": child.tokens["person_id"]}
    child.ask("POST", "/v1/consents", answer(town, "account.membership"))
    yield from _of_a_ward(child, guardian, ward)
    yield from _disagreeing(town, child, other)
    yield guardian.event("DELETE", "/v1/guardianships/{child_id}", **ward)
    yield from _by_number(town, child)
    town.ask(code_event("13800000013"))
    code = town.control("GET", "/sms?mobile=%2B8613800000013")["code"]
    declared = {"mobile": "13800000013", "code": code, "birth_date": _born(9)}
    yield event("POST", "/v1/guardianships/children", declared)


def _of_a_ward(child: Caller, guardian: Caller, ward: dict[str, str]) -> Generator[Asked, Any, None]:
    path = "/v1/wards/{child_id}"
    yield guardian.event("GET", path, **ward)
    yield guardian.event("GET", f"{path}/records", query={"kind": "profile"}, **ward)
    yield guardian.event("PUT", f"{path}/profile", {"gender": "female"}, **ward)
    yield guardian.event("DELETE", f"{path}/profile/{{field}}", field="gender", **ward)
    yield guardian.event("PUT", f"{path}/age", {"birth_date": _born(12)}, **ward)
    yield guardian.event("PUT", f"{path}/limits", {"purposes": []}, **ward)
    _verified(child, _born(11))
    post = {"text": "新作", "affirmed_others": True}
    made = child.ask("POST", "/v1/posts", post, headers={"Idempotency-Key": secrets.token_hex(8)})
    yield guardian.event("DELETE", f"{path}/posts/{{post_id}}", post_id=made["post_id"], **ward)
    yield guardian.event("GET", f"{path}/cancellation", **ward)
    leaving = newcomer(guardian.town, "13800000014", "模友幼")
    _proved(leaving)
    leaving.ask("POST", "/v1/guardianships/age", {"birth_date": _born(8)})
    invited = leaving.ask("POST", "/v1/guardianships/invitations")
    guardian.ask("POST", "/v1/guardianships", _answer(guardian.town, invited["invitation"], "agree"))
    theirs = {"child_id": leaving.tokens["person_id"]}
    plan = guardian.ask("GET", f"{path}/cancellation", **theirs)
    asked = {"plan_hash": plan["plan_hash"], "receipt": "w" * 43}
    yield guardian.event("POST", f"{path}/cancellation", asked, **theirs)


def _disagreeing(town: Town, child: Caller, other: Caller) -> Generator[Asked, Any, None]:
    invited = child.ask("POST", "/v1/guardianships/invitations")
    other.ask("POST", "/v1/guardianships", _answer(town, invited["invitation"], "refuse"))
    officer, desk = officers[town], "/v1/desk/cases/{case_id}"
    case = child.ask("POST", "/v1/cases", CASE, headers={"Idempotency-Key": secrets.token_hex(8)})["case_id"]
    officer.ask("POST", f"{desk}/take", case_id=case)
    given = approved(officer, "guardians", ["consent_stands"], about=case, by=administrators[town])
    decided = {"outcome": "consent_stands", "approval_id": given}
    yield officer.event("POST", f"{desk}/guardians", decided, case_id=case)
    teen = newcomer(town, "13800000015", "模友少")
    _proved(teen)
    teen.ask("POST", "/v1/guardianships/age", {"birth_date": _born(15)})
    asked = {"Idempotency-Key": secrets.token_hex(8)}
    case = teen.ask("POST", "/v1/cases", CASE, headers=asked)["case_id"]
    officer.ask("POST", f"{desk}/take", case_id=case)
    given = approved(officer, "age", ["teen"], about=case, by=administrators[town])
    yield officer.event("PUT", f"{desk}/age", {"birth_date": _born(16), "approval_id": given}, case_id=case)


def _by_number(town: Town, child: Caller) -> Generator[Asked, Any, None]:
    """Have a guardian without an account agree and withdraw."""
    mobile, invited = "13800000017", child.ask("POST", "/v1/guardianships/invitations")
    said = {**_answer(town, invited["invitation"], "agree"), **_citizen(town, _born(45), mobile)}
    answered = yield event("POST", "/v1/guardianships/answers", {**said, "mobile": mobile, "code": _code(town, mobile)})
    as_if_no_code_went(town, mobile)
    body = {"guardianship_id": answered["guardianship_id"], "mobile": mobile, "code": _code(town, mobile)}
    yield event("POST", "/v1/guardianships/withdrawals", body)
    yield from _claimed(town, child)


def _claimed(town: Town, child: Caller) -> Generator[Asked, Any, None]:
    """Have a guardian agree by number, then open an account with it and take that over."""
    mobile, invited = "13800000018", child.ask("POST", "/v1/guardianships/invitations")
    citizen = _citizen(town, _born(60), mobile)
    said = {**_answer(town, invited["invitation"], "agree"), **citizen}
    by_number = event("POST", "/v1/guardianships/answers", {**said, "mobile": mobile, "code": _code(town, mobile)})
    answered = town.ask(by_number)
    as_if_no_code_went(town, mobile)
    keeper = newcomer(town, mobile, "模友祖")
    keeper.ask("POST", "/v1/consents", answer(town, _VERIFIED))
    _proved(keeper)
    keeper.ask("POST", "/v1/verification/name", {**citizen, "with_mobile": True})
    yield keeper.event("POST", "/v1/guardianships/claims", {"guardianship_id": answered["guardianship_id"]})


def _code(town: Town, mobile: str) -> str:
    town.ask(event("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "guardian"}))
    return str(town.control("GET", f"/sms?mobile=%2B86{mobile}")["code"])


def _proved(*people: Caller) -> None:
    from .people import prove_again

    for who in people:
        prove_again(who)


def _verifying(who: Caller) -> Generator[Asked, Any, None]:
    """Have an identity verified in every way there is."""
    from .people import prove_again

    who.ask("POST", "/v1/consents", answer(who.town, _VERIFIED))
    prove_again(who)
    said = _citizen(who.town, _born(40))
    begun = yield who.event("POST", "/v1/verification/face", said)
    who.town.control("POST", "/identity/faces", {"token": begun["url"].rpartition("/")[2], "passes": True})
    yield who.event("POST", "/v1/verification/face/result")
    yield who.event("GET", "/v1/verification")
    again = newcomer(who.town, "13800000016", "模友姨")
    again.ask("POST", "/v1/consents", answer(who.town, _VERIFIED))
    prove_again(again)
    yield again.event("POST", "/v1/verification/name", _citizen(who.town, _born(39)))


def _verified(who: Caller, born: str, mobile: str = "") -> None:
    """Have an identity verified; one that has this number, together with it."""
    who.ask("POST", "/v1/consents", answer(who.town, _VERIFIED))
    _proved(who)
    who.ask("POST", "/v1/verification/name", {**_citizen(who.town, born, mobile), "with_mobile": bool(mobile)})


def _citizen(town: Town, born: str, mobile: str = "") -> dict[str, str]:
    """Make somebody up whom the authority knows."""
    body = f"110105{born.replace('-', '')}{secrets.randbelow(1000):03d}"
    said = {"name": "王小明", "number": whole_number(body)}
    town.control("POST", "/identity/citizens", {**said, "mobiles": [mobile] if mobile else []})
    return said


def _answer(town: Town, invitation: str, said: str) -> dict[str, Any]:
    return {"invitation": invitation, "answer": said, "notice": answer(town, "minor.child")["notice"]}


def _born(years: int) -> str:
    return f"{datetime.now(UTC).year - years}-01-01"
