"""Refusals as RFC 9457 problem documents: stable code, two languages, nothing of what the client sent."""

import re
from typing import Any, Final

import msgspec

from ..kernel.errors import Failure, FieldError, Kind

CONTENT_TYPE = "application/problem+json"
STATUS: dict[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.NOT_ALLOWED: 405,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.PRECONDITION: 412,
    Kind.TOO_LARGE: 413,
    Kind.MEDIA_TYPE: 415,
    Kind.UNPROCESSABLE: 422,
    Kind.LOCKED: 423,
    Kind.UPGRADE: 426,
    Kind.PRECONDITION_REQUIRED: 428,
    Kind.TOO_MANY: 429,
    Kind.INTERNAL: 500,
    Kind.PROVIDER: 502,
    Kind.UNAVAILABLE: 503,
}


_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_WEIGHT: Final = re.compile(r"(?:q=([01](?:\.\d{0,3})?))?")


class Problem(msgspec.Struct, frozen=True):
    """The body of every refusal."""

    type: str
    title: str
    status: int
    code: str
    request_id: str
    retryable: bool
    errors: list[FieldError] = []


def problem(failure: Failure, request_id: str, language: str) -> Problem:
    """Describe a failure in the caller's language."""
    return Problem(
        type=f"urn:jule:problem:{failure.code}",
        title=failure.title_zh if language == "zh-CN" else failure.title_en,
        status=STATUS[failure.kind],
        code=failure.code,
        request_id=request_id,
        retryable=failure.retryable,
        errors=list(failure.errors),
    )


def headers_of(failure: Failure) -> dict[str, str]:
    """Give the headers that belong to a failure."""
    headers = {"Content-Type": CONTENT_TYPE}
    if failure.retry_after_s is not None:
        headers["Retry-After"] = str(failure.retry_after_s)
    if failure.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="jule"'
    return headers


def choose_language(accept: str) -> str:
    """Pick zh-CN or en by what `Accept-Language` likes best of the two; zh-CN when it likes neither."""
    chosen, best = "zh-CN", 0.0
    for part in accept.lower().split(","):
        tag, _, weight = part.partition(";")
        known = _LANGUAGES.get(tag.strip().split("-", 1)[0])
        liking = _WEIGHT.fullmatch(weight.strip())
        if known and liking and float(liking[1] or 1) > best:
            chosen, best = known, float(liking[1] or 1)
    return chosen


def schema() -> dict[str, Any]:
    """Give the JSON schema of a problem for OpenAPI."""
    return msgspec.json.schema(Problem)
