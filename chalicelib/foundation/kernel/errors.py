"""The vocabulary of failure: one class per reason, a stable code, no personal data, no HTTP."""

from enum import Enum
from typing import ClassVar

import msgspec


class Kind(Enum):
    """What sort of refusal it is; `web.problem` alone turns a kind into a status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION = "precondition"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    UNPROCESSABLE = "unprocessable"
    LOCKED = "locked"
    UPGRADE = "upgrade"
    PRECONDITION_REQUIRED = "precondition_required"
    TOO_MANY = "too_many"
    INTERNAL = "internal"
    PROVIDER = "provider"
    UNAVAILABLE = "unavailable"


class FieldError(msgspec.Struct, frozen=True):
    """One place in the input and the rule it broke; never what the client sent there."""

    pointer: str
    code: str


class Failure(Exception):
    """An expected refusal. Subclasses set the class attributes and nothing else."""

    code: ClassVar[str]
    kind: ClassVar[Kind]
    title_zh: ClassVar[str]
    title_en: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, errors: tuple[FieldError, ...] = (), *, retry_after_s: int | None = None) -> None:
        """Take the fields at fault and, where it may pass later, the seconds to wait."""
        super().__init__(self.code)
        self.errors = errors
        self.retry_after_s = retry_after_s


class InvalidInput(Failure):
    """The request does not have the documented shape."""

    code = "request.invalid"
    kind = Kind.INVALID
    title_zh = "请求内容不符合要求"
    title_en = "The request is not well formed"


class NotFound(Failure):
    """Nothing there that this caller may know of."""

    code = "request.not_found"
    kind = Kind.MISSING
    title_zh = "没有找到"
    title_en = "Not found"


class Unauthenticated(Failure):
    """No valid session came with the request."""

    code = "session.invalid"
    kind = Kind.UNAUTHENTICATED
    title_zh = "请先登录"
    title_en = "Log in first"


class ReauthenticationRequired(Failure):
    """A sensitive act needs a recent proof of identity."""

    code = "session.reauthentication_required"
    kind = Kind.FORBIDDEN
    title_zh = "请先验证身份"
    title_en = "Confirm that it is you first"


class ConsentRequired(Failure):
    """The purpose was not agreed to, or the consent was withdrawn."""

    code = "consent.required"
    kind = Kind.FORBIDDEN
    title_zh = "需要您先同意该用途"
    title_en = "This purpose needs your consent first"


class TooMany(Failure):
    """A limit against abuse was reached."""

    code = "rate.limited"
    kind = Kind.TOO_MANY
    title_zh = "操作过于频繁，请稍后再试"
    title_en = "Too many requests, try again later"
    retryable = True


class Busy(Failure):
    """A part that the answer needs is not there right now; nothing was lost."""

    code = "service.unavailable"
    kind = Kind.UNAVAILABLE
    title_zh = "服务繁忙，请稍后再试"
    title_en = "The service is busy, try again"
    retryable = True


class Internal(Failure):
    """A fault of ours; the request id finds it in the log."""

    code = "service.fault"
    kind = Kind.INTERNAL
    title_zh = "服务出现故障"
    title_en = "Something went wrong on our side"
