"""Coming in as a member of staff: password and second factor, counted before they are compared."""

from typing import Final, cast

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.rows import ACTIVE
from chalicelib.foundation.standing.staff import (
    IDLE,
    SESSION,
    SESSION_LIFE,
    StaffRow,
    StaffSessionRow,
    member,
    reference,
)
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.foundation.web.staff import mint

from ..contracts.staff import LogInStaff, StaffTokenView
from ..errors import StaffLoginFailed
from ..rules.staff import STAFF_TRIES, matching_step, staff_may_try_again
from ..tables import staff as tables
from ..tables.staff import StaffLoginRow
from .passwords import NOBODY, counted, is_right

_NOBODY_ID: Final = "stf_" + "a" * 26


def login_index(user_name: str) -> str:
    """Give the blind index of a working user name."""
    return blind("staff_login", user_name)


def log_in_staff(call: Call, command: LogInStaff) -> StaffTokenView:
    """Begin a session of staff.

    Keeps: K4.3

    Raises:
        StaffLoginFailed: whatever it was; it does not say.
    """
    try:
        return _begin(call, command)
    except StaffLoginFailed:
        log.event(log.Event.STAFF_REFUSED, request_id=call.request_id)
        raise


def log_out_staff(call: Call) -> None:
    """End the session that asks."""
    who = call.officer
    ended = record(call, "staff:session:ended", reference=who.ref, actor="staff")
    commit(call, [tables.drop_session(who), ended])


def _begin(call: Call, command: LogInStaff) -> StaffTokenView:
    login = count_try(call, login_index(command.user_name))
    row = member(login.person_id if login else _NOBODY_ID)
    password, secret = _secrets(login)
    known = is_right(password, command.password)
    step = matching_step(secret, command.code, call.now)
    if login is None or row is None or not known or step is None or row.status != ACTIVE:
        raise StaffLoginFailed
    session_id = new_id("sst")
    token, digest = mint("staff_session", row.sk, session_id)
    begun = record(call, "staff:session:begun", reference=reference(row), subject_id=session_id, actor="staff")
    session = _session(call, row, session_id=session_id, digest=digest)
    commit(call, [tables.use_step(login, step), tables.still_active(row), put_new(session), begun])
    return StaffTokenView(
        staff_id=row.sk,
        access_token=token,
        idle_after_s=int(IDLE.total_seconds()),
        ends_at=call.now + SESSION_LIFE,
    )


def count_try(call: Call, index: str) -> StaffLoginRow | None:
    """Count a try; None where there is no such way in, or its tries are used up for now."""

    def again(seen: StaffLoginRow) -> Write | None:
        over = staff_may_try_again(seen.tried_at, seen.rounds, call.now)
        return tables.next_staff_round(index, seen, call.now) if over else None

    return cast("StaffLoginRow | None", counted(tables.count_staff_try(index, call.now, STAFF_TRIES), again))


def _secrets(login: StaffLoginRow | None) -> tuple[str, str]:
    """Open digest and second factor; where there are none, give some that fit nobody, after the same calls."""
    import pyotp

    nobodys = NOBODY, pyotp.random_base32()
    if login is None or login.password is None or login.totp is None:
        keyring.fetch((_NOBODY_ID,))
        return nobodys
    try:
        return login.password.reveal(), login.totp.reveal()
    except KeyDestroyed:
        return nobodys


def _session(call: Call, row: StaffRow, *, session_id: str, digest: str) -> StaffSessionRow:
    return StaffSessionRow(
        pk=session_id,
        sk=SESSION,
        person_id=row.sk,
        epoch=row.epoch,
        session_epoch=row.session_epoch,
        token_digest=digest,
        begun_at=call.now,
        used_at=call.now,
        expires_at=call.now + SESSION_LIFE,
    )
