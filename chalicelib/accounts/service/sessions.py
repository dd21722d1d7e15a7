"""Sessions: begun, refreshed with rotation, listed, ended; a refresh token that comes back ends its session."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final, cast

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy, FieldError, InvalidInput, NotFound, Unauthenticated
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import (
    commit,
    end_at_once,
    load,
    person_of,
    reference,
    refuse_unless_active,
)
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Unmet, Write, put_new, update_now
from chalicelib.foundation.vault.wrapping import secret
from chalicelib.foundation.web import tokens

from ..contracts.notices import NoticeEvent, SecurityNotice
from ..contracts.sessions import RefreshSession, SessionListView, SessionView, TokensView
from ..rules.sessions import SESSION_LIFE, in_grace
from ..tables.sessions import SESSION, SessionRow, Turn, drop_session, rotate, sessions_of

_TRIES: Final = 3
_TAG_BYTES: Final = 16


def begin(call: Call, who: Person, session_epoch: int) -> tuple[Write, TokensView]:
    """Begin a session on the caller's device, on whichever channel: the row to write, and what the client gets.

    Keeps: A5.1, K4.3
    """
    session_id = new_id("ses")
    token, digest = mint(call, session_id, who.person_id)
    row = SessionRow(
        pk=session_id,
        sk=SESSION,
        person_id=who.person_id,
        epoch=who.epoch,
        session_epoch=session_epoch,
        token_digest=digest,
        device=SessionRow.device.seal(who.keys, call.device) if call.device else None,
        channel=call.channel,
        started_at=call.now,
        last_used_at=call.now,
        expires_at=call.now + SESSION_LIFE,
    )
    bearer = msgspec.structs.replace(who, session_id=session_id)
    return put_new(row), tokens_view(call, bearer, session_epoch=session_epoch, refresh_token=token)


def refresh_session(call: Call, command: RefreshSession) -> TokensView:
    """Exchange a refresh token for the next one and a new access token.

    The next one follows from the one before, so that the same device gets the same within seconds: of two tabs that
    ask at once, or after an answer that was lost, nobody is logged out.

    Keeps: A5.1, K4.3

    Raises:
        InvalidInput: a token in the body where the cookie carries it.
        Unauthenticated: none, forged, expired, ended, of the other kind, or used before, unless by this device just
            now; used before ends the session.
        AccountFrozen, AccountClosing: may not act.
    """
    presented = _presented(call, command)
    session_id, person_id = _owner_of(call, presented)
    standing = load(person_id)
    if standing is None:
        raise Unauthenticated
    refuse_unless_active(standing.status)
    token, digest = _next(call, presented, f"{session_id}.{person_id}")
    turn = Turn(_digest(presented), digest, _device(call))
    try:
        row = cast("SessionRow", update_now(rotate(session_id, turn, now=call.now, until=call.now + SESSION_LIFE)))
    except Unmet as refused:
        row = _written_already(call, refused.found, turn)
    if row.session_epoch != standing.session_epoch:
        raise Unauthenticated
    who = person_of(standing, session_id=session_id)
    return tokens_view(call, who, session_epoch=standing.session_epoch, refresh_token=token)


def list_sessions(call: Call) -> SessionListView:
    """List the caller's live sessions, latest used first.

    Keeps: K4.4, N2.2
    """
    standing = load(call.who.person_id)
    alive = standing.session_epoch if standing is not None else -1
    rows = [row for row in sessions_of(call.who.person_id) if row.session_epoch == alive and row.expires_at > call.now]
    rows.sort(key=lambda row: row.last_used_at, reverse=True)
    return SessionListView(data=[_view(call, row) for row in rows])


def end_session(call: Call, session_id: str) -> None:
    """End one of the caller's sessions; its access tokens stop working at once.

    Keeps: K4.3, K4.4

    Raises:
        NotFound: the caller has no such session.
    """
    _end(call, session_id, drop_session(session_id, call.who.person_id, NotFound))


def log_out(call: Call) -> None:
    """End the session that asks."""
    _end(call, call.who.session_id, drop_session(call.who.session_id, call.who.person_id, Unauthenticated))


def tokens_view(call: Call, who: Person, *, session_epoch: int, refresh_token: str) -> TokensView:
    """Make what a client gets for a session."""
    return TokensView(
        person_id=who.person_id,
        session_id=who.session_id,
        access_token=access_token(call, who, session_epoch),
        expires_in_s=int(tokens.LIFE.total_seconds()),
        refresh_token=refresh_token,
    )


def access_token(call: Call, who: Person, session_epoch: int, *, proved_at: datetime | None = None) -> str:
    """Sign an access token for a session."""
    return tokens.issue(
        tokens.Claims(
            person_id=who.person_id,
            session_id=who.session_id,
            session_epoch=session_epoch,
            key_id=who.keys["main"],
            trade_key_id=who.keys["trade"],
            expires_at=call.now + tokens.LIFE,
            reauthenticated_at=proved_at,
        ),
        by_cookie=call.carried is not None,
    )


def notice(call: Call, who: Person, event: NoticeEvent, *, session_id: str) -> Write:
    """Tell the owner of the account what happened."""
    said = SecurityNotice(event=event, session_id=session_id, channel=call.channel, at=call.now)
    return announce(call, "notices", said, person=who)


def _end(call: Call, session_id: str, drop: Write) -> None:
    """Remove a session and refuse its access tokens; standing may be changed by others meanwhile."""
    for attempt in range(1, _TRIES + 1):
        standing = load(call.who.person_id)
        if standing is None or standing.epoch != call.who.epoch:
            raise Unauthenticated
        until = call.now + tokens.LIFE
        ended = end_at_once(standing, session_id, until=until, now=call.now)
        done = record(call, "person:session:ended", subject_id=session_id)
        try:
            commit(call, [drop, ended, done])
        except Busy:
            if attempt == _TRIES:
                raise
        else:
            return


def _written_already(call: Call, found: object, turn: Turn) -> SessionRow:
    """Tell a repeat, of our own write or of the same device's asking, from a token that was used before."""
    if not isinstance(found, SessionRow) or found.expires_at <= call.now:
        raise Unauthenticated
    same = hmac.compare_digest(found.token_digest, turn.after)
    if same and hmac.compare_digest(found.rotated_by or "", turn.by) and in_grace(found.last_used_at, call.now):
        return found
    _end_reused(call, found)
    raise Unauthenticated


def _end_reused(call: Call, row: SessionRow) -> None:
    """End a session one of whose earlier tokens came back: somebody else has, or had, a copy.

    Keeps: K4.3
    """
    session_id = str(row.pk)
    drop = drop_session(session_id, row.person_id, Unauthenticated)
    for attempt in range(1, _TRIES + 1):
        standing = load(row.person_id)
        if standing is None:
            return
        try:
            commit(call, [drop, *_reuse_writes(call, standing, session_id)])
        except Busy:
            if attempt == _TRIES:
                raise
        else:
            return


def _reuse_writes(call: Call, standing: StandingRow, session_id: str) -> list[Write]:
    about = reference(standing)
    return [
        end_at_once(standing, session_id, until=call.now + tokens.LIFE, now=call.now),
        record(call, "system:session:reused", reference=about, subject_id=session_id, actor="system"),
        notice(call, person_of(standing), "session_reused", session_id=session_id),
    ]


def _view(call: Call, row: SessionRow) -> SessionView:
    return SessionView(
        session_id=row.pk,
        channel=row.channel,
        device="" if row.device is None else row.device.reveal(),
        started_at=row.started_at,
        last_used_at=row.last_used_at,
        current=row.pk == call.who.session_id,
    )


def mint(call: Call, session_id: str, person_id: str) -> tuple[str, str]:
    """Make a refresh token and its digest.

    It names session and person and carries 256 random bits and our mark, by which a token that we once made is told
    from a made-up one without a read, and one for a cookie from one for a body.
    """
    return _marked(call, f"{session_id}.{person_id}.{secrets.token_urlsafe(32)}")


def _next(call: Call, token: str, owner: str) -> tuple[str, str]:
    """Make the token that follows on one, and its digest: always the same, and only for whoever has our key."""
    tag = hmac.digest(secret("refresh"), f"next\0{token}".encode(), hashlib.sha256)
    return _marked(call, f"{owner}.{base64.urlsafe_b64encode(tag).decode().rstrip('=')}")


def _marked(call: Call, body: str) -> tuple[str, str]:
    token = f"{body}.{_mark(call, body)}"
    return token, _digest(token)


def _device(call: Call) -> str:
    """Name the device that asks, as it names itself, by a keyed digest."""
    return hmac.digest(secret("refresh"), f"by\0{call.channel}\0{call.device}".encode(), hashlib.sha256).hex()


def _presented(call: Call, command: RefreshSession) -> str:
    """Give the token that came: in the cookie for a session by cookie, else in the body."""
    token = command.refresh_token
    if call.carried is None:
        if token is None:
            raise Unauthenticated
        return token
    if token is not None:
        raise InvalidInput((FieldError("/refresh_token", "unexpected"),))
    return call.carried.refresh_token


def _owner_of(call: Call, token: str) -> tuple[str, str]:
    """Name session and person of a token of this kind that we made, whenever that was.

    One in a cookie must be of the session that the other cookie names: a neighbour under our domain can toss a refresh
    cookie of their own session in, but not one called `__Host-…`.

    Keeps: A5.2

    Raises:
        Unauthenticated: we did not make it, for this.
    """
    body, _, mark = token.rpartition(".")
    if not token.isascii() or not hmac.compare_digest(mark, _mark(call, body)):
        raise Unauthenticated
    session_id, person_id, _ = body.split(".")
    if call.carried is not None and call.carried.session_id != session_id:
        raise Unauthenticated
    return session_id, person_id


def _mark(call: Call, body: str) -> str:
    kind = "cookie." if call.carried is not None else ""
    tag = hmac.digest(secret("refresh"), f"{kind}{body}".encode(), hashlib.sha256)[:_TAG_BYTES]
    return base64.urlsafe_b64encode(tag).decode().rstrip("=")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
