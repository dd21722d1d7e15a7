"""What becomes of members of staff: roles, training, a new second factor, ended sessions, leaving; all on record."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, cast

from chalicelib.foundation.audit import approvals
from chalicelib.foundation.kernel.call import Call, Role
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import FieldError, NotFound
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.staff import INVITED, LEFT, SESSION_LIFE, StaffRow, is_trained, member
from chalicelib.foundation.store.outbox import shard
from chalicelib.foundation.vault import keyring

from ..contracts.staff import (
    ChangeRoles,
    InvitationView,
    MemberListView,
    MemberStatus,
    MemberView,
    OwnMemberView,
    RecordTraining,
    ResetMember,
    StaffSessionView,
)
from ..errors import OwnAccount, TrainingAhead
from ..rules.staff import administrators_change, is_guarded, tied_to
from ..tables import staff as tables
from .staff_enrolment import act, new_invitation

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


def show_own_member(call: Call) -> OwnMemberView:
    """Show a member of staff what we hold about them."""
    row = _member(call.officer.staff_id)
    sessions = [one for one in tables.sessions_of_member(row.sk) if one.session_epoch == row.session_epoch]
    return OwnMemberView(
        member=_view(row, call.now),
        sessions=[
            StaffSessionView(
                begun_at=one.begun_at,
                used_at=one.used_at,
                ends_at=one.begun_at + SESSION_LIFE,
                current=one.pk == call.officer.session_id,
            )
            for one in sorted(sessions, key=lambda one: one.begun_at, reverse=True)
            if one.expires_at > call.now
        ],
    )


def list_members(call: Call) -> MemberListView:
    """List all members of staff."""
    rows = tables.directory()
    keyring.fetch(row.name.key_id for row in rows)
    return MemberListView(data=[_view(row, call.now) for row in rows])


def change_roles(call: Call, staff_id: str, command: ChangeRoles) -> MemberView:
    """Say which roles somebody has from now on; it bites at their next request.

    Keeps: K4.6

    Raises:
        NotFound: nobody there, or they have left.
        ApprovalRequired: they are the caller's own, or a new one comes to people's data or to staff, and no
            second person has approved exactly these.
        LastAdministrator: there would be none left.
    """
    row, approved = _there(staff_id), []
    after = {str(role) for role in command.roles}
    own, widened = staff_id == call.officer.staff_id, is_guarded(after - set(row.roles or ()))
    if own or widened:
        about = "" if own else staff_id
        approved = approvals.use(call, command.approval_id, "roles", what=after, subject_id=about)
    administrators = tables.count_administrators(administrators_change(row.roles or (), after))
    actions: list[Action] = [StaffRow.roles.set(after)]
    if widened and not own:
        actions.append(_invited_by(call, row))
    changed = tables.change_member(row, actions)
    commit(call, [changed, *approved, *administrators, *act(call, row, "roles_changed")])
    return _view(_member(staff_id), call.now)


def record_training(call: Call, staff_id: str, command: RecordTraining) -> MemberView:
    """Note training and exam; without both, and current, personal data stay closed.

    Keeps: K7.1

    Raises:
        TrainingAhead: a day that is yet to come.
        NotFound: nobody there, or they have left.
        OwnAccount: nobody notes their own.
    """
    row = _other(call, staff_id)
    days = {"trained_on": command.trained_on, "exam_passed_on": command.exam_passed_on}
    if wrong := [FieldError(f"/{name}", "range") for name, day in days.items() if start_of(day) > call.now]:
        raise TrainingAhead(tuple(wrong))
    noted = [
        StaffRow.trained_at.set(start_of(command.trained_on)),
        StaffRow.exam_at.set(start_of(command.exam_passed_on)),
        StaffRow.trained_by.set(tied_to(row.trained_by, call.officer.ref, call.now)),
    ]
    commit(call, [tables.change_member(row, noted), *act(call, row, "trained")])
    return _view(_member(staff_id), call.now)


def reset_member(call: Call, staff_id: str, command: ResetMember) -> InvitationView:
    """Forget somebody's password and second factor, end their sessions, and invite them anew.

    Whoever holds the invitation could use it themselves, so for roles that come to people's data or to staff it takes
    two, and whoever held it may not approve for its guest for a while.

    Keeps: K7.4

    Raises:
        ApprovalRequired: no second person has approved it, where their roles ask for that.
        NotFound: nobody there, or they have left.
        OwnAccount: not oneself.
    """
    row, approved = _other(call, staff_id), []
    if is_guarded(row.roles or ()):
        approved = approvals.use(call, command.approval_id, "invitation", what=row.roles or (), subject_id=staff_id)
    token, known_by, until = new_invitation(call, row)
    reset = [
        StaffRow.status.set(INVITED),
        StaffRow.invitation.set(known_by),
        StaffRow.invited_until.set(until),
        _invited_by(call, row),
        StaffRow.session_epoch.set(row.session_epoch + 1),
    ]
    closed = tables.close_way_in(row.login_index)
    commit(call, [tables.change_member(row, reset), closed, *approved, *act(call, row, "reset")])
    return InvitationView(staff_id=staff_id, invitation=token, expires_at=until)


def end_member_sessions(call: Call, staff_id: str) -> None:
    """End all sessions of somebody, at once.

    Raises:
        NotFound: nobody there, or they have left.
    """
    row = _there(staff_id)
    ended = tables.change_member(row, [StaffRow.session_epoch.set(row.session_epoch + 1)])
    commit(call, [ended, *act(call, row, "sessions_ended")])


def leave_member(call: Call, staff_id: str) -> None:
    """Let somebody go: no way in, no sessions, no roles; who they were stays for its years, then goes with its key.

    Raises:
        NotFound: nobody there, or they have left.
        OwnAccount: not oneself.
        LastAdministrator: there would be none left.
    """
    row = _other(call, staff_id)
    left = [
        StaffRow.status.set(LEFT),
        StaffRow.roles.remove(),
        StaffRow.invitation.remove(),
        StaffRow.session_epoch.set(row.session_epoch + 1),
        StaffRow.left_at.set(call.now),
        StaffRow.due_shard.set(shard(staff_id)),
        StaffRow.due_at.set(end_of(_period(), call.now)),
    ]
    closed = tables.close_way_in(row.login_index)
    administrators = tables.count_administrators(administrators_change(row.roles or (), ()))
    commit(call, [tables.change_member(row, left), closed, *administrators, *act(call, row, "left")])


def end_old_members(call: Call, deadline: Deadline) -> int:
    """Delete members of staff who left so long ago that nothing is asked of them any more, with key and way in.

    Keeps: K1.2
    """
    count = 0
    for row in tables.gone(call.now):
        if deadline.passed():
            break
        commit(call, tables.forget_member(row))
        count += 1
    return count


def _invited_by(call: Call, row: StaffRow) -> "Action":
    return StaffRow.invited_by.set(tied_to(row.invited_by, call.officer.ref, call.now))


def _member(staff_id: str) -> StaffRow:
    row = member(staff_id)
    if row is None:
        raise NotFound
    return row


def _there(staff_id: str) -> StaffRow:
    row = _member(staff_id)
    if row.status == LEFT:
        raise NotFound
    return row


def _other(call: Call, staff_id: str) -> StaffRow:
    row = _there(staff_id)
    if staff_id == call.officer.staff_id:
        raise OwnAccount
    return row


def _view(row: StaffRow, now: datetime) -> MemberView:
    return MemberView(
        staff_id=row.sk,
        user_name=row.user_name.reveal(),
        name=row.name.reveal(),
        status=cast("MemberStatus", row.status),
        roles=_sorted(row.roles or ()),
        trained_on=row.trained_at.date() if row.trained_at else None,
        exam_passed_on=row.exam_at.date() if row.exam_at else None,
        trained=is_trained(row, now),
        made_at=row.made_at,
        left_at=row.left_at,
    )


def _sorted(roles: Iterable[str]) -> list[Role]:
    return [role for role in Role if role in set(roles)]


def start_of(day: date) -> datetime:
    """Give the moment at which a day begins."""
    return datetime.combine(day, time(), tzinfo=UTC)


def _period() -> str:
    return lookup.retention(lookup.item("staff.name").retention).period
