"""Ways in, one row for each number and name, with every query and condition on them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ...foundation.kernel.errors import Busy, Failure
from ...foundation.store.attributes import Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, GUARD_RANK, KEY, STATE, TIME, OnMerge, Personal, Technical
from ...foundation.store.row import Row
from ...foundation.store.write import Write, check, delete, put_new, update
from ...foundation.vault.sealed import Sealed as SealedValue

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action


LOGIN = "LOGIN"


class LoginRow(Row):
    """One way in. Its key is unique, so it is also the guard of the number or name; both hold the same digest.

    Failures are counted per way in: whoever tries passwords on a public name does not lock the number out. Those of
    whoever is in already, or has proved the number by a code (`own_…`), are counted apart, where no stranger can add to
    them.
    """

    on_merge = OnMerge.DROP

    erase_rank = GUARD_RANK

    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    key_id = Text(Technical("id of the data key that opens the digest"))
    password = Sealed(Personal("account.password"))
    attempts = Integer(STATE)
    rounds = Integer(STATE)
    tried_at = Instant(TIME)
    own_attempts = Integer(STATE)
    own_rounds = Integer(STATE)
    own_tried_at = Instant(TIME)


class MobileLoginRow(LoginRow, table="people", kind="mobile_login"):
    """The way in by mobile number."""

    pk = Text(Personal("account.mobile_index"), hash_key=True)


class NameLoginRow(LoginRow, table="people", kind="name_login"):
    """The way in by user name."""

    pk = Text(Personal("account.user_name_index"), hash_key=True)


class Door(msgspec.Struct, frozen=True):
    """A way in, by its row class and blind index, and where tries on it are counted."""

    row: type[LoginRow]
    index: str
    counted: Literal["", "own_"] = ""

    @property
    def key(self) -> tuple[type[LoginRow], str, str]:
        """The row's key."""
        return self.row, f"{self.row.row_kind.upper()}#{self.index}", LOGIN


def mobile_door(index: str, *, own: bool = False) -> Door:
    """Name the way in by a number's blind index; `own` for whoever is in, or has proved the number by a code."""
    return Door(MobileLoginRow, index, "own_" if own else "")


def name_door(index: str) -> Door:
    """Name the way in by a user name's blind index."""
    return Door(NameLoginRow, index)


def count_try(door: Door, now: datetime, most: int) -> Write:
    """Count a try on a way in that has tries left in this round."""
    attempts, _, tried_at = counts(door, door.row)
    return update(door.key, [attempts.add(1), tried_at.set(now)], attempts < most)


def counts(door: Door, of: LoginRow | type[LoginRow]) -> tuple[Any, Any, Any]:
    """Give tries, rounds and the latest time as a row has them for a way in, or a row class's attributes for them."""
    attempts, rounds, tried_at = (getattr(of, f"{door.counted}{name}") for name in ("attempts", "rounds", "tried_at"))
    return attempts, rounds, tried_at


def next_round(door: Door, seen: LoginRow, now: datetime) -> Write:
    """Begin another round of tries after a wait; one of several callers wins."""
    (attempts, rounds, tried_at), was = counts(door, door.row), counts(door, seen)
    actions = [attempts.set(1), rounds.add(1), tried_at.set(now)]
    return update(door.key, actions, (attempts == was[0]) & (rounds == was[1]))


def admit(door: Door, seen: LoginRow) -> Write:
    """Forget failures after a right password, only while it is the one that was compared.

    A session may not begin, nor an identity be proved, by a password that was replaced meanwhile.
    """
    attempts, rounds, _ = counts(door, door.row)
    return update(door.key, [attempts.set(0), rounds.set(0)], _unchanged(seen), otherwise=Busy(retry_after_s=1))


def replace_password(door: Door, seen: LoginRow, password: SealedValue) -> Write:
    """Replace the digest and forget all failures.

    Both ways in hold the same digest and change in one transaction: it passes only while the one that was compared
    is as it was read, so an old password never comes back over a new one.
    """
    row = door.row
    zero = (row.attempts, row.rounds, row.own_attempts, row.own_rounds)
    actions: list[Action] = [row.password.set(password), *(counted.set(0) for counted in zero)]
    theirs = _unchanged(seen) if isinstance(seen, row) else row.person_id == seen.person_id
    return update(door.key, actions, theirs, otherwise=Busy(retry_after_s=1))


def still_leads(door: Door, seen: LoginRow, otherwise: type[Failure]) -> Write:
    """Let a transaction pass only while a way in leads to whom it led when it was read."""
    return check(door.key, door.row.person_id == seen.person_id, otherwise)


def moved_in(seen: LoginRow, door: Door, otherwise: Failure, *, password: SealedValue | None = None) -> Write:
    """Open another way in beside one that is about to close: same person, failures forgotten, same digest or a new."""
    row, pk, sk = door.key
    zero = dict.fromkeys(("attempts", "rounds", "own_attempts", "own_rounds"), 0)
    return put_new(
        row(
            pk=pk,
            sk=sk,
            person_id=seen.person_id,
            epoch=seen.epoch,
            key_id=seen.key_id,
            password=password or seen.password,
            tried_at=seen.tried_at,
            own_tried_at=seen.own_tried_at,
            **zero,
        ),
        otherwise,
    )


def closed(seen: LoginRow) -> Write:
    """Close a way in, only while it is as it was read."""
    return delete(seen, _unchanged(seen), Busy(retry_after_s=1))


def _unchanged(seen: LoginRow) -> "Condition":
    row = type(seen)
    same: Condition = (row.person_id == seen.person_id) & (row.password == seen.password)
    return same
