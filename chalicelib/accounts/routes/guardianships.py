"""The edge of age and guardians: one's own age, whom one invites, and what a guardian answers."""

from typing import Any

from chalicelib.consent.errors import NoticeNotCurrent, NoticeUnsuited, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways.errors import IdentityLimited, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, NotFound, TooMany
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.guardians import (
    AgeView,
    AnswerAsGuardian,
    AnswerByNumber,
    ClaimWard,
    DeclareAge,
    DeclareChild,
    InvitationView,
    WardListView,
    WardView,
    WithdrawByNumber,
)
from ..errors import (
    AgeSettled,
    CodeInvalid,
    GuardianNotVerified,
    InvitationOver,
    NotUnderAge,
    TooManyGuardians,
)
from ..service import ages, guardians, guardians_by_number, waiting

api = Api(__name__)
_OWN: dict[str, Any] = {"who": Who.PERSON, "purpose": "minor.protection"}


@api.get("/v1/guardianships/age", **_OWN, returns=AgeView)
def show_age(call: Call) -> AgeView:
    """Show what is known of the caller's age, and how guardians answered."""
    return ages.show_age(call)


@api.post(
    "/v1/guardianships/age",
    **_OWN,
    body=DeclareAge,
    returns=AgeView,
    errors=(InvalidInput, NotUnderAge, AgeSettled),
    recent=True,
    limits=(Limit("age", 10, 86400, per="person"),),
)
def declare_age(call: Call, body: DeclareAge) -> AgeView:
    """Say that one is under 18."""
    return ages.declare_age(call, body)


@api.post(
    "/v1/guardianships/invitations",
    **_OWN,
    returns=InvitationView,
    status=201,
    errors=(NotUnderAge,),
    recent=True,
    limits=(Limit("guardian_invitations", 10, 86400, per="person"),),
)
def invite_guardian(call: Call) -> InvitationView:
    """Make what one hands to a guardian."""
    return guardians.invite_guardian(call)


@api.post(
    "/v1/guardianships/children",
    who=Who.GUEST,
    purpose="minor.protection",
    body=DeclareChild,
    returns=InvitationView,
    status=201,
    errors=(InvalidInput, CodeInvalid, NotUnderAge),
    limits=(Limit("child_declarations", 20, 3600),),
)
def declare_child(call: Call, body: DeclareChild) -> InvitationView:
    """Say that one is under 14, before there is an account, and get what to hand to a guardian."""
    return waiting.declare_child(call, body)


@api.get("/v1/guardianships", **_OWN, returns=WardListView)
def list_wards(call: Call) -> WardListView:
    """List those whom the caller answers for."""
    return guardians.list_wards(call)


@api.post(
    "/v1/guardianships",
    **_OWN,
    body=AnswerAsGuardian,
    returns=WardView,
    errors=(
        *(GuardianNotVerified, InvitationOver, NotUnderAge, TooManyGuardians),
        *(NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible),
    ),
    recent=True,
    on_record=True,
    limits=(Limit("guardian_answers", 30, 86400, per="person"),),
)
def answer_as_guardian(call: Call, body: AnswerAsGuardian) -> WardView:
    """Agree as a guardian, or refuse."""
    return guardians.answer_as_guardian(call, body)


@api.post(
    "/v1/guardianships/answers",
    who=Who.GUEST,
    purpose="minor.guardian_check",
    body=AnswerByNumber,
    returns=WardView,
    errors=(
        *(InvalidInput, CodeInvalid, GuardianNotVerified, InvitationOver, NotUnderAge, TooManyGuardians),
        *(NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible),
        *(IdentityLimited, ProviderRefused, ProviderUnavailable, TooMany),
    ),
    on_record=True,
    limits=(Limit("answers_by_number", 20, 3600),),
)
def answer_by_number(call: Call, body: AnswerByNumber) -> WardView:
    """Agree as a guardian without an account, or refuse."""
    return guardians_by_number.answer_by_number(call, body)


@api.post(
    "/v1/guardianships/withdrawals",
    who=Who.GUEST,
    purpose="minor.protection",
    body=WithdrawByNumber,
    returns=WardView,
    errors=(InvalidInput, CodeInvalid, NotFound, NotUnderAge),
    on_record=True,
    limits=(Limit("withdrawals_by_number", 20, 3600),),
)
def withdraw_by_number(call: Call, body: WithdrawByNumber) -> WardView:
    """Withdraw what one agreed to as a guardian without an account."""
    return guardians_by_number.withdraw_by_number(call, body)


@api.post(
    "/v1/guardianships/claims",
    **_OWN,
    body=ClaimWard,
    returns=WardView,
    errors=(GuardianNotVerified, NotFound, TooManyGuardians),
    recent=True,
    on_record=True,
    with_key=True,
    limits=(Limit("guardian_claims", 20, 86400, per="person"),),
)
def claim_ward(call: Call, body: ClaimWard) -> WardView:
    """Take over, into one's account, what one agreed to by its number before there was one."""
    return guardians_by_number.claim_ward(call, body)


@api.delete(
    "/v1/guardianships/{child_id}",
    **_OWN,
    returns=WardView,
    on_record=True,
)
def withdraw_as_guardian(call: Call, child_id: str) -> WardView:
    """Withdraw what one agreed to as a guardian."""
    return guardians.withdraw_as_guardian(call, child_id)
