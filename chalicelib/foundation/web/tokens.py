"""Access tokens: signed, 15 minutes long, naming person, session and data keys; nothing personal inside.

JWTs with HMAC-SHA256 (RFC 7515, 7519). Only that one header is ever accepted, so there is no algorithm to choose,
and no library of them to load before a first answer.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import msgspec

from ..kernel.errors import Unauthenticated
from ..vault.wrapping import secret

LIFE = timedelta(minutes=15)
_AUDIENCE = "jule-api"
_BY_COOKIE = "jule-web"
"""Two audiences, so that what a cookie holds is no bearer token, and the other way round."""


class Claims(msgspec.Struct, frozen=True):
    """What a token says."""

    person_id: str
    session_id: str
    session_epoch: int
    key_id: str
    expires_at: datetime
    reauthenticated_at: datetime | None = None
    trade_key_id: str = ""


class _Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """The claims as they travel."""

    aud: str
    sub: str
    sid: str
    sep: int
    kid: str
    exp: int
    tkid: str = ""
    rea: int | None = None


_BODY = msgspec.json.Decoder(_Body)


def issue(claims: Claims, *, by_cookie: bool = False) -> str:
    """Sign a token, to be borne or to be held by a cookie."""
    again_at = claims.reauthenticated_at
    body = _Body(
        aud=_BY_COOKIE if by_cookie else _AUDIENCE,
        sub=claims.person_id,
        sid=claims.session_id,
        sep=claims.session_epoch,
        kid=claims.key_id,
        exp=int(claims.expires_at.timestamp()),
        tkid=claims.trade_key_id,
        rea=None if again_at is None else int(again_at.timestamp()),
    )
    signed = _HEADER + b"." + _encoded(msgspec.json.encode(body))
    return (signed + b"." + _signature(signed)).decode()


def read(token: str, now: datetime, *, by_cookie: bool = False, run_out: bool = False) -> Claims:
    """Verify a token; `run_out` takes one whose time is over as well, to tell which session it was of.

    Raises:
        Unauthenticated: forged, expired, or made for something else.
    """
    signed, _, signature = token.encode(errors="replace").rpartition(b".")
    header, _, encoded = signed.partition(b".")
    if header != _HEADER or not hmac.compare_digest(signature, _signature(signed)):
        raise Unauthenticated
    body = _decoded(encoded)
    ours = body.aud == (_BY_COOKIE if by_cookie else _AUDIENCE)
    if not ours or (body.exp <= now.timestamp() and not run_out):
        raise Unauthenticated
    return Claims(
        person_id=body.sub,
        session_id=body.sid,
        session_epoch=body.sep,
        key_id=body.kid,
        expires_at=_instant(body.exp),
        reauthenticated_at=None if body.rea is None else _instant(body.rea),
        trade_key_id=body.tkid,
    )


def _signature(signed: bytes) -> bytes:
    return _encoded(hmac.digest(secret("token"), signed, hashlib.sha256))


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(encoded: bytes) -> _Body:
    try:
        return _BODY.decode(base64.urlsafe_b64decode(encoded + b"=="))
    except (ValueError, msgspec.DecodeError):
        raise Unauthenticated from None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


_HEADER = _encoded(b'{"alg":"HS256","typ":"JWT"}')
