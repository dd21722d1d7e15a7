"""The edge of the desk: what customer service does for a case."""

from typing import Any

from chalicelib.accounts.errors import AgeSettled, CodeInvalid, CodesPaused, NotUnderAge
from chalicelib.accounts.errors.desk import IdentityUnproved
from chalicelib.foundation.audit.approvals import ApprovalRequired
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from chalicelib.foundation.kernel.call import Call, Role
from chalicelib.foundation.kernel.errors import InvalidInput, TooMany
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.cases import (
    CheckByIdentity,
    CheckIdentity,
    DeskCard,
    DeskCaseView,
    DeskQuery,
    IdentityCodeView,
    OpenForCaller,
    SendIdentityCode,
    WriteMessage,
)
from ..contracts.guardians import CorrectAge, DecideGuardians, GuardedView
from ..contracts.holds import FreezeAccount, FreezeForSafety, HoldView, SafetyFreezeView, ThawAccount
from ..contracts.looks import LookView, OpenFields, PersonShown
from ..errors import (
    AlreadyFrozen,
    AlreadyIdentified,
    CaseClosed,
    CaseFull,
    CaseMoved,
    NotAssigned,
    NotFrozen,
    NotIdentified,
)
from ..rules import SERVICE
from ..service import desk, guardians, holds, identity, looks

api = Api(__name__)
PURPOSE = "support.case"
_CASE = "/v1/desk/cases/{case_id}"
_DESK: dict[str, Any] = {"who": Who.STAFF, "roles": SERVICE, "trained": True}
_DECIDED: dict[str, Any] = {
    "who": Who.STAFF,
    "roles": (Role.PRIVACY_OFFICER,),
    "trained": True,
    "purpose": "minor.protection",
}
_OURS: dict[str, Any] = {**_DESK, "purpose": PURPOSE}


@api.get("/v1/desk/cases", **_OURS, query=DeskQuery, returns=Page[DeskCard])
def list_desk(call: Call, asked: DeskQuery) -> Page[DeskCard]:
    """List the cases that are not closed."""
    return desk.list_desk(call, asked)


@api.post(
    "/v1/desk/cases",
    **_OURS,
    body=OpenForCaller,
    returns=DeskCaseView,
    status=201,
)
def open_for_caller(call: Call, body: OpenForCaller) -> DeskCaseView:
    """Open a case for somebody who called."""
    return desk.open_for_caller(call, body)


@api.post(
    f"{_CASE}/take",
    **_OURS,
    returns=DeskCard,
    errors=(CaseClosed, CaseMoved),
)
def take_case(call: Call, case_id: str) -> DeskCard:
    """Look after a case from now on."""
    return desk.take_case(call, case_id)


@api.get(
    _CASE,
    **_OURS,
    returns=DeskCaseView,
    errors=(NotAssigned, CaseClosed, ApprovalRequired),
)
def read_case(call: Call, case_id: str) -> DeskCaseView:
    """Read a case that one looks after."""
    return desk.read_case(call, case_id)


@api.post(
    f"{_CASE}/messages",
    **_OURS,
    body=WriteMessage,
    returns=DeskCaseView,
    status=201,
    errors=(NotAssigned, CaseClosed, CaseFull, CaseMoved, ApprovalRequired),
)
def answer_case(call: Call, case_id: str, body: WriteMessage) -> DeskCaseView:
    """Answer in a case."""
    return desk.answer_case(call, case_id, body)


@api.post(
    f"{_CASE}/close",
    **_OURS,
    returns=DeskCard,
    errors=(NotAssigned, CaseClosed, CaseMoved),
)
def close_case(call: Call, case_id: str) -> DeskCard:
    """Close a case."""
    return desk.close_case(call, case_id)


@api.post(
    f"{_CASE}/identity/codes",
    **_DESK,
    purpose="account.service",
    body=SendIdentityCode,
    returns=IdentityCodeView,
    status=202,
    errors=(
        *(NotAssigned, CaseClosed, AlreadyIdentified, CodesPaused),
        *(ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable),
    ),
    limits=(Limit("identity_codes", 60, 3600),),
)
def send_code_for_case(call: Call, case_id: str, body: SendIdentityCode) -> IdentityCodeView:
    """Send a code to the number that somebody says is their account's."""
    return identity.send_code_for_case(call, case_id, body)


@api.post(
    f"{_CASE}/identity",
    **_OURS,
    body=CheckIdentity,
    returns=DeskCaseView,
    errors=(NotAssigned, CaseClosed, AlreadyIdentified, CodeInvalid, CaseMoved),
)
def check_identity(call: Call, case_id: str, body: CheckIdentity) -> DeskCaseView:
    """Hold the code that was read back against the one that was sent."""
    return identity.check_identity(call, case_id, body)


@api.post(
    f"{_CASE}/identity/verified",
    **_DESK,
    purpose="account.verification",
    body=CheckByIdentity,
    returns=DeskCaseView,
    errors=(
        *(NotAssigned, CaseClosed, AlreadyIdentified, ApprovalRequired),
        *(InvalidInput, TooMany, IdentityUnproved, CaseMoved),
    ),
)
def check_by_identity(call: Call, case_id: str, body: CheckByIdentity) -> DeskCaseView:
    """Hold name and identity number against the verified identity of an account."""
    return identity.check_by_identity(call, case_id, body)


@api.post(
    f"{_CASE}/looks",
    **_OURS,
    body=OpenFields,
    returns=LookView,
    status=201,
    errors=(NotAssigned, CaseClosed, NotIdentified, InvalidInput, ApprovalRequired),
)
def open_fields(call: Call, case_id: str, body: OpenFields) -> LookView:
    """Open fields of the account of a case, for some minutes."""
    return looks.open_fields(call, case_id, body)


@api.get(
    f"{_CASE}/person",
    **_OURS,
    returns=PersonShown,
    errors=(NotAssigned, CaseClosed, NotIdentified, ApprovalRequired),
)
def show_person(call: Call, case_id: str) -> PersonShown:
    """Show whose case it is, masked but for what is open."""
    return looks.show_person(call, case_id)


@api.post(
    f"{_CASE}/freeze",
    **_DESK,
    purpose="account.security",
    body=FreezeAccount,
    returns=HoldView,
    errors=(NotAssigned, CaseClosed, NotIdentified, AlreadyFrozen),
)
def freeze_account(call: Call, case_id: str, body: FreezeAccount) -> HoldView:
    """Freeze the account of a case and end its sessions."""
    return holds.freeze_account(call, case_id, body)


@api.post(
    f"{_CASE}/freeze/unchecked",
    **_DESK,
    purpose="account.security",
    body=FreezeForSafety,
    returns=SafetyFreezeView,
    status=202,
    errors=(NotAssigned, CaseClosed, TooMany),
)
def freeze_for_safety(call: Call, case_id: str, body: FreezeForSafety) -> SafetyFreezeView:
    """Freeze an account for its owner's sake, without knowing who asks."""
    return holds.freeze_for_safety(call, case_id, body)


@api.post(
    f"{_CASE}/thaw",
    who=Who.STAFF,
    purpose="account.security",
    body=ThawAccount,
    returns=HoldView,
    errors=(NotAssigned, CaseClosed, NotIdentified, NotFrozen),
    roles=(Role.PRIVACY_OFFICER,),
    trained=True,
)
def thaw_account(call: Call, case_id: str, body: ThawAccount) -> HoldView:
    """Let the frozen account of a case go."""
    return holds.thaw_account(call, case_id, body)


@api.post(
    f"{_CASE}/guardians",
    **_DECIDED,
    body=DecideGuardians,
    returns=GuardedView,
    errors=(NotAssigned, CaseClosed, NotIdentified, NotUnderAge, ApprovalRequired),
)
def decide_guardians(call: Call, case_id: str, body: DecideGuardians) -> GuardedView:
    """Decide between guardians who disagree."""
    return guardians.decide_guardians(call, case_id, body)


@api.put(
    f"{_CASE}/age",
    **_DECIDED,
    body=CorrectAge,
    returns=GuardedView,
    errors=(NotAssigned, CaseClosed, NotIdentified, InvalidInput, AgeSettled, ApprovalRequired),
)
def correct_age(call: Call, case_id: str, body: CorrectAge) -> GuardedView:
    """Put somebody's age right, on proof that was seen."""
    return guardians.correct_age(call, case_id, body)
