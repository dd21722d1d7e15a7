"""Ways in of staff and the directory, with every query and condition on them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...foundation.kernel.call import Staff
from ...foundation.kernel.errors import Failure
from ...foundation.standing.rows import ACTIVE
from ...foundation.standing.staff import DIRECTORY, SESSION, StaffRow, StaffSessionRow
from ...foundation.store import planner
from ...foundation.store.attributes import Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, GUARD_RANK, KEY, STATE, TIME, OnMerge, Personal, Technical
from ...foundation.store.due import due
from ...foundation.store.keys import destroy_key
from ...foundation.store.row import Row, get, query
from ...foundation.store.write import Write, check, delete, put_new, update
from ...foundation.vault.sealed import Sealed as SealedValue
from ..errors import AdministratorExists, LastAdministrator, MemberMoved, StaffLoginFailed

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

LOGIN = "LOGIN"
ADMINISTRATORS = "ADMINISTRATORS"


class StaffLoginRow(Row, table="people", kind="staff_login"):
    """The way in of a member of staff; its key is unique, so it is also the guard of the user name.

    `used_step` is the last step of the second factor's clock whose code was used: no code works twice.
    """

    on_merge = OnMerge.APART

    erase_rank = GUARD_RANK

    pk = Text(Personal("staff.login_index"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("staff.id"))
    epoch = Integer(EPOCH)
    password = Sealed(Personal("staff.secret"), null=True)
    totp = Sealed(Personal("staff.secret"), null=True)
    used_step = Integer(STATE)
    attempts = Integer(STATE)
    rounds = Integer(STATE)
    tried_at = Instant(TIME)


class AdministratorsRow(Row, table="people", kind="administrators"):
    """How many administrators there are: never none again, once there was one."""

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    number = Integer(Technical("a count"))


def login_key(index: str) -> tuple[type[StaffLoginRow], str, str]:
    """Give the key of a way in."""
    return StaffLoginRow, f"STAFF_LOGIN#{index}", LOGIN


def administrators_key() -> tuple[type[AdministratorsRow], str, str]:
    """Give the key of the count of administrators."""
    return AdministratorsRow, DIRECTORY, ADMINISTRATORS


def directory() -> list[StaffRow]:
    """Read all members of staff."""
    rows, more = query(StaffRow, DIRECTORY, StaffRow.sk.startswith("stf_"), strong=True)
    while more is not None:
        page, more = query(StaffRow, DIRECTORY, StaffRow.sk.startswith("stf_"), strong=True, after=more)
        rows += page
    return rows


def sessions_of_member(staff_id: str) -> list[StaffSessionRow]:
    """Read the sessions of a member of staff."""
    found = planner.read(planner.traverse(staff_id, [StaffSessionRow]))
    return [row for row in found if isinstance(row, StaffSessionRow)]


def count_staff_try(index: str, now: datetime, most: int) -> Write:
    """Count a try on a way in that has tries left in this round."""
    actions = [StaffLoginRow.attempts.add(1), StaffLoginRow.tried_at.set(now)]
    return update(login_key(index), actions, StaffLoginRow.attempts < most)


def next_staff_round(index: str, seen: StaffLoginRow, now: datetime) -> Write:
    """Begin another round of tries after a wait; one of several callers wins."""
    actions = [StaffLoginRow.attempts.set(1), StaffLoginRow.rounds.add(1), StaffLoginRow.tried_at.set(now)]
    unchanged = (StaffLoginRow.attempts == seen.attempts) & (StaffLoginRow.rounds == seen.rounds)
    return update(login_key(index), actions, unchanged)


def use_step(seen: StaffLoginRow, step: int) -> Write:
    """Use a code of the second factor up and forget failures, while password and factor are those compared."""
    actions = [StaffLoginRow.used_step.set(step), StaffLoginRow.attempts.set(0), StaffLoginRow.rounds.set(0)]
    same = (StaffLoginRow.password == seen.password) & (StaffLoginRow.totp == seen.totp)
    return update(seen, actions, same & (StaffLoginRow.used_step < step), otherwise=StaffLoginFailed)


def offer_factor(seen: StaffLoginRow, secret: SealedValue) -> Write:
    """Keep a new second factor, which counts from when it is proved; where a password stands there is none to offer."""
    return update(seen, [StaffLoginRow.totp.set(secret)], StaffLoginRow.password.does_not_exist())


def open_way_in(seen: StaffLoginRow, password: SealedValue, *, step: int, otherwise: type[Failure]) -> Write:
    """Set the password, once the second factor is proved."""
    actions: list[Action] = [
        StaffLoginRow.password.set(password),
        StaffLoginRow.used_step.set(step),
        StaffLoginRow.attempts.set(0),
        StaffLoginRow.rounds.set(0),
    ]
    same = StaffLoginRow.password.does_not_exist() & (StaffLoginRow.totp == seen.totp)
    return update(seen, actions, same & (StaffLoginRow.used_step < step), otherwise=otherwise)


def close_way_in(index: str) -> Write:
    """Forget password, second factor and waits; the user name stays taken."""
    actions: list[Action] = [
        StaffLoginRow.password.remove(),
        StaffLoginRow.totp.remove(),
        StaffLoginRow.attempts.set(0),
        StaffLoginRow.rounds.set(0),
    ]
    return update(login_key(index), actions)


def change_member(seen: StaffRow, actions: "Sequence[Action]", *, otherwise: type[Failure] = MemberMoved) -> Write:
    """Change a member of staff, only while they are what was read; whatever they are at is held against the new row."""
    unchanged = (StaffRow.epoch == seen.epoch) & (StaffRow.status == seen.status)
    return update(
        (StaffRow, DIRECTORY, seen.sk), [*actions, StaffRow.epoch.set(seen.epoch + 1)], unchanged, otherwise=otherwise
    )


def still_active(seen: StaffRow) -> Write:
    """Let a transaction pass only while a member of staff is active and what was read."""
    unchanged = (StaffRow.epoch == seen.epoch) & (StaffRow.status == ACTIVE)
    return check((StaffRow, DIRECTORY, seen.sk), unchanged, StaffLoginFailed)


def first_administrator() -> Write:
    """Count the first administrator; there is one first."""
    return put_new(AdministratorsRow(pk=DIRECTORY, sk=ADMINISTRATORS, number=1), AdministratorExists)


def count_administrators(change: int) -> list[Write]:
    """Change the number of administrators; one always stays."""
    if not change:
        return []
    number = AdministratorsRow.number
    return [update(administrators_key(), [number.add(change)], number > max(0, -change), otherwise=LastAdministrator)]


def drop_session(who: Staff) -> Write:
    """End the session that asks."""
    return delete((StaffSessionRow, who.session_id, SESSION), StaffSessionRow.person_id == who.staff_id)


def gone(now: datetime) -> Iterator[StaffRow]:
    """Read the members of staff whose years are over since they left."""
    for pk, sk in due("people", now):
        row = get(StaffRow, pk, sk) if pk == DIRECTORY else None
        if row is not None and row.due_at is not None and row.due_at <= now:
            yield row


def forget_member(row: StaffRow) -> list[Write]:
    """Delete a member of staff who left, their way in, and the key of their names."""
    over = StaffRow.due_at == row.due_at
    keys = [destroy_key(key_id) for key_id in row.keys.values()]
    return [delete(row, over), delete(login_key(row.login_index)), *keys]
