"""Posts over HTTP: for every route what guests, authors and strangers get, and what a replay gives."""

from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.foundation.kernel.ids import new_id
from tests.support.edges import Http, Reply
from tests.support.people import Someone, expired_token
from tests.support.photographs import jpeg
from tests.support.publishing import Town

PLACE = "community.place"
SOME = "abcdefghijklmnopqrstuvwxyz"
POST, COMMENT = f"pst_{SOME}", f"cmt_{SOME}"
GOOD = {"text": "完成了", "affirmed_others": True}
OWNED = [
    ("POST", "/v1/posts", GOOD),
    ("DELETE", f"/v1/posts/{POST}", None),
    ("POST", f"/v1/posts/{POST}/comments", GOOD),
    ("DELETE", f"/v1/comments/{COMMENT}", None),
]


def write(http: Http, who: Someone, body: object = GOOD, key: str = "", path: str = "/v1/posts") -> Reply:
    return http("POST", path, body, who=who, headers={"Idempotency-Key": key or new_id("key")})


def published(http: Http, town: Town, who: Someone, **more: Any) -> str:
    answer = write(http, who, {**GOOD, **more})
    assert answer.status == 201, answer.text
    town.settle()
    return str(answer.json["post_id"])


def commented(http: Http, town: Town, who: Someone, post_id: str, text: str = "漂亮") -> str:
    answer = write(http, who, {**GOOD, "text": text}, path=f"/v1/posts/{post_id}/comments")
    assert answer.status == 201, answer.text
    town.settle()
    return str(answer.json["comment_id"])


@pytest.mark.parametrize(("method", "path", "body"), OWNED)
def test_guests_are_asked_to_log_in_before_they_write(http: Http, town: Town, method: str, path: str, body: object):
    for headers in ({}, {"Authorization": f"Bearer {expired_token(town.author())}"}, {"Authorization": "Bearer x"}):
        answer = http(method, path, body, headers={**headers, "Idempotency-Key": new_id("key")})
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert town.cloud.items("community") == []


@pytest.mark.promise("A1.2", "F3.1")
def test_everyone_reads_what_passed(http: Http, town: Town):
    who, stranger = town.author(), town.author("路人")
    media_id = town.picture(who, jpeg())
    post_id = published(http, town, who, media_ids=[media_id])
    comment_id = commented(http, town, stranger, post_id)
    for caller in (None, who, stranger):
        one = http("GET", f"/v1/posts/{post_id}", who=caller)
        assert one.status == 200
        assert one.json["author"] == {"name": "模型君", "avatar": None, "public_id": None}
        assert (one.json["state"], one.json["place"]) == ("visible", None)
        assert one.json["pictures"][0]["large"].startswith("https://media.jule.example/pic_")
        assert one.headers["Cache-Control"] == "public, max-age=15"
        listed = http("GET", "/v1/posts", who=caller).json
        assert [post["post_id"] for post in listed["data"]] == [post_id]
        assert (listed["has_more"], listed["next_cursor"]) == (False, None)
        comments = http("GET", f"/v1/posts/{post_id}/comments", who=caller).json["data"]
        assert [(c["comment_id"], c["text"], c["author"]["name"]) for c in comments] == [(comment_id, "漂亮", "路人")]


def test_no_answer_tells_who_is_behind_a_name(http: Http, town: Town):
    who = town.author()
    media_id = town.picture(who, jpeg())
    made = write(http, who, {**GOOD, "media_ids": [media_id]})
    town.settle()
    post_id = made.json["post_id"]
    commented(http, town, who, post_id)
    answers = [made, *(http("GET", f"/v1/posts{path}") for path in ("", f"/{post_id}", f"/{post_id}/comments"))]
    for answer in answers:
        for secret in (who.person_id, who.ref, *who.keys.values(), media_id):
            assert secret not in answer.text


@pytest.mark.promise("A1.4")
def test_a_visit_leaves_no_trace(http: Http, town: Town, aws_calls):
    post_id = published(http, town, town.author())
    aws_calls.clear()
    for path in (
        "/v1/posts",
        "/v1/posts?q=a",
        f"/v1/posts/{post_id}",
        f"/v1/posts/{post_id}/comments",
        f"/v1/posts/{POST}",
    ):
        http("GET", path)
    assert aws_calls
    assert {call.operation for call in aws_calls} <= {"Query", "GetItem", "BatchGetItem", "Decrypt"}


@pytest.mark.promise("A1.3")
def test_everyone_finds_by_words(http: Http, town: Town):
    who = town.author()
    nu, zaku = (published(http, town, who, text=text) for text in ("牛高达", "扎古"))
    for caller in (None, who, town.author("路人")):
        for words, found in {"高达": [nu], "扎古": [zaku], "沙扎比": []}.items():
            answer = http("GET", f"/v1/posts?q={quote(words)}", who=caller)
            assert [one["post_id"] for one in answer.json["data"]] == found


@pytest.mark.promise("F3.1")
def test_what_is_not_visible_is_not_there(http: Http, town: Town):
    who = town.author()
    ids = [
        write(http, who, {**GOOD, "text": text, "affirmed_leaving": True}).json["post_id"]
        for text in ("好", "低价代开发票", "加微信转账")
    ]
    town.moderator.plan("tms.*", "error", times=100)
    town.pump("community")
    for _ in range(2):
        for post_id in ids:
            for caller in (None, who, town.author("路人")):
                for path in (f"/v1/posts/{post_id}", f"/v1/posts/{post_id}/comments"):
                    answer = http("GET", path, who=caller)
                    assert (answer.status, answer.code) == (404, "request.not_found")
        assert http("GET", "/v1/posts").json["data"] == []
        town.moderator.world.faults.clear()
        ids = ids[1:]
        town.pump("community")


def test_a_repeat_under_the_same_key_is_the_same_post(http: Http, town: Town):
    who, key = town.author(), new_id("key")
    first, again = write(http, who, key=key), write(http, who, key=key)
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    town.settle()
    assert write(http, who, key=key).json["state"] == "visible"
    assert len(http("GET", "/v1/posts").json["data"]) == 1
    other = write(http, who, {**GOOD, "text": "另一篇"}, key=key)
    assert (other.status, other.code) == (422, "idempotency.key_reused")
    assert write(http, town.author("路人"), key=key).json["post_id"] != first.json["post_id"]


def test_a_repeat_with_pictures_finds_them_in_its_own_post(http: Http, town: Town):
    who, key = town.author(), new_id("key")
    body = {**GOOD, "media_ids": [town.picture(who, jpeg())]}
    assert write(http, who, body, key).json["post_id"] == write(http, who, body, key).json["post_id"]


def test_a_repeat_of_a_comment_is_the_same_comment(http: Http, town: Town):
    who, key = town.author(), new_id("key")
    post_id, another = published(http, town, who), published(http, town, who)
    path = f"/v1/posts/{post_id}/comments"
    first, again = write(http, who, key=key, path=path), write(http, who, key=key, path=path)
    assert again.json == first.json
    elsewhere = write(http, who, key=key, path=f"/v1/posts/{another}/comments")
    assert (elsewhere.status, elsewhere.code) == (422, "idempotency.key_reused")


def test_a_repeat_after_removal_brings_nothing_back(http: Http, town: Town):
    who, key = town.author(), new_id("key")
    post_id = write(http, who, key=key).json["post_id"]
    assert http("DELETE", f"/v1/posts/{post_id}", who=who).status == 204
    assert write(http, who, key=key).status == 404
    town.settle()
    assert http("GET", "/v1/posts").json["data"] == []


def test_a_key_is_needed(http: Http, town: Town):
    for path in ("/v1/posts", f"/v1/posts/{POST}/comments"):
        answer = http("POST", path, GOOD, who=town.author())
        assert (answer.status, answer.code) == (400, "idempotency.key_missing")


@pytest.mark.promise("J3.1")
def test_authors_remove_what_is_theirs_and_strangers_nothing(http: Http, town: Town):
    who, stranger = town.author(), town.author("路人")
    post_id = published(http, town, who)
    comment_id = commented(http, town, stranger, post_id)
    for path, other in ((f"/v1/posts/{post_id}", stranger), (f"/v1/comments/{comment_id}", who)):
        refused = http("DELETE", path, who=other)
        missing = http("DELETE", path[:-26] + SOME, who=other)
        assert (refused.status, refused.code) == (missing.status, missing.code) == (404, "request.not_found")
        assert refused.json | {"request_id": ""} == missing.json | {"request_id": ""}
    gone = http("DELETE", f"/v1/comments/{comment_id}", who=stranger)
    assert (gone.status, gone.text) == (204, "")
    assert http("GET", f"/v1/posts/{post_id}/comments").json["data"] == []
    assert http("DELETE", f"/v1/posts/{post_id}", who=who).status == 204
    assert http("GET", f"/v1/posts/{post_id}").status == 404
    assert http("DELETE", f"/v1/posts/{post_id}", who=who).status == 404


@pytest.mark.promise("A4.1", "F3.2")
def test_a_place_needs_consent_and_is_then_shown(http: Http, town: Town):
    body = {**GOOD, "place": {"district": "上海市嘉定区"}}
    refused = write(http, town.author(), body)
    assert (refused.status, refused.code, refused.errors) == (
        403,
        "consent.required",
        [("/purposes/community.place", "not_agreed")],
    )
    post_id = published(http, town, town.author(consents=[PLACE]), place={"district": "上海市嘉定区"})
    assert http("GET", f"/v1/posts/{post_id}").json["place"] == {"district": "上海市嘉定区"}


@pytest.mark.promise("F6.1")
def test_the_authors_word_about_others_comes_first(http: Http, town: Town):
    who = town.author()
    post_id = published(http, town, who)
    for path in ("/v1/posts", f"/v1/posts/{post_id}/comments"):
        answer = write(http, who, {**GOOD, "affirmed_others": False}, path=path)
        assert (answer.status, answer.code) == (422, "community.affirmation_missing")
        assert answer.errors == [("/affirmed_others", "required")]
        unsaid = write(http, who, {"text": "好"}, path=path)
        assert (unsaid.status, unsaid.errors) == (400, [("/affirmed_others", "required")])
