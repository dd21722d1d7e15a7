"""Where an account is logged in: a device not seen before is told, and all the others are ended in one call."""

from typing import Final

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.standing.access import commit, load, next_session_epoch
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import Write, delete

from ..contracts.sessions import TokensView
from ..rules.sessions import SESSION_LIFE
from ..tables.sessions import SessionRow, renew, sessions_of
from . import sessions

_MOST_CLEARED: Final = 80
"""Rows cleared along with what ends them: what a transaction takes, with room for the rest of it."""


def end_others(call: Call) -> TokensView:
    """End every session but the one that asks, which goes on under new tokens.

    Keeps: K4.3

    Raises:
        Unauthenticated: the session was ended meanwhile.
    """
    who, standing = call.who, load(call.who.person_id)
    if standing is None:
        raise Unauthenticated
    token, renewal = renewed(call, standing)
    commit(
        call,
        [
            next_session_epoch(who, standing),
            renewal,
            *cleared(who.person_id, but=who.session_id),
            record(call, "person:sessions:ended", subject_id=who.session_id),
            sessions.notice(call, who, "sessions_ended", session_id=who.session_id),
        ],
    )
    return sessions.tokens_view(call, who, session_epoch=standing.session_epoch + 1, refresh_token=token)


def renewed(call: Call, standing: StandingRow) -> tuple[str, Write]:
    """Carry the caller's session over into the next session epoch: its new refresh token, and the row's change."""
    who = call.who
    token, digest = sessions.mint(call, who.session_id, who.person_id)
    now, until = call.now, call.now + SESSION_LIFE
    return token, renew(who, digest=digest, session_epoch=standing.session_epoch + 1, now=now, until=until)


def cleared(person_id: str, *, but: str = "") -> list[Write]:
    """Clear away what a new session epoch ends; whatever the index does not show yet, or is too much, expires."""
    rows = [row for row in sessions_of(person_id) if row.pk != but]
    return [delete(row) for row in rows[:_MOST_CLEARED]]


def arrived(call: Call, who: Person, session_id: str, *, session_epoch: int) -> Write:
    """Tell the owner of a log-in; one from a device or channel that no live session is on is told as such.

    Keeps: K4.3, G1.2
    """
    alive = [
        row for row in sessions_of(who.person_id) if row.session_epoch == session_epoch and row.expires_at > call.now
    ]
    seen = any(row.channel == call.channel and _device(row) == call.device for row in alive)
    return sessions.notice(call, who, "signed_in" if seen else "new_device", session_id=session_id)


def _device(row: SessionRow) -> str:
    return "" if row.device is None else row.device.reveal()
