"""The inbox over HTTP: one's own only, bounded pages, clear refusals."""

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.notifications import service
from tests.support.edges import Http
from tests.support.people import Someone, expired_token, make_person

SOME = "abcdefghijklmnopqrstuvwxyz"


def put(who: Someone, template: str = "order_paid", subject_id: str = "") -> None:
    service.deliver(who.call(idempotency_key=new_id("msg")), template, subject_id)


def first(http: Http, who: Someone) -> dict:
    return http("GET", "/v1/inbox", who=who).json["data"][0]


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/inbox"), ("POST", f"/v1/inbox/ntf_{SOME}/read")])
def test_guests_are_asked_to_log_in(http: Http, method, path):
    for headers in ({}, {"Authorization": f"Bearer {expired_token(make_person())}"}):
        answer = http(method, path, headers=headers)
        assert (answer.status, answer.code) == (401, "session.invalid")


@pytest.mark.promise("G1.3")
def test_the_owner_lists_reads_and_sees_it_read(http: Http):
    who, order_id = make_person(), new_id("ord")
    put(who, "order_shipped", order_id)
    message = first(http, who)
    assert (message["template"], message["topic"], message["subject_id"]) == ("order_shipped", "order", order_id)
    assert message["title"] == "订单已发货"
    assert message["read_at"] is None
    read = http("POST", f"/v1/inbox/{message['message_id']}/read", who=who)
    assert (read.status, read.json["message_id"]) == (200, message["message_id"])
    assert first(http, who)["read_at"] == read.json["read_at"]
    assert http("GET", "/v1/inbox?unread=true", who=who).json["data"] == []
    assert len(http("GET", "/v1/inbox?unread=false", who=who).json["data"]) == 1


@pytest.mark.promise("G1.2")
def test_words_follow_the_reader_language(http: Http):
    who = make_person()
    put(who, "password_changed")
    answer = http("GET", "/v1/inbox", who=who, headers={"Accept-Language": "en"})
    assert answer.json["data"][0]["title"] == "Password changed"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_message_of_another_is_as_good_as_missing(http: Http):
    owner, stranger = make_person(), make_person()
    put(owner)
    message_id = first(http, owner)["message_id"]
    other = http("POST", f"/v1/inbox/{message_id}/read", who=stranger)
    missing = http("POST", f"/v1/inbox/{new_id('ntf')}/read", who=stranger)
    assert (other.status, other.code) == (missing.status, missing.code) == (404, "request.not_found")
    assert other.json | {"request_id": ""} == missing.json | {"request_id": ""}
    assert http("GET", "/v1/inbox", who=stranger).json["data"] == []
    assert first(http, owner)["read_at"] is None


@pytest.mark.parametrize(
    "message_id",
    ["x", f"ord_{SOME}", "ntf_", f"ntf_{'A' * 26}", f"ntf_{'a' * 27}", "ntf_%00", "..%2f..%2fetc", f"ntf_{'7' * 26}"],
)
def test_an_id_that_can_not_be_one_is_missing(http: Http, message_id):
    answer = http("POST", f"/v1/inbox/{message_id}/read", who=make_person())
    assert (answer.status, answer.code) == (404, "request.not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "unread=maybe", "unread=true&unread=true", "person_id=x"])
def test_a_page_has_bounds(http: Http, query):
    answer = http("GET", f"/v1/inbox?{query}", who=make_person())
    assert (answer.status, answer.code) == (400, "request.invalid")


def test_a_cursor_works_for_its_reader_and_filter_only(http: Http):
    owner, stranger = make_person(), make_person()
    for who in (owner, owner, stranger):
        put(who)
    cursor = http("GET", "/v1/inbox?limit=1", who=owner).json["next_cursor"]
    assert len(http("GET", f"/v1/inbox?limit=1&cursor={cursor}", who=owner).json["data"]) == 1
    for who, query in ((stranger, ""), (owner, "&unread=true")):
        answer = http("GET", f"/v1/inbox?limit=1&cursor={cursor}{query}", who=who)
        assert answer.errors == [("/cursor", "cursor_invalid")]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/inbox"), ("GET", f"/v1/inbox/ntf_{SOME}/read")])
def test_nothing_else_can_be_done_to_it(http: Http, method, path):
    assert http(method, path, who=make_person()).status == 405
