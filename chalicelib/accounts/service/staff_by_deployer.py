"""What whoever deploys does for staff: administrators who come from no colleague, and the way back of one."""

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Role
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.staff import INVITED, LEFT, StaffRow, member, reference
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, put_new

from ..contracts.staff import InvitationView, InviteMember, RecordTraining
from ..errors import TrainingAhead
from ..tables import staff as tables
from .staff_enrolment import invited, new_invitation, new_member
from .staff_entrance import login_index
from .staff_members import start_of


def invite_administrator(
    call: Call, command: InviteMember, *, training: RecordTraining | None = None, another: bool = False
) -> InvitationView:
    """Take the first administrator on, or another beside them; both come from whoever deploys, and from no colleague.

    Args:
        call: of the command.
        command: who it is.
        training: when they were trained and passed the exam, where that is so.
        another: there is one already.

    Raises:
        AdministratorExists: there was one, and no other was asked for.
        LastAdministrator: there is none beside whom another could stand.
        UserNameTaken: somebody has it.
        TrainingAhead: a day that is yet to come.
    """
    row, token, writes = new_member(call, command)
    if training is not None:
        row.trained_at, row.exam_at = start_of(training.trained_on), start_of(training.exam_passed_on)
        if max(row.trained_at, row.exam_at) > call.now:
            raise TrainingAhead
    counted = tables.count_administrators(1) if another else [tables.first_administrator()]
    commit(call, [*counted, put_new(row), *writes, _on_record(call, row, "invited")])
    return invited(row, token)


def reset_administrator(call: Call, user_name: str, *, training: RecordTraining | None = None) -> InvitationView:
    """Give an administrator who lost a way in another invitation: factors and sessions end, waits are over.

    Keeps: K4.3

    Raises:
        NotFound: no administrator has that name.
        TrainingAhead: a day that is yet to come.
    """
    login = get(*tables.login_key(login_index(user_name)))
    row = None if login is None else member(login.person_id)
    if row is None or row.status == LEFT or Role.ADMINISTRATOR not in (row.roles or ()):
        raise NotFound
    token, known_by, until = new_invitation(call, row)
    reset = [
        StaffRow.status.set(INVITED),
        StaffRow.invitation.set(known_by),
        StaffRow.invited_until.set(until),
        StaffRow.session_epoch.set(row.session_epoch + 1),
    ]
    if training is not None:
        days = start_of(training.trained_on), start_of(training.exam_passed_on)
        if max(days) > call.now:
            raise TrainingAhead
        reset += [StaffRow.trained_at.set(days[0]), StaffRow.exam_at.set(days[1])]
    closed = tables.close_way_in(row.login_index)
    commit(call, [tables.change_member(row, reset), closed, _on_record(call, row, "reset")])
    return InvitationView(staff_id=row.sk, invitation=token, expires_at=until)


def _on_record(call: Call, row: StaffRow, verb: str) -> Write:
    return record(call, f"system:member:{verb}", reference=reference(row), actor="system")
