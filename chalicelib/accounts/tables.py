"""Rows of accounts with every query and condition on them: logins, profile, codes and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from ..foundation.kernel.call import Person
from ..foundation.kernel.errors import Busy, Failure, TooMany, Unauthenticated
from ..foundation.standing.access import SK as STANDING
from ..foundation.standing.rows import ACTIVE, StandingRow
from ..foundation.store import planner
from ..foundation.store.attributes import Expiry, Instant, Integer, Json, Sealed, Text
from ..foundation.store.declare import EPOCH, EXPIRY, FIRST_RANK, GUARD_RANK, KEY, STATE, TIME, Personal, Technical
from ..foundation.store.row import Row, rows_by_key
from ..foundation.store.write import Write, delete, put, update
from ..foundation.vault.sealed import Sealed as SealedValue
from ..foundation.web.answer import VersionStale

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

LOGIN = "LOGIN"
PROFILE = "PROFILE"
CODE = "CODE"
SENT = "SENT"
SESSION = "SESSION"


class LoginRow(Row):
    """One way in. Its key is unique, so it is also the guard of the number or name; both hold the same digest.

    Failures are counted per way in: whoever tries passwords on a public name does not lock the number out. Those of
    whoever is in already (`own_…`) are counted apart, where no stranger can add to them.
    """

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


class ProfileRow(Row, table="people", kind="profile"):
    """Who a person is to us and, if they like, to others."""

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    version = Integer(STATE)
    user_name = Sealed(Personal("account.user_name"))
    mobile = Sealed(Personal("account.mobile"))
    language = Text(Personal("account.language"))
    opened_at = Instant(Personal("account.standing"))
    residence = Sealed(Personal("profile.residence"), null=True)
    residence_at = Instant(TIME, null=True)


class CodeRow(Row, table="ephemeral", kind="code"):
    """The latest code to a number for a purpose, as a keyed digest; the one before stays good for its own time."""

    pk = Text(Personal("account.code"), hash_key=True)
    sk = Text(KEY, range_key=True)
    code_id = Text(Technical("random id of this sending"))
    digest = Text(Personal("account.code"))
    attempts = Integer(STATE)
    digest_before = Text(Personal("account.code"), null=True)
    before_until = Instant(TIME, null=True)
    expires_at = Expiry(EXPIRY)


class CodesSentRow(Row, table="ephemeral", kind="codes_sent"):
    """When codes went to a number during the last day."""

    pk = Text(Personal("system.rate"), hash_key=True)
    sk = Text(KEY, range_key=True)
    version = Integer(STATE)
    sent = Json(Technical("times, for the limits"))
    expires_at = Expiry(EXPIRY)


class SessionRow(Row, table="ephemeral", kind="session"):
    """A log-in on one device; its refresh token is known by digest only."""

    erase_rank = FIRST_RANK

    pk = Text(Personal("account.session"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    session_epoch = Integer(Technical("of standing when begun; a later one ends the session"))
    token_digest = Text(Personal("account.session"))
    device = Sealed(Personal("account.device"), null=True)
    channel = Text(Personal("account.channel"))
    started_at = Instant(Personal("account.session_times"))
    last_used_at = Instant(Personal("account.session_times"))
    expires_at = Expiry(EXPIRY)


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
    """Name the way in by a number's blind index; `own` for whoever is in already and proves once more who it is."""
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


def own_profile(person_id: str) -> tuple[type[ProfileRow], str, str]:
    """Give the key of a person's profile."""
    return ProfileRow, person_id, PROFILE


def profile_and_standing(person_id: str) -> tuple[ProfileRow | None, StandingRow | None]:
    """Read both in one call."""
    found = rows_by_key([own_profile(person_id), (StandingRow, person_id, STANDING)])
    return cast("ProfileRow | None", found[0]), cast("StandingRow | None", found[1])


def profiles(person_ids: Sequence[str]) -> list[ProfileRow]:
    """Read the profiles of many people who may act, fifty in a call; the others, and those gone, are left out."""
    wanted = [(own_profile(one), (StandingRow, one, STANDING)) for one in person_ids]
    found = rows_by_key([key for pair in wanted for key in pair], strong=False)
    active = {row.pk for row in found if isinstance(row, StandingRow) and row.status == ACTIVE}
    return [row for row in found if isinstance(row, ProfileRow) and row.pk in active]


def set_fields(row: ProfileRow, values: dict[str, SealedValue | None], now: datetime) -> Write:
    """Fill in optional fields (or clear them with None), only while the profile is the version we read."""
    actions: list[Action] = [ProfileRow.version.set(row.version + 1)]
    for name, value in values.items():
        field, filled_at = getattr(ProfileRow, name), getattr(ProfileRow, f"{name}_at")
        actions += [field.remove(), filled_at.remove()] if value is None else [field.set(value), filled_at.set(now)]
    return update(own_profile(row.pk), actions, ProfileRow.version == row.version, otherwise=VersionStale)


def code_key(purpose: str, index: str) -> tuple[type[CodeRow], str, str]:
    """Give the key of a number's code for a purpose."""
    return CodeRow, f"CODE#{purpose}#{index}", CODE


def sent_key(index: str) -> tuple[type[CodesSentRow], str, str]:
    """Give the key of a number's sendings."""
    return CodesSentRow, f"CODES#{index}", SENT


def codes_of(purpose: str, index: str) -> tuple[CodeRow | None, CodesSentRow | None]:
    """Read a number's current code for a purpose, and when codes went to it."""
    found = rows_by_key([code_key(purpose, index), sent_key(index)])
    return cast("CodeRow | None", found[0]), cast("CodesSentRow | None", found[1])


def note_sent(row: CodesSentRow, seen: CodesSentRow | None) -> Write:
    """Note a sending; of several at once, one passes."""
    unchanged = CodesSentRow.kind.does_not_exist() if seen is None else CodesSentRow.version == seen.version
    return put(row, unchanged, TooMany(retry_after_s=60))


def keep_code(row: CodeRow, seen: CodeRow | None) -> Write:
    """Keep a new code, only in place of the one we read: one that was used or burned meanwhile must not come back."""
    unchanged = CodeRow.kind.does_not_exist()
    if seen is not None:
        unchanged = (CodeRow.code_id == seen.code_id) & (CodeRow.attempts == seen.attempts)
    return put(row, unchanged, Busy(retry_after_s=1))


def count_code_try(purpose: str, index: str, *, now: datetime, most: int) -> Write:
    """Count a try of a code that is alive and has tries left."""
    alive = (CodeRow.attempts < most) & (CodeRow.expires_at > now)
    return update(code_key(purpose, index), [CodeRow.attempts.add(1)], alive)


def give_try_back(row: CodeRow) -> Write:
    """Take back the count of a right code that something else stood against."""
    return update(row, [CodeRow.attempts.add(-1)], (CodeRow.code_id == row.code_id) & (CodeRow.attempts > 0))


def use_code(row: CodeRow, otherwise: type[Failure]) -> Write:
    """Use a code up, within the transaction it allows."""
    return delete(row, CodeRow.code_id == row.code_id, otherwise)


def rotate(session_id: str, *, before: str, after: str, now: datetime, until: datetime) -> Write:
    """Replace the digest of a live session's token, only where it is still the one presented."""
    return update(
        (SessionRow, session_id, SESSION),
        [SessionRow.token_digest.set(after), SessionRow.last_used_at.set(now), SessionRow.expires_at.set(until)],
        (SessionRow.token_digest == before) & (SessionRow.expires_at > now),
    )


def renew(who: Person, *, digest: str, session_epoch: int, now: datetime) -> Write:
    """Carry the caller's own session over into a new session epoch."""
    actions = [
        SessionRow.token_digest.set(digest),
        SessionRow.session_epoch.set(session_epoch),
        SessionRow.last_used_at.set(now),
    ]
    mine = SessionRow.person_id == who.person_id
    return update((SessionRow, who.session_id, SESSION), actions, mine, otherwise=Unauthenticated)


def drop_session(session_id: str, person_id: str, otherwise: type[Failure]) -> Write:
    """Remove a person's session; somebody else's is not there."""
    return delete((SessionRow, session_id, SESSION), SessionRow.person_id == person_id, otherwise)


def sessions_of(person_id: str) -> list[SessionRow]:
    """Read a person's sessions."""
    found = planner.read(planner.traverse(person_id, [SessionRow]))
    return [row for row in found if isinstance(row, SessionRow)]


def _unchanged(seen: LoginRow) -> "Condition":
    row = type(seen)
    same: Condition = (row.person_id == seen.person_id) & (row.password == seen.password)
    return same
