"""Wire shapes of staff: their log-in, their enrolment, and what administrators do."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.shapes import Command, View

StaffUserName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9]{2,31}$", max_length=32)]
StaffName = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
StaffPassword = Annotated[str, msgspec.Meta(min_length=12, max_length=128)]
TotpText = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", max_length=6, description="Code of the second factor.")]
Roles = Annotated[list[Role], msgspec.Meta(min_length=1, max_length=6)]
InvitationText = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
ApprovalId = Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)]
MemberStatus = Literal["invited", "active", "left"]


class LogInStaff(Command):
    """Log in as a member of staff: password and second factor together."""

    user_name: StaffUserName
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: TotpText


class BeginEnrolment(Command):
    """Show an invitation."""

    invitation: InvitationText


class CompleteEnrolment(Command):
    """Choose a password, and prove the second factor."""

    invitation: InvitationText
    password: StaffPassword
    code: TotpText


class InviteMember(Command):
    """Take somebody on."""

    user_name: StaffUserName
    name: StaffName
    roles: Roles


class ChangeRoles(Command):
    """Say which roles a member of staff has from now on.

    One's own, and any that is new and `administrator`, `privacy_officer` or `customer_service`, need a second person's
    approval (`roles`).
    """

    roles: Roles
    approval_id: ApprovalId = ""


class ResetMember(Command):
    """Hand out an invitation in place of whatever way in there was.

    Administrators, privacy officers and customer service need a second person's approval (`invitation`).
    """

    approval_id: ApprovalId = ""


class RecordTraining(Command):
    """Say when a member of staff was trained, and when they passed the exam."""

    trained_on: date
    exam_passed_on: date


class StaffTokenView(View):
    """A session of staff: it ends when it was not used for `idle_after_s`, and at `ends_at` in any case."""

    staff_id: str
    access_token: str
    idle_after_s: int
    ends_at: datetime
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class EnrolmentView(View):
    """The secret of the second factor, as text and as what an authenticator scans."""

    secret: str
    uri: str


class InvitationView(View):
    """What a new member of staff is handed, once, by whoever took them on.

    Null where their roles need a second person's approval first: then a reset gives it.
    """

    staff_id: str
    invitation: str | None
    expires_at: datetime | None


class MemberView(View):
    """A member of staff. `trained` says whether personal data are open to them."""

    staff_id: str
    user_name: str
    name: str
    status: MemberStatus
    roles: list[Role]
    trained_on: date | None
    exam_passed_on: date | None
    trained: bool
    made_at: datetime
    left_at: datetime | None


class MemberListView(View):
    """All members of staff."""

    data: list[MemberView]


class StaffSessionView(View):
    """One log-in of a member of staff."""

    begun_at: datetime
    used_at: datetime
    ends_at: datetime
    current: bool


class OwnMemberView(View):
    """What we hold about the member of staff who asks."""

    member: MemberView
    sessions: list[StaffSessionView]
