"""Sessions, with every query and condition on them."""

from datetime import datetime

import msgspec

from ...foundation.kernel.call import Person
from ...foundation.kernel.errors import Failure, Unauthenticated
from ...foundation.store import planner
from ...foundation.store.attributes import Expiry, Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, EXPIRY, FIRST_RANK, KEY, OnMerge, Personal, Technical
from ...foundation.store.row import Row
from ...foundation.store.write import Write, delete, update

SESSION = "SESSION"


class SessionRow(Row, table="ephemeral", kind="session"):
    """A log-in on one device; its refresh token is known by digest only."""

    on_merge = OnMerge.DROP

    erase_rank = FIRST_RANK

    pk = Text(Personal("account.session"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    session_epoch = Integer(Technical("of standing when begun; a later one ends the session"))
    token_digest = Text(Personal("account.session"))
    rotated_by = Text(Personal("account.session"), null=True)
    device = Sealed(Personal("account.device"), null=True)
    channel = Text(Personal("account.channel"))
    started_at = Instant(Personal("account.session_times"))
    last_used_at = Instant(Personal("account.session_times"))
    expires_at = Expiry(EXPIRY)


class Turn(msgspec.Struct, frozen=True):
    """One token in place of another: their digests, and a keyed digest of the device that has it done."""

    before: str
    after: str
    by: str


def rotate(session_id: str, turn: Turn, *, now: datetime, until: datetime) -> Write:
    """Replace the digest of a live session's token, only where it is still the one presented."""
    return update(
        (SessionRow, session_id, SESSION),
        [
            SessionRow.token_digest.set(turn.after),
            SessionRow.rotated_by.set(turn.by),
            SessionRow.last_used_at.set(now),
            SessionRow.expires_at.set(until),
        ],
        (SessionRow.token_digest == turn.before) & (SessionRow.expires_at > now),
    )


def renew(who: Person, *, digest: str, session_epoch: int, now: datetime, until: datetime) -> Write:
    """Carry the caller's own session over into a new session epoch; it lives on as after any use."""
    actions = [
        SessionRow.token_digest.set(digest),
        SessionRow.session_epoch.set(session_epoch),
        SessionRow.last_used_at.set(now),
        SessionRow.expires_at.set(until),
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
