"""Input from outside, decoded once: sizes, depth, types; errors name the place and the rule, never the value."""

import re
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import msgspec

from ..kernel.errors import Failure, FieldError, InvalidInput, Kind, NotFound
from ..kernel.ids import is_id

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
MOST_BYTES = 256 * 1024
PREFIXES = {
    "order_id": "ord",
    "product_id": "prd",
    "variant_id": "var",
    "post_id": "pst",
    "comment_id": "cmt",
    "media_id": "med",
    "request_id": "req",
    "session_id": "ses",
    "message_id": "ntf",
    "copy_id": "req",
    "link_id": "lnk",
    "payment_id": "pay",
    "staff_id": "stf",
    "case_id": "cas",
    "approval_id": "apr",
    "child_id": "per",
    "public_id": "pub",
}
PLAIN = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}"
_PLAIN = re.compile(PLAIN)
_AT = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_FIELD = re.compile(r"required field `([A-Za-z0-9_]+)`")
_RULES = (
    ("missing required field", "required"),
    ("contains unknown field", "unknown_field"),
    ("of length", "length"),
    ("matching regex", "pattern"),
    ("Invalid enum value", "choice"),
    ("Expected `int` >", "range"),
    ("Expected `int` <", "range"),
    ("multiple of", "range"),
    ("Expected ", "type"),
    ("Invalid ", "format"),
)


class BodyTooLarge(Failure):
    """The body is larger than this route takes."""

    code = "request.too_large"
    kind = Kind.TOO_LARGE
    title_zh = "请求内容过大"
    title_en = "The request is too large"


class WrongMediaType(Failure):
    """The body is not what this route takes: JSON, or a form where it says so."""

    code = "request.media_type"
    kind = Kind.MEDIA_TYPE
    title_zh = "请求内容类型不受支持"
    title_en = "The body is of another type than this takes"


def body(given: bytes, content_type: str, into: type[T], *, most_bytes: int = MOST_BYTES) -> T:
    """Decode a JSON body into its contract.

    Raises:
        BodyTooLarge: over the limit.
        WrongMediaType: not `application/json`.
        InvalidInput: not JSON (NaN, lone surrogates and deep nesting included) or not of this shape.
    """
    if len(given) > most_bytes:
        raise BodyTooLarge
    if content_type.split(";", 1)[0].strip().lower() != "application/json":
        raise WrongMediaType
    try:
        return msgspec.json.decode(given, type=into)
    except msgspec.ValidationError as fault:
        raise InvalidInput((_field_error(str(fault)),)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidInput((FieldError("", "json"),)) from None


def query(given: dict[str, list[str]], into: type[S]) -> S:
    """Decode query parameters; each may come once.

    Raises:
        InvalidInput: repeated, unknown, no text (lone surrogates) or of the wrong shape.
    """
    for name, values in given.items():
        place = f"/{name}" if name in into.__struct_fields__ else ""
        if len(values) != 1:
            raise InvalidInput((FieldError(place, "repeated"),))
        if not (_is_text(name) and _is_text(values[0])):
            raise InvalidInput((FieldError(place, "format"),))
    try:
        return msgspec.convert({name: values[0] for name, values in given.items()}, type=into, strict=False)
    except msgspec.ValidationError as fault:
        raise InvalidInput((_field_error(str(fault)),)) from None


def form(given: bytes, content_type: str, into: type[S], *, most_bytes: int = MOST_BYTES) -> S:
    """Decode a body as browsers send forms; each field may come once.

    Raises:
        BodyTooLarge: over the limit.
        WrongMediaType: not `application/x-www-form-urlencoded`.
        InvalidInput: repeated, unknown, no text or of the wrong shape.
    """
    if len(given) > most_bytes:
        raise BodyTooLarge
    if content_type.split(";", 1)[0].strip().lower() != "application/x-www-form-urlencoded":
        raise WrongMediaType
    try:
        fields = parse_qs(given.decode(), keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise InvalidInput((FieldError("", "form"),)) from None
    return query(fields, into)


def path(given: dict[str, str]) -> dict[str, str]:
    """Decode path parameters, which arrive percent-encoded, and refuse what can't be an id.

    Raises:
        NotFound: not the shape of that id, so nothing can be there.
    """
    decoded = {name: unquote(value) for name, value in given.items()}
    for name, value in decoded.items():
        prefix = PREFIXES.get(name)
        if not (is_id(prefix, value) if prefix else _PLAIN.fullmatch(value)):
            raise NotFound
    return decoded


def raw(request: Any) -> bytes:  # noqa: ANN401 - Chalice's request
    """Give the body of a Chalice request as it came.

    Raises:
        InvalidInput: no text (lone surrogates), or base64 that is none.
    """
    try:
        return bytes(request.raw_body or b"")
    except ValueError:
        raise InvalidInput((FieldError("", "encoding"),)) from None


def _field_error(text: str) -> FieldError:
    at = _AT.search(text)
    pointer = re.sub(r"\[(\d+)\]", r"/\1", at[1].replace("[...]", "/-")).replace(".", "/") if at else ""
    rule = next((code for sign, code in _RULES if sign in text), "invalid")
    if rule == "required" and (field := _FIELD.search(text)):
        pointer = f"{pointer}/{field[1]}"
    return FieldError(pointer, rule)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def multi(request: Any) -> dict[str, list[str]]:  # noqa: ANN401 - Chalice's request
    """Give the query parameters of a Chalice request as lists."""
    params = request.query_params
    return {} if params is None else {name: list(params.getlist(name)) for name in params}
