"""What a route gives back besides its view, and how it is put on the wire."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import Response

from ..kernel.call import Call
from ..kernel.errors import Failure, FieldError, Kind
from .problem import STATUS, headers_of, problem

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'",
}


class Answer(msgspec.Struct, frozen=True):
    """A view with what HTTP says around it.

    `version` becomes a strong ETag; `location` names where to look instead; `html` is a page instead
    of JSON, in `language` where that is not the caller's; `status` overrides the route's; `code` is what the log says
    of a refusal that is told in a shape of its own; `cookies` are set as they stand; `headers` take the place of those
    that every answer has.
    """

    view: Any = None
    status: int = 0
    version: int | str | None = None
    location: str = ""
    html: str = ""
    language: str = ""
    code: str = ""
    headers: dict[str, str] = {}
    cookies: tuple[str, ...] = ()


class VersionMissing(Failure):
    """This edit needs `If-Match`."""

    code = "version.required"
    kind = Kind.PRECONDITION_REQUIRED
    title_zh = "缺少版本信息"
    title_en = "If-Match is required"


class VersionStale(Failure):
    """Somebody changed it since it was read."""

    code = "version.stale"
    kind = Kind.PRECONDITION
    title_zh = "内容已被更新，请刷新后重试"
    title_en = "It was changed meanwhile; read it again"


def version_asked(header: str) -> int:
    """Read the version out of `If-Match`.

    Raises:
        VersionMissing: no header.
        VersionStale: a tag that was never ours.
    """
    if not header:
        raise VersionMissing((FieldError("/headers/If-Match", "required"),))
    tag = header.strip().strip('"')
    if not (tag.isascii() and tag.isdecimal()) or len(tag) > 18:  # noqa: PLR2004 - fits a 64-bit counter
        raise VersionStale
    return int(tag)


def render(
    given: Any,  # noqa: ANN401 - a view or an Answer
    status: int,
    headers: dict[str, str],
    *,
    place: str = "",
) -> Response:
    """Put a view or an `Answer` on the wire."""
    answer = given if isinstance(given, Answer) else Answer(given)
    code = answer.status or status
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if location := answer.location or place.format(answer.view):
        headers["Location"] = location
    if answer.language:
        headers["Content-Language"] = answer.language
    headers.update(answer.headers)
    if answer.html:
        headers["Content-Type"] = "text/html; charset=utf-8"
        return Response(body=answer.html, status_code=code, headers=dict(headers))
    if answer.view is None:
        return Response(body="", status_code=code, headers=dict(headers))
    headers["Content-Type"] = "application/json"
    return Response(body=msgspec.json.encode(answer.view).decode(), status_code=code, headers=dict(headers))


def revalidated(response: Response, if_none_match: str) -> Response:
    """Give a public answer its strong ETag; 304 without a body when the client has exactly that."""
    if response.status_code != 200:  # noqa: PLR2004 - only what may be cached
        return response
    tag = f'"{hashlib.sha256(str(response.body).encode()).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    if tag not in known and "*" not in known:
        return response
    kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return Response(body="", status_code=304, headers=kept)


def refuse(
    failure: Failure, call: Call, headers: dict[str, str], *, page: Callable[[Failure], str] | None = None
) -> Response:
    """Put a refusal on the wire: a problem document, or the page that a browser shows in its place."""
    headers.update(headers_of(failure))
    headers["Cache-Control"] = "no-store"
    if page is not None:
        headers |= {"Content-Type": "text/html; charset=utf-8", "Content-Language": "zh-CN", "X-Frame-Options": "DENY"}
        return Response(body=page(failure), status_code=STATUS[failure.kind], headers=dict(headers))
    body = msgspec.json.encode(problem(failure, call.request_id, call.language)).decode()
    return Response(body=body, status_code=STATUS[failure.kind], headers=dict(headers))
