"""Passwords: argon2id digests, and ways in whose failures are counted before anything is compared."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing.access import load
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.row import Row
from chalicelib.foundation.store.write import Unmet, Write, update_now
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.vault.keyring import KeyDestroyed

from ..rules.likeness import look_of
from ..rules.names import name_key
from ..rules.passwords import LOGIN_TRIES, may_try_again, plain_password
from ..tables.logins import Door, LoginRow, count_try, counts, next_round

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
"""The minimum that OWASP names for argon2id; more would let log-ins starve the function's memory."""
NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$2igoryg8HVUxxxHMuZ/vtg$boeYqCoSdZDgtPxnPvPjFSdFka5Dspuup0j7Sx/Tf54"
"""What a password is held against where there is no account, so that it takes as long; its outcome is not used."""


class Known(msgspec.Struct, frozen=True):
    """Whoever came in by a way with the right password, and whether the digest is of today's strength."""

    login: LoginRow
    standing: StandingRow
    digest_is_old: bool


def digest_of(password: str) -> str:
    """Digest a password (argon2id)."""
    return _hasher().hash(password)


def name_index(name: str) -> str:
    """Give the blind index of a user name; spellings that count as the same give the same."""
    return blind("user_name", name_key(name))


def look_index(name: str) -> str:
    """Give the blind index of a name's look; names that the eye takes for each other give the same.

    Keeps: B2.7
    """
    return blind("name_look", look_of(name))


def recognise(call: Call, door: Door, password: str) -> Known | None:
    """Try a password on a way in; None when it is wrong, nobody is there, or a wait is on.

    All three take the same calls and the same work: a count, one read of standing and key, one digest.

    Keeps: K4.3
    """
    login = _count(call, door)
    person_id, key_id = (login.person_id, login.key_id) if login else (f"per_{door.index}", f"key_{door.index}")
    standing = load(person_id, key_id)
    if login is None or standing is None:
        is_right(NOBODY, password)
        return None
    try:
        digest = login.password.reveal()
    except KeyDestroyed:
        is_right(NOBODY, password)
        return None
    if not is_right(digest, password):
        return None
    return Known(login, standing, _hasher().check_needs_rehash(digest))


def counted(first: Write, again: Callable[[Any], Write | None]) -> Row | None:
    """Count a try before anything is compared; where a round is used up, begin the next if its wait is over.

    Args:
        first: counts a try in this round.
        again: gives what begins another round of whoever has used theirs up; None while they have to wait.

    Keeps: K4.3
    """
    try:
        return update_now(first)
    except Unmet as refused:
        seen = refused.found
    second = None if seen is None else again(seen)
    if second is None:
        return None
    try:
        return update_now(second)
    except Unmet:
        return None


def _count(call: Call, door: Door) -> LoginRow | None:
    """Count a try; None where there is no such way in or its tries are used up for now."""

    def again(seen: LoginRow) -> Write | None:
        _, rounds, tried_at = counts(door, seen)
        return next_round(door, seen, call.now) if may_try_again(tried_at, rounds, call.now) else None

    return cast("LoginRow | None", counted(count_try(door, call.now, LOGIN_TRIES), again))


def is_right(digest: str, password: str) -> bool:
    """Hold a password against a digest."""
    from argon2.exceptions import VerifyMismatchError

    try:
        return bool(_hasher().verify(digest, plain_password(password)))
    except VerifyMismatchError:
        return False


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
