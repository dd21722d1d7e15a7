"""The edge of staff: their log-in, their enrolment, and what administrators do."""

from typing import Any

from chalicelib.foundation.audit.approvals import ApprovalNotOpen, ApprovalRequired, OwnApproval, RelatedApproval
from chalicelib.foundation.kernel.call import Call, Role
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.approvals import ApprovalListView, ApprovalView, AskApproval
from ..contracts.staff import (
    BeginEnrolment,
    ChangeRoles,
    CompleteEnrolment,
    EnrolmentView,
    InvitationView,
    InviteMember,
    LogInStaff,
    MemberListView,
    MemberView,
    OwnMemberView,
    RecordTraining,
    ResetMember,
    StaffTokenView,
)
from ..errors import (
    InvitationInvalid,
    LastAdministrator,
    MemberMoved,
    OwnAccount,
    PasswordWeak,
    StaffLoginFailed,
    TrainingAhead,
    UserNameTaken,
)
from ..service import approving, staff_enrolment, staff_entrance, staff_members

api = Api(__name__)
PURPOSE = "staff.access"
EVERYBODY = tuple(Role)
ADMINISTRATOR = (Role.ADMINISTRATOR,)
_STAFF: dict[str, Any] = {"who": Who.STAFF, "purpose": PURPOSE}
_ALL: dict[str, Any] = {**_STAFF, "roles": EVERYBODY}
_TRAINED: dict[str, Any] = {**_STAFF, "trained": True}
_ADMIN: dict[str, Any] = {**_TRAINED, "roles": ADMINISTRATOR}
_ENDS: dict[str, Any] = {**_STAFF, "roles": ADMINISTRATOR}
"""What takes access away and shows nobody waits for no exam."""


@api.post(
    "/v1/staff/sessions",
    who=Who.GUEST,
    purpose=PURPOSE,
    body=LogInStaff,
    returns=StaffTokenView,
    status=201,
    errors=(StaffLoginFailed,),
    limits=(Limit("staff_log_in", 30, 300),),
)
def log_in_staff(call: Call, body: LogInStaff) -> StaffTokenView:
    """Log in as a member of staff."""
    return staff_entrance.log_in_staff(call, body)


@api.post("/v1/staff/sessions/logout", **_ALL, returns=None, status=204)
def log_out_staff(call: Call) -> None:
    """End the session of staff that asks."""
    staff_entrance.log_out_staff(call)


@api.post(
    "/v1/staff/enrolments",
    who=Who.GUEST,
    purpose=PURPOSE,
    body=BeginEnrolment,
    returns=EnrolmentView,
    status=201,
    errors=(InvitationInvalid,),
    limits=(Limit("enrolment", 20, 300),),
)
def begin_enrolment(call: Call, body: BeginEnrolment) -> EnrolmentView:
    """Make the second factor of whoever holds an invitation."""
    return staff_enrolment.begin_enrolment(call, body)


@api.post(
    "/v1/staff/enrolments/completion",
    who=Who.GUEST,
    purpose=PURPOSE,
    body=CompleteEnrolment,
    returns=None,
    status=204,
    errors=(InvitationInvalid, PasswordWeak),
    limits=(Limit("enrolment", 20, 300),),
)
def complete_enrolment(call: Call, body: CompleteEnrolment) -> None:
    """Choose a password and prove the second factor."""
    staff_enrolment.complete_enrolment(call, body)


@api.get("/v1/staff/me", **_ALL, returns=OwnMemberView)
def show_own_member(call: Call) -> OwnMemberView:
    """Show what we hold about the member of staff who asks."""
    return staff_members.show_own_member(call)


@api.get(
    "/v1/staff/members",
    **_TRAINED,
    returns=MemberListView,
    roles=(Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.AUDITOR),
)
def list_members(call: Call) -> MemberListView:
    """List all members of staff."""
    return staff_members.list_members(call)


@api.post(
    "/v1/staff/members",
    **_ADMIN,
    body=InviteMember,
    returns=InvitationView,
    status=201,
    errors=(UserNameTaken,),
)
def invite_member(call: Call, body: InviteMember) -> InvitationView:
    """Take somebody on; an invitation is shown once, and to guarded roles by a second person's approval."""
    return staff_enrolment.invite_member(call, body)


@api.put(
    "/v1/staff/members/{staff_id}/roles",
    **_ADMIN,
    body=ChangeRoles,
    returns=MemberView,
    errors=(ApprovalRequired, LastAdministrator, MemberMoved),
)
def change_roles(call: Call, staff_id: str, body: ChangeRoles) -> MemberView:
    """Say which roles a member of staff has."""
    return staff_members.change_roles(call, staff_id, body)


@api.put(
    "/v1/staff/members/{staff_id}/training",
    **_TRAINED,
    body=RecordTraining,
    returns=MemberView,
    errors=(OwnAccount, MemberMoved, TrainingAhead),
    roles=(Role.PRIVACY_OFFICER, Role.ADMINISTRATOR),
)
def record_training(call: Call, staff_id: str, body: RecordTraining) -> MemberView:
    """Note when a member of staff was trained and passed the exam."""
    return staff_members.record_training(call, staff_id, body)


@api.post(
    "/v1/staff/members/{staff_id}/reset",
    **_ADMIN,
    body=ResetMember,
    returns=InvitationView,
    errors=(ApprovalRequired, OwnAccount, MemberMoved),
)
def reset_member(call: Call, staff_id: str, body: ResetMember) -> InvitationView:
    """Forget password and second factor of a member of staff, and invite them anew."""
    return staff_members.reset_member(call, staff_id, body)


@api.delete(
    "/v1/staff/members/{staff_id}/sessions",
    **_ENDS,
    returns=None,
    status=204,
    errors=(MemberMoved,),
)
def end_member_sessions(call: Call, staff_id: str) -> None:
    """End all sessions of a member of staff."""
    staff_members.end_member_sessions(call, staff_id)


@api.delete(
    "/v1/staff/members/{staff_id}",
    **_ENDS,
    returns=None,
    status=204,
    errors=(OwnAccount, LastAdministrator, MemberMoved),
)
def leave_member(call: Call, staff_id: str) -> None:
    """Let a member of staff go."""
    staff_members.leave_member(call, staff_id)


@api.post(
    "/v1/staff/approvals",
    **_TRAINED,
    body=AskApproval,
    returns=ApprovalView,
    status=201,
    roles=(Role.CUSTOMER_SERVICE, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR),
)
def ask_approval(call: Call, body: AskApproval) -> ApprovalView:
    """Ask a second person for an approval."""
    return approving.ask_approval(call, body)


@api.get(
    "/v1/staff/approvals",
    **_TRAINED,
    returns=ApprovalListView,
    roles=(Role.PRIVACY_OFFICER, Role.ADMINISTRATOR),
)
def list_approvals(call: Call) -> ApprovalListView:
    """List what waits for an approval."""
    return approving.list_approvals(call)


@api.post(
    "/v1/staff/approvals/{approval_id}/approve",
    **_TRAINED,
    returns=ApprovalView,
    errors=(OwnApproval, RelatedApproval, ApprovalNotOpen),
    roles=(Role.PRIVACY_OFFICER, Role.ADMINISTRATOR),
)
def give_approval(call: Call, approval_id: str) -> ApprovalView:
    """Approve what somebody else asked for."""
    return approving.give_approval(call, approval_id)
