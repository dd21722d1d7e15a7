"""Opaque signed cursors: the last key of a page, bound to the list, its filter and its reader."""

import base64
import hashlib
import hmac
from typing import Annotated, Generic, TypeVar

import msgspec

from .errors import FieldError, InvalidInput

T = TypeVar("T")
Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
_TAG_BYTES = 16


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; `next_cursor` is null on the last."""

    data: list[T]
    has_more: bool = False
    next_cursor: str | None = None


def seal_cursor(key: bytes, scope: str, last: dict[str, str]) -> str:
    """Write the last key of a page as a cursor that works for this scope (list, filter, reader) only."""
    body = msgspec.json.encode(last)
    return base64.urlsafe_b64encode(_tag(key, scope, body) + body).decode().rstrip("=")


def open_cursor(key: bytes, scope: str, cursor: str) -> dict[str, str]:
    """Read a cursor back.

    Raises:
        InvalidInput: it was altered, or belongs to another list, filter or reader.
    """
    bad = InvalidInput((FieldError("/cursor", "cursor_invalid"),))
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise bad from None
    tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, scope, body)):
        raise bad
    return msgspec.json.decode(body, type=dict[str, str])


def _tag(key: bytes, scope: str, body: bytes) -> bytes:
    return hmac.digest(key, hashlib.sha256(scope.encode()).digest() + body, hashlib.sha256)[:_TAG_BYTES]
