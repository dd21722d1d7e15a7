"""A chapter of the bench's story: whoever lost the phone is known otherwise, and has customer service act for them."""

import secrets
from collections.abc import Generator
from typing import Any

from ..local.counterparties.authority import whole_number
from .events import event
from .people import PASSWORD, answer, newcomer, prove_again
from .staffing import CASE, clerks, officers
from .town import Caller, Town

LOST, STOLEN = "13800000041", "13800000042"
_DESK, _BEHALF = "/v1/desk/cases/{case_id}", "/v1/on-behalf/{case_id}"
_WISH = {"wish": "请帮我办理"}


def spoken_for(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Freeze for safety, check by identity, and use each right in somebody's name."""
    town = ann.town
    clerk, known = clerks[town], {"name": "王小明", "number": whole_number("11010519900307001")}
    _verified(town, known)
    newcomer(town, STOLEN, "模友窃")
    case = clerk.ask("POST", "/v1/desk/cases", CASE)["case_id"]
    stolen = {"account": STOLEN, "ground": "taken_over"}
    yield clerk.event("POST", f"{_DESK}/freeze/unchecked", stolen, case_id=case)
    approved = _approved(town, case, action="identity", what=["verification.name", "verification.number"])
    said = {"account": LOST, **known, "approval_id": approved}
    yield clerk.event("POST", f"{_DESK}/identity/verified", said, case_id=case)
    begun = yield clerk.event("POST", f"{_BEHALF}/copy", _WISH, case_id=case)
    town.pump(exports="rights.export_copy")
    fetched = {"request_id": begun["request_id"], "login": LOST, "password": PASSWORD}
    yield event("POST", "/v1/handovers", fetched)
    yield clerk.event("PUT", f"{_BEHALF}/profile", {**_WISH, "remove": "residence"}, case_id=case)
    purpose = {**_WISH, "purpose": "account.verification"}
    yield clerk.event("POST", f"{_BEHALF}/withdrawals", purpose, case_id=case)
    town.pump(notices="notifications.deliver_notice", withdrawals="accounts.apply_withdrawal")
    told = yield clerk.event("POST", f"{_BEHALF}/cancellation/preview", _WISH, case_id=case)
    leaving = {
        **_WISH,
        "plan_hash": told["plan_hash"],
        "receipt": secrets.token_urlsafe(32),
        "approval_id": _approved(town, case, action="right", what=["cancel"]),
    }
    yield clerk.event("POST", f"{_BEHALF}/cancellation", leaving, case_id=case)
    town.pump(erasures="rights.erase_person")


def _verified(town: Town, known: dict[str, str]) -> None:
    """Open an account whose identity is verified."""
    who = newcomer(town, LOST, "模友遗")
    prove_again(who)
    town.control("POST", "/identity/citizens", {**known, "mobiles": [LOST]})
    who.ask("POST", "/v1/consents", answer(town, "account.verification"))
    who.ask("POST", "/v1/verification/name", known)


def _approved(town: Town, case_id: str, *, action: str, what: list[str]) -> str:
    """Have the officer approve what the clerk asks for."""
    asked = {"action": action, "what": what, "subject_id": case_id}
    approval_id = str(clerks[town].ask("POST", "/v1/staff/approvals", asked)["approval_id"])
    officers[town].ask("POST", "/v1/staff/approvals/{approval_id}/approve", approval_id=approval_id)
    return approval_id
