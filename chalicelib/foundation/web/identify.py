"""From a bearer token, or the website's cookie, to a person whose standing allows the purpose, now."""

from datetime import datetime, timedelta

from ..kernel.call import Person
from ..kernel.errors import ConsentRequired, FieldError, ReauthenticationRequired, Unauthenticated
from ..register import lookup
from ..standing.access import load, person_of, refuse_unless_active
from .route import WithKey
from .tokens import Claims, read

RECENT = timedelta(minutes=5)


def bearer(header: str, now: datetime, *, with_key: WithKey) -> Person:
    """Authenticate a request: token, then standing (strong), then session.

    Keeps: J7.4, K4.3

    Raises:
        Unauthenticated: no valid token, session ended, or nobody there.
        AccountFrozen, AccountClosing: may not act.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    return _person(read(token, now), with_key=with_key)


def holder(token: str, now: datetime, *, with_key: WithKey) -> Person:
    """Authenticate a request by the token that the website's cookie holds, like `bearer`.

    Keeps: A5.2
    """
    return _person(read(token, now, by_cookie=True), with_key=with_key)


def _person(claims: Claims, *, with_key: WithKey) -> Person:
    row = load(claims.person_id, *_key_ids(claims, with_key))
    if row is None or row.session_epoch != claims.session_epoch or claims.session_id in (row.ended or {}):
        raise Unauthenticated
    refuse_unless_active(row.status)
    return person_of(row, session_id=claims.session_id, reauthenticated_at=claims.reauthenticated_at)


def _key_ids(claims: Claims, with_key: WithKey) -> tuple[str, ...]:
    if with_key == "both":
        return claims.key_id, claims.trade_key_id
    if with_key == "trade":
        return (claims.trade_key_id,)
    return (claims.key_id,) if with_key else ()


def refuse_without_consent(who: Person | None, purpose: str) -> None:
    """Stop processing whose purpose this person has not agreed to; basic functions need no further consent.

    Keeps: A2.2, A4.1, H3

    Raises:
        ConsentRequired: names the purpose.
    """
    if not purpose or lookup.purpose(purpose).essential:
        return
    if who is None or purpose not in who.consents:
        raise ConsentRequired((FieldError(f"/purposes/{purpose}", "not_agreed"),))


def refuse_unless_recent(who: Person, now: datetime) -> None:
    """Stop a sensitive act that is not preceded by a proof of identity within five minutes.

    Raises:
        ReauthenticationRequired: too long ago, or never.
    """
    if who.reauthenticated_at is None or now - who.reauthenticated_at > RECENT:
        raise ReauthenticationRequired
