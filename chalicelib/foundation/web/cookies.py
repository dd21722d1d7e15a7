"""The website's session, in two cookies that no script can read (docs/decisions/0026).

A cookie counts only where the request says so by `X-Session: cookie`, which no form and no other website can send, and
comes from the one `WEB_ORIGIN`. A bearer token beside it makes it count for nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ..kernel.call import Call, Carried
from ..kernel.config import optional
from ..kernel.errors import Failure, FieldError, Kind, Unauthenticated
from . import tokens

SESSION: Final = "__Host-jule_session"
REFRESH: Final = "__Secure-jule_refresh"
REFRESH_PATH: Final = "/v1/sessions/refresh"
ASKED: Final = "X-Session"
BY_COOKIE: Final = "cookie"
_MOST_CHARACTERS: Final = 8192
_VALUE: Final = re.compile(r"[A-Za-z0-9._-]{1,1024}")
_GUARDED: Final = "Secure; HttpOnly; SameSite=Strict"

Headers = Mapping[str, str]


class CrossSite(Failure):
    """A session by cookie was asked for, or used, otherwise than our website does it."""

    code = "session.cross_site"
    kind = Kind.FORBIDDEN
    title_zh = "请求来源不受信任，请从官方网站操作"
    title_en = "This request does not come from our website"


def counts(headers: Headers) -> bool:
    """Say whether a request is one by cookie: it carries the session, and no bearer token."""
    return not headers.get("authorization", "") and f"{SESSION}=" in headers.get("cookie", "")


def wanted(headers: Headers) -> bool:
    """Say whether a request that begins or refreshes a session asks for cookies."""
    return not headers.get("authorization", "") and headers.get("x-session", "") != ""


def refuse_cross_site(call: Call, headers: Headers) -> None:
    """Stop what another website may have made a browser send; without an origin only reading passes.

    Keeps: A5.2

    Raises:
        CrossSite: without `X-Session: cookie`, as another client than the website, or from elsewhere.
    """
    ours, origin = optional("WEB_ORIGIN"), headers.get("origin", "")
    if headers.get("x-session", "") != BY_COOKIE:
        raise CrossSite((FieldError(f"/headers/{ASKED}", "required"),))
    if call.channel != "web":
        raise CrossSite((FieldError("/headers/X-Client", "choice"),))
    reading = call.route.startswith("GET ") and not origin
    if not ours or not (reading or origin == ours):
        raise CrossSite((FieldError("/headers/Origin", "choice" if origin else "required"),))


def session_token(headers: Headers) -> str:
    """Read the access token.

    Raises:
        Unauthenticated: none, more than one, or nothing that we ever set.
    """
    return _value(headers, SESSION)


def carried(headers: Headers, now: datetime) -> Carried:
    """Read what a request to begin or refresh a session carries; nothing where a cookie is missing or not ours."""
    try:
        claims = tokens.read(_value(headers, SESSION), now, by_cookie=True, run_out=True)
        return Carried(session_id=claims.session_id, refresh_token=_value(headers, REFRESH))
    except Unauthenticated:
        return Carried()


def given(access_token: str, refresh_token: str, life: timedelta) -> tuple[str, ...]:
    """Write the cookies of a session; a refresh token only where there is another one.

    Keeps: A5.2
    """
    age = f"Max-Age={int(life.total_seconds())}; {_GUARDED}"
    session = f"{SESSION}={access_token}; Path=/; {age}"
    return (session, f"{REFRESH}={refresh_token}; Path={REFRESH_PATH}; {age}") if refresh_token else (session,)


def cleared() -> tuple[str, ...]:
    """Take both cookies away."""
    gone = f"Max-Age=0; {_GUARDED}"
    return f"{SESSION}=; Path=/; {gone}", f"{REFRESH}=; Path={REFRESH_PATH}; {gone}"


def _value(headers: Headers, name: str) -> str:
    """Read one cookie. Of two by one name one was tossed in by a neighbour, and nobody can tell which."""
    whole = headers.get("cookie", "")
    pairs = (part.strip().partition("=") for part in whole.split(";")) if len(whole) <= _MOST_CHARACTERS else ()
    found = [value for key, _, value in pairs if key == name]
    if len(found) != 1 or not _VALUE.fullmatch(found[0]):
        raise Unauthenticated
    return found[0]
