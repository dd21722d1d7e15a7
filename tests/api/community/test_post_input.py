"""What posts refuse, what they give back unchanged, and pages with their bounds."""

from typing import Any

import pytest

from chalicelib.foundation.kernel.ids import new_id
from tests.support.edges import Http, Reply
from tests.support.people import Someone
from tests.support.publishing import Town

SOME = "abcdefghijklmnopqrstuvwxyz"
POST, COMMENT = f"pst_{SOME}", f"cmt_{SOME}"
GOOD = {"text": "完成了", "affirmed_others": True}


def write(http: Http, who: Someone, body: object) -> Reply:
    return http("POST", "/v1/posts", body, who=who, headers={"Idempotency-Key": new_id("key")})


def published(http: Http, town: Town, who: Someone, **more: Any) -> str:
    answer = write(http, who, {**GOOD, **more})
    assert answer.status == 201, answer.text
    town.settle()
    return str(answer.json["post_id"])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({**GOOD, "text": ""}, [("/text", "length")]),
        ({**GOOD, "text": "x" * 2001}, [("/text", "length")]),
        ({**GOOD, "text": " \n "}, [("/text", "pattern")]),
        ({**GOOD, "text": "a\u202eb"}, [("/text", "pattern")]),
        ({**GOOD, "text": 5}, [("/text", "type")]),
        ({**GOOD, "media_ids": [POST]}, [("/media_ids/0", "pattern")]),
        ({**GOOD, "media_ids": [f"med_{SOME}"] * 10}, [("/media_ids", "length")]),
        ({**GOOD, "place": {"district": "x", "lat": 1}}, [("/place", "unknown_field")]),
        ({**GOOD, "author": "somebody"}, [("", "unknown_field")]),
        ({**GOOD, "visible_at": "2026-01-01"}, [("", "unknown_field")]),
    ],
)
def test_input_of_another_shape_is_refused_in_place(http: Http, town: Town, body: object, errors: list[object]):
    answer = write(http, town.author(), body)
    assert (answer.status, answer.code, answer.errors) == (400, "request.invalid", errors)
    assert town.cloud.items("community") == []


@pytest.mark.parametrize(
    "raw", [b'{"text":"\\ud800","affirmed_others":true}', b'{"text":NaN}', b"[" * 5000, b"\xff\xfe"]
)
def test_bytes_that_are_no_json_are_refused(http: Http, town: Town, raw: bytes):
    answer = http("POST", "/v1/posts", raw=raw, who=town.author(), headers={"Idempotency-Key": new_id("key")})
    assert (answer.status, answer.code) == (400, "request.invalid")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(document.cookie)</script>",
        "'; DROP TABLE posts; --",
        "{{7*7}} ${jndi:ldap://x}",
        '"}],"author":{"name":"admin"}',
        "🤖" * 500,
        "%0d%0aSet-Cookie: a=b",
    ],
)
def test_hostile_text_comes_back_as_text_and_is_never_logged(http: Http, town: Town, text: str, capsys):
    post_id = published(http, town, town.author(), text=text)
    answer = http("GET", f"/v1/posts/{post_id}")
    assert answer.json["text"] == text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    written = capsys.readouterr().out
    assert written
    assert text not in written


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "limit=1&limit=2", "state=pending", "author=x"]
)
def test_a_page_has_bounds(http: Http, town: Town, query: str):
    post_id = published(http, town, town.author())
    for path in ("/v1/posts", f"/v1/posts/{post_id}/comments"):
        answer = http("GET", f"{path}?{query}")
        assert (answer.status, answer.code) == (400, "request.invalid")


def test_a_cursor_leads_on_and_only_here(http: Http, town: Town):
    who = town.author()
    ids = [published(http, town, who, text=f"第{n}篇") for n in range(3)]
    first = http("GET", "/v1/posts?limit=2").json
    assert first["has_more"]
    second = http("GET", f"/v1/posts?limit=2&cursor={first['next_cursor']}").json
    assert [p["post_id"] for p in [*first["data"], *second["data"]]] == ids[::-1]
    elsewhere = http("GET", f"/v1/posts/{ids[0]}/comments?cursor={first['next_cursor']}")
    assert (elsewhere.status, elsewhere.errors) == (400, [("/cursor", "cursor_invalid")])


@pytest.mark.parametrize(
    "post_id", ["x", "pst_", COMMENT, POST.upper(), POST + "a", "pst_%00", "..%2f..", "%F0%9F%A4%96"]
)
def test_an_id_that_can_not_be_one_is_missing(http: Http, town: Town, post_id: str):
    who = town.author()
    for method, path in (("GET", ""), ("GET", "/comments"), ("DELETE", "")):
        answer = http(method, f"/v1/posts/{post_id}{path}", who=who)
        assert (answer.status, answer.code) == (404, "request.not_found")


def test_a_cached_list_is_revalidated(http: Http, town: Town):
    published(http, town, town.author())
    first = http("GET", "/v1/posts")
    again = http("GET", "/v1/posts", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    published(http, town, town.author("另一位"))
    assert http("GET", "/v1/posts", headers={"If-None-Match": first.headers["ETag"]}).status == 200
