"""One HTTP exchange with a provider: bounded in time, size and tries; no redirects, proxies or cookies.

Every call opens its own connection: a function is frozen between requests, and a connection that died
meanwhile would make an honest call look like one whose answer was lost.
"""

import logging
import ssl
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from ..kernel import backoff, clock
from ..kernel.log import Event, event
from ..vault.tracing import span
from .errors import ProviderRefused, ProviderUnavailable

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_T = TypeVar("_T")

CONNECT_S = 1.0
READ_S = 3.0
TRIES = 2
CAP_BYTES = 64 * 1024
_CHUNK_BYTES = 16 * 1024
_BUSY = frozenset({429, 500, 502, 503, 504})


class Exchange(msgspec.Struct, frozen=True):
    """What to send, to whom (`provider` and `operation` as they appear in the log), and how it may be repeated.

    `repeatable` says that the provider does the thing once, however often it is asked.
    """

    provider: str
    operation: str
    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    repeatable: bool = True
    cap_bytes: int = CAP_BYTES

    def __repr__(self) -> str:
        """Show what it is, and nothing of what it carries."""
        return f"<{self.provider} {self.operation}>"


class Answer(msgspec.Struct, frozen=True):
    """What came back: the status, the headers in lower case and the exact body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _NotSent(Exception):
    """No connection came about, so nothing can have happened on the other side."""


class _AnswerLost(Exception):
    """It was sent, and whether it took effect is not known."""


def exchange(what: Exchange) -> Answer:
    """Send it and read the answer, once more where that cannot do harm.

    Raises:
        ProviderUnavailable: no answer within the time limits, or a busy status (429, 5xx), after the last try.
        ProviderRefused: a redirect, an encoded answer, or one larger than the cap.
    """
    with span(f"{what.provider}.{what.operation}"):
        return _tried(what)


def _tried(what: Exchange) -> Answer:
    fault = ""
    for attempt in range(1, TRIES + 1):
        try:
            answer = _once(what)
        except _NotSent:
            fault, again = "not_sent", True
        except _AnswerLost:
            fault, again = "answer_lost", what.repeatable
        else:
            if answer.status not in _BUSY:
                return answer
            fault, again = f"status_{answer.status}", what.repeatable
        if not again:
            break
        if attempt < TRIES:
            backoff.pause(attempt)
    report(what.provider, what.operation, fault)
    raise ProviderUnavailable


def checked(content: bytes | msgspec.Raw, shape: type[_T], *, provider: str, operation: str) -> _T:
    """Read a JSON answer into the shape that its documents promise.

    Raises:
        ProviderRefused: it has another shape.
    """
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        report(provider, operation, "malformed")
        raise ProviderRefused from None


def report(provider: str, operation: str, kind: str) -> None:
    """Log that a provider failed us; `kind` is a code, cut down to characters that cannot carry content."""
    plain = "".join(c for c in kind[:64] if c.isascii() and (c.isalnum() or c in "._-"))
    event(Event.PROVIDER_FAULT, provider=provider, operation=operation, kind=plain)


def _once(what: Exchange) -> Answer:
    from urllib3 import PoolManager, Timeout, exceptions

    with PoolManager(timeout=Timeout(connect=CONNECT_S, read=READ_S), retries=False, ssl_context=_trust()) as pool:
        try:
            response = pool.request(
                what.method,
                what.url,
                body=what.body or None,
                headers={**what.headers, "Accept-Encoding": "identity", "Connection": "close"},
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return _read(what, response)
            finally:
                response.close()
        except (exceptions.ConnectTimeoutError, exceptions.NewConnectionError, exceptions.NameResolutionError):
            raise _NotSent from None
        except exceptions.HTTPError:
            raise _AnswerLost from None


def _read(what: Exchange, response: "BaseHTTPResponse") -> Answer:
    redirected = HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST
    if redirected or response.headers.get("Content-Encoding"):
        report(what.provider, what.operation, "redirected_or_encoded")
        raise ProviderRefused
    until_s = clock.steady_s() + READ_S
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK_BYTES):
        size += len(chunk)
        chunks.append(chunk)
        if size > what.cap_bytes:
            report(what.provider, what.operation, "oversize")
            raise ProviderRefused
        if clock.steady_s() > until_s:
            raise _AnswerLost
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, b"".join(chunks))


@cache
def _trust() -> ssl.SSLContext:
    import certifi

    # urllib3 writes addresses with their query, and so secrets, to its log.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    return ssl.create_default_context(cafile=certifi.where())
