"""Input from outside: what can't be meant is refused, with the place and the rule and never the value."""

import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel.errors import Failure, FieldError, InvalidInput, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.kernel.shapes import Command
from chalicelib.foundation.web import decode

CANARY = "canary-7f3a"
JSON = "application/json"


class Line(Command):
    sku: Annotated[str, msgspec.Meta(max_length=8, pattern="^[a-z0-9]*$")]
    count: Annotated[int, msgspec.Meta(ge=1, le=99)] = 1


class Place(Command):
    name: Annotated[str, msgspec.Meta(max_length=20)] = ""
    share: float = 0.0
    count: int = 0
    lines: tuple[Line, ...] = ()
    grid: tuple[tuple[int, ...], ...] = ()
    by_name: dict[str, Line] = msgspec.field(default_factory=dict)
    anything: Any = None


def refused(raw: bytes, into: type = Place) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidInput) as caught:
        decode.body(raw, JSON, into)
    assert CANARY not in repr(caught.value.errors)
    return caught.value.errors


def refusal(raw: bytes) -> Failure | None:
    try:
        decode.body(raw, JSON, Place)
    except Failure as failure:
        return failure
    return None


NOT_JSON = [
    pytest.param(b"NaN", id="NaN"),
    pytest.param(b'{"share": NaN}', id="NaN inside"),
    pytest.param(b'{"share": Infinity}', id="Infinity"),
    pytest.param(b'{"share": -Infinity}', id="-Infinity"),
    pytest.param(b'{"name": "\\ud800"}', id="lone surrogate"),
    pytest.param(b'{"name": "\\udc00\\ud800"}', id="surrogates the wrong way round"),
    pytest.param(b'{"name": "\xed\xa0\x80"}', id="surrogate in UTF-8"),
    pytest.param(b'{"name": "\xff"}', id="no UTF-8"),
    pytest.param(b'{"name": "\xc0\xaf"}', id="overlong UTF-8"),
    pytest.param('{"name": "聚"}'.encode("gbk"), id="GBK"),
    pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
    pytest.param(b"{} {}", id="two values"),
    pytest.param(b"{'name': 1}", id="single quotes"),
    pytest.param(b'{"name": "a",}', id="trailing comma"),
    pytest.param(b'{"count": 01}', id="leading zero"),
    pytest.param(b"", id="empty"),
    pytest.param(b" ", id="blank"),
    pytest.param(b'{"name": "a', id="cut off"),
    pytest.param(b'{"anything": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="100,000 deep, where anything goes"),
    pytest.param(b'{"anything": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_001, id="40,000 objects deep"),
]


@pytest.mark.parametrize("raw", NOT_JSON)
def test_what_is_not_json_is_refused_as_such(raw: bytes):
    assert refused(raw) == (FieldError("", "json"),)


WRONG = [
    (b'{"lines": ' + b"[" * 100_000, "/lines/0", "type"),
    (b'{"share": 1e400}', "/share", "invalid"),
    (b'{"count": 1e400}', "/count", "invalid"),
    (b'{"count": 1.5}', "/count", "type"),
    (b'{"count": "1"}', "/count", "type"),
    (b'{"count": true}', "/count", "type"),
    (b'{"count": null}', "/count", "type"),
    (b'{"anything": ' + b"9" * 5000 + b"}", "/anything", "invalid"),
    (b'{"lines": [{"sku": "a", "count": ' + b"9" * 40 + b"}]}", "/lines/0/count", "range"),
    (b'{"lines": [{"sku": "a"}, {"sku": "canary-7f3a"}]}', "/lines/1/sku", "length"),
    (b'{"lines": [{"sku": "A-"}]}', "/lines/0/sku", "pattern"),
    (b'{"lines": [{"count": 1}]}', "/lines/0/sku", "required"),
    (b'{"lines": [{"sku": "a", "canary-7f3a": 1}]}', "/lines/0", "unknown_field"),
    (b'{"canary-7f3a": 1}', "", "unknown_field"),
    (b'{"grid": [[1, 2], [3, "canary-7f3a"]]}', "/grid/1/1", "type"),
    (b'{"grid": [[1], 2]}', "/grid/1", "type"),
    (b'{"by_name": {"canary-7f3a": {"sku": "canary-7f3a"}}}', "/by_name/-/sku", "length"),
    (b'{"by_name": {"canary-7f3a": {"count": 1}}}', "/by_name/-/sku", "required"),
    (b'{"by_name": {"canary-7f3a": 4}}', "/by_name/-", "type"),
    (b'["canary-7f3a"]', "", "type"),
    (b"null", "", "type"),
]


@pytest.mark.parametrize(("raw", "pointer", "code"), WRONG)
def test_a_refusal_points_at_the_place_and_names_the_rule(raw: bytes, pointer: str, code: str):
    assert refused(raw) == (FieldError(pointer, code),)


def test_the_last_of_two_fields_of_one_name_counts():
    assert decode.body(b'{"count": 1, "count": 2}', JSON, Place).count == 2


def test_a_body_may_have_256_kib_and_not_one_byte_more():
    just = b'{"name": "' + b" " * (decode.MOST_BYTES - 12) + b'"}'
    assert len(just) == decode.MOST_BYTES
    assert refused(just) == (FieldError("/name", "length"),)
    with pytest.raises(decode.BodyTooLarge):
        decode.body(just + b" ", JSON, Place)
    with pytest.raises(decode.BodyTooLarge):
        decode.body(b"[" * 300 * 1024, "text/plain", Place)


@pytest.mark.parametrize("kind", ["", "text/plain", "text/json", "application/jsonx", "form-data", "json", ";"])
def test_only_json_is_taken(kind: str):
    with pytest.raises(decode.WrongMediaType):
        decode.body(b"{}", kind, Place)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_is_taken_however_it_is_written(kind: str):
    assert decode.body(b"{}", kind, Place) == Place()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just(CANARY), inner, max_size=4),
)
bodies = values | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("name", "share", "count", "lines", "grid", "by_name", "anything"), values)
)


@given(bodies)
def test_any_json_is_either_taken_or_refused_without_an_echo(value: Any):
    failure = refusal(json.dumps(value).encode())
    assert failure is None or CANARY not in repr((failure.errors, str(failure)))


@given(st.binary(max_size=200))
def test_any_bytes_are_either_taken_or_refused(raw: bytes):
    failure = refusal(raw)
    assert failure is None or (isinstance(failure, InvalidInput) and len(failure.errors) == 1)


class Filter(Command):
    q: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class Longer(Filter):
    since: str = ""


def asked(given: dict[str, list[str]], into: type = Filter) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidInput) as caught:
        decode.query(given, into)
    return caught.value.errors


QUERIES = [
    ({"limit": ["1", "2"]}, "/limit", "repeated"),
    ({"limit": []}, "/limit", "repeated"),
    ({CANARY: ["1"]}, "", "unknown_field"),
    ({CANARY: ["1", "2"]}, "", "repeated"),
    ({"limit": ["0"]}, "/limit", "range"),
    ({"limit": ["101"]}, "/limit", "range"),
    ({"limit": ["1e400"]}, "/limit", "invalid"),
    ({"limit": ["9" * 5000]}, "/limit", "invalid"),
    ({"limit": [CANARY]}, "/limit", "type"),
    ({"limit": [""]}, "/limit", "type"),
    ({"limit": ["５"]}, "/limit", "type"),
    ({"limit": ["1_0"]}, "/limit", "type"),
    ({"q": ["\ud800"]}, "/q", "format"),
    ({"\ud800": ["1"]}, "", "format"),
]


@pytest.mark.parametrize(("given", "pointer", "code"), QUERIES)
def test_a_query_is_refused_like_a_body(given: dict[str, list[str]], pointer: str, code: str):
    assert asked(given) == (FieldError(pointer, code),)


def test_a_query_is_read_into_its_types():
    assert decode.query({"q": ["模型"], "limit": ["5"]}, Filter) == Filter(q="模型", limit=5)
    assert decode.query({}, Filter) == Filter()


def test_a_repeated_parameter_of_a_base_is_named():
    assert asked({"limit": ["1", "2"]}, Longer) == (FieldError("/limit", "repeated"),)


def test_ids_in_a_path_are_taken_with_or_without_encoding():
    order_id = new_id("ord")
    assert decode.path({"order_id": order_id}) == {"order_id": order_id}
    assert decode.path({"order_id": order_id.replace("_", "%5F")}) == {"order_id": order_id}
    assert decode.path({"version": "1.0.0"}) == {"version": "1.0.0"}


DOTS = ["", ".", "..", "%2e%2e", "%2E", "%252e", "%u002e"]
PATHS = ["a%2Fb", "a/b", "a\\b", "%00", "a%0a", "%ff", "%25", "ａ", "a" * 65, "%"]


@pytest.mark.parametrize("value", DOTS + PATHS)
def test_what_can_be_no_id_is_not_there(value: str):
    with pytest.raises(NotFound):
        decode.path({"version": value})


SHORT_OR_LONG = ["per", "ord_", "ord_" + "a" * 25, "ord_" + "a" * 27]
STRANGE = ["ord_" + "A" * 26, "ord_" + "1" * 26, "ORD_" + "a" * 26, "prd_" + "a" * 26, "ord_" + "a" * 26 + "%0a"]


@pytest.mark.parametrize("value", [*SHORT_OR_LONG, *STRANGE, "ord_" + "ａ" * 26])
def test_an_id_of_another_shape_or_kind_is_not_there(value: str):
    with pytest.raises(NotFound):
        decode.path({"order_id": value})


@given(st.text())
def test_any_path_is_taken_or_not_there(value: str):
    try:
        taken = decode.path({"version": value})["version"]
    except NotFound:
        return
    assert taken.isascii()
    assert not {"/", "\\", "%", "\0"} & set(taken)
    assert taken.strip(".") != ""
