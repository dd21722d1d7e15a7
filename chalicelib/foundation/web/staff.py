"""Tokens of staff, and from such a token to a member of staff who may call a route, now.

A token is opaque: it names its session, carries 256 random bits and our mark, by which one that we once made is told
from a made-up one without a read. No token of a customer's is one of these, nor the other way round.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from ..kernel.call import Staff
from ..kernel.errors import Unauthenticated
from ..standing.rows import ACTIVE
from ..standing.staff import (
    IDLE,
    SESSION,
    RoleMissing,
    StaffSessionRow,
    TrainingMissing,
    member_and_session,
    staff_of,
)
from ..store.write import ConditionFailed, commit, update
from ..vault.wrapping import secret
from .route import Route

_TOUCH_AFTER = timedelta(minutes=1)
_MARK_BYTES = 16


def mint(use: str, *names: str) -> tuple[str, str]:
    """Make a token of a use (`staff_session`, `staff_invitation`) that carries names, and its digest."""
    body = ".".join((*names, secrets.token_urlsafe(32)))
    token = f"{body}.{_mark(use, body)}"
    return token, digest(token)


def names_of(use: str, token: str) -> list[str]:
    """Give the names in a token of a use that we made, whenever that was.

    Raises:
        Unauthenticated: we did not make it.
    """
    body, _, mark = token.rpartition(".")
    if not token.isascii() or not hmac.compare_digest(mark, _mark(use, body)):
        raise Unauthenticated
    return body.split(".")[:-1]


def digest(token: str) -> str:
    """Give what a token is known by."""
    return hashlib.sha256(token.encode()).hexdigest()


def admit(header: str, route: Route, now: datetime) -> Staff:
    """Authenticate a member of staff and hold them against what the route declares; both are read strongly.

    Keeps: K4.6, K7.1

    Raises:
        Unauthenticated: no session of staff, ended, idle for too long, or past its end.
        RoleMissing: none of the caller's roles is declared.
        TrainingMissing: the route opens personal data, and training or exam is not current.
    """
    who = _bearer(header, now)
    if not who.roles & set(route.roles):
        raise RoleMissing
    if route.trained and not who.trained:
        raise TrainingMissing
    return who


def _bearer(header: str, now: datetime) -> Staff:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    staff_id, session_id = names_of("staff_session", token)
    found = member_and_session(staff_id, session_id)
    if found is None:
        raise Unauthenticated
    row, session = found
    mine = session.person_id == staff_id and hmac.compare_digest(session.token_digest, digest(token))
    alive = session.expires_at > now and now - session.used_at < IDLE
    if not mine or not alive or row.status != ACTIVE or session.session_epoch != row.session_epoch:
        raise Unauthenticated
    if now - session.used_at >= _TOUCH_AFTER:
        _touch(session, now)
    return staff_of(row, now, session_id=session_id)


def _touch(session: StaffSessionRow, now: datetime) -> None:
    """Note that a session is in use, unless it ended meanwhile."""
    same = (StaffSessionRow.token_digest == session.token_digest) & (StaffSessionRow.used_at <= now)
    try:
        commit([update((StaffSessionRow, session.pk, SESSION), [StaffSessionRow.used_at.set(now)], same)])
    except ConditionFailed:
        raise Unauthenticated from None


def _mark(use: str, body: str) -> str:
    tag = hmac.digest(secret(use), body.encode(), hashlib.sha256)[:_MARK_BYTES]
    return base64.urlsafe_b64encode(tag).decode().rstrip("=")
