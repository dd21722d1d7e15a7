"""How a recovery ends: stopped by its owner, finished after the wait, or over."""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.standing.access import commit, next_session_epoch, person_of, still_there, thaw
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.write import ConditionFailed, Write

from ..contracts.recovery import FinishRecovery, StopRecovery
from ..errors import CodeInvalid, PasswordWeak
from ..rules.numbers import mobile_of
from ..rules.passwords import password_of
from ..rules.recovery import may_finish
from ..tables import recovery as tables
from ..tables.codes import CodeRow, use_code
from ..tables.logins import LoginRow, name_door, replace_password, still_leads
from ..tables.profile import ProfileRow
from ..tables.recovery import RecoveryRow
from . import devices, sessions
from .bindings import cut_all
from .by_code import holder_of
from .codes import give_back, mobile_index, prove_code
from .mailing import order_mail
from .moving import Move, moved, tell_old_number
from .passwords import digest_of, name_index
from .recovery import CODE, LEGAL_GROUND, Account, account_at, door_of

STOP_CODE = "stop_recovery"
_MOST_CLEARED = 60
"""Rows of sessions cleared along with it: there is more to write here than where a password changes."""


def stop_own(call: Call) -> None:
    """Stop a recovery of the caller's account, if one waits.

    Keeps: B6.4
    """
    row = tables.recovery_of(call.who.person_id)
    if row is not None:
        commit(call, _stopped(call, row))


def stop_by_code(call: Call, command: StopRecovery) -> None:
    """Stop a recovery, if one waits, by a code to the number that the account has.

    Keeps: B6.4, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: wrong, or no account has this number.
    """
    found = holder_of(call, STOP_CODE, mobile_of(command.mobile), code=command.code)
    who = person_of(found.standing)
    row = tables.recovery_of(who.person_id)
    call = msgspec.structs.replace(call, person=who)
    used = [use_code(found.code, CodeInvalid), still_leads(found.door, found.login, CodeInvalid)]
    stopped = [] if row is None else _stopped(call, row)
    commit(call, [*used, *stopped, still_there(who, otherwise=CodeInvalid)], legal_ground=LEGAL_GROUND)


def finish_recovery(call: Call, command: FinishRecovery) -> None:
    """Give the account to whoever waited and proves the new number once more, under a new password.

    The number moves, every session ends, every binding is cut, and a freeze of the owner's own, made before the
    recovery was asked for, is lifted. Nothing is told apart before the wait is over.

    Keeps: B6.1, B6.5, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China.
        PasswordWeak: against the rules; the code is not used up.
        CodeInvalid: the new number is not proved.
        NotFound: nothing can be finished: unknown, not due, stopped, disputed, over, or the account may not be used.
        MobileTaken: the new number has an account.
    """
    mobile = mobile_of(command.mobile)
    password_of(command.new_password, user_name="", mobile=mobile, pointer="/new_password")
    index = mobile_index(mobile)
    code = prove_code(call, CODE, index, code=command.code)
    found = account_at(door_of(command.account))
    theirs = _due(call, found, index)
    call = msgspec.structs.replace(call, person=theirs.who)
    writes, move = _given_back(call, theirs, code, to=mobile, password=command.new_password)
    commit(call, writes, legal_ground=LEGAL_GROUND)
    tell_old_number(move)


def end_old_recoveries(call: Call, deadline: Deadline) -> int:
    """Delete recoveries that nobody finished in time; gives how many.

    Keeps: B6.2, K1.2
    """
    ended = 0
    for pk, _ in due("people", call.now, frozenset({tables.RECOVERY})):
        if deadline.passed():
            break
        try:
            commit(call, [tables.drop_over(pk, call.now)], legal_ground="retention")
        except ConditionFailed:
            continue
        ended += 1
    return ended


class _Due(msgspec.Struct, frozen=True):
    """A recovery that may be finished, and the account as it was read."""

    who: Person
    standing: StandingRow
    login: LoginRow
    profile: ProfileRow
    recovery: RecoveryRow


def _due(call: Call, found: Account, index: str) -> _Due:
    """Find what may be finished by this number now.

    Raises:
        NotFound: nothing may.
    """
    who, standing, login = found.who, found.standing, found.login
    row, profile = found.held.recovery, found.held.profile
    if who is None or standing is None or login is None or row is None or profile is None:
        raise NotFound
    if row.epoch != who.epoch or not may_finish(row.waiting(), standing.session_epoch, call.now, mobile_index=index):
        raise NotFound
    return _Due(who, standing, login, profile, row)


def _given_back(call: Call, due: _Due, code: CodeRow, *, to: str, password: str) -> tuple[list[Write], Move]:
    """Give all that passes or fails at once; a code that a weak password wastes is given back."""
    user_name = due.profile.user_name.reveal()
    try:
        new = password_of(password, user_name=user_name, mobile=to, pointer="/new_password")
    except PasswordWeak:
        give_back(code)
        raise
    sealed = LoginRow.password.seal(due.who.keys, digest_of(new))
    move = moved(call, due.who, due.profile, to=to, password=sealed)
    writes = [
        use_code(code, CodeInvalid),
        tables.end_recovery(due.recovery, Busy(retry_after_s=1)),
        *move.writes,
        replace_password(name_door(name_index(user_name)), due.login, sealed),
        _ended(due.who, due.standing),
        *devices.cleared(due.who.person_id)[:_MOST_CLEARED],
        *cut_all(call),
        record(call, "person:recovery:finished", subject_id=due.recovery.reference),
        sessions.notice(call, due.who, "recovered", session_id=""),
        order_mail(call, "recovered"),
    ]
    return writes, move


def _ended(who: Person, standing: StandingRow) -> Write:
    """End every session; of an account that its owner froze, the freeze has done it, and ends with this."""
    if standing.status == FROZEN:
        return thaw(standing, otherwise=Busy)
    return next_session_epoch(who, standing, otherwise=Busy)


def _stopped(call: Call, row: RecoveryRow) -> list[Write]:
    return [
        tables.end_recovery(row, Busy(retry_after_s=1)),
        record(call, "person:recovery:stopped", subject_id=row.reference),
        sessions.notice(call, call.who, "recovery_stopped", session_id=call.who.session_id),
    ]
