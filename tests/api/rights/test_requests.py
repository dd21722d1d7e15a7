"""Copies over HTTP: asked for after a proof of identity, seen and fetched by their owner, once, for seven days."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from chalice.app import Request

from chalicelib.foundation.standing.rows import CLOSING, FROZEN
from chalicelib.foundation.web import endpoint
from chalicelib.foundation.web.route import REGISTERED
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.copies import key, make, proved, stored
from tests.support.edges import Http, Reply
from tests.support.people import Someone, expired_token, make_person

SOME = "req_" + "a2" * 13
OWN = [
    ("POST", "/v1/requests/copies"),
    ("GET", "/v1/requests"),
    ("GET", f"/v1/requests/{SOME}"),
    ("POST", f"/v1/requests/{SOME}/claim"),
]
SENSITIVE = [OWN[0], OWN[3]]


def ask(http: Http, who: Someone, given: dict[str, str] | None = None) -> Reply:
    return http("POST", "/v1/requests/copies", who=who, headers=given or key())


def claim(http: Http, who: Someone, request_id: str) -> Reply:
    return http("POST", f"/v1/requests/{request_id}/claim", who=who)


@pytest.fixture
def owner(cloud: TestCloud) -> Someone:
    """Give somebody who has just proved who they are."""
    return make_person(recent=True)


@pytest.fixture
def copy_id(http: Http, cloud: TestCloud, owner: Someone) -> str:
    """Give a copy of theirs that lies ready."""
    request_id = str(ask(http, owner).json["request_id"])
    assert make(cloud) == []
    return request_id


@pytest.mark.parametrize(("method", "path"), OWN)
def test_guests_are_asked_to_log_in(http: Http, cloud: TestCloud, method: str, path: str):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": f"Bearer {expired_token(make_person())}"}):
        answer = http(method, path, headers={**headers, **key()})
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert cloud.items("cases") == []


@pytest.mark.parametrize(
    ("status", "code", "number"), [(FROZEN, "account.frozen", 403), (CLOSING, "account.closing", 410)]
)
@pytest.mark.parametrize(("method", "path"), OWN)
def test_whoever_may_not_act_is_told_so(http: Http, cloud: TestCloud, method: str, path: str, status, code, number):
    answer = http(method, path, who=make_person(status=status, recent=True), headers=key())
    assert (answer.status, answer.code) == (number, code)
    assert cloud.items("cases") == []


@pytest.mark.promise("J2.3")
@pytest.mark.parametrize(("method", "path"), SENSITIVE)
def test_a_session_alone_is_not_enough(http: Http, cloud: TestCloud, method: str, path: str):
    answer = http(method, path, who=make_person(), headers=key())
    assert (answer.status, answer.code) == (403, "session.reauthentication_required")
    assert cloud.items("cases") == []


@pytest.mark.promise("J2.3")
def test_a_proof_of_identity_lasts_five_minutes(http: Http, owner: Someone, copy_id: str, hands: Hands):
    hands.by(minutes=5, seconds=1)
    for answer in (ask(http, owner), claim(http, owner, copy_id)):
        assert (answer.status, answer.code) == (403, "session.reauthentication_required")
    assert claim(http, proved(owner), copy_id).status == 303


@pytest.mark.promise("J2.3", "J10.2")
def test_the_owner_asks_watches_and_fetches(http: Http, cloud: TestCloud, owner: Someone):
    asked = ask(http, owner)
    assert asked.status == 202
    view = asked.json
    assert asked.headers["Location"] == f"/v1/requests/{view['request_id']}"
    assert (view["kind"], view["state"]) == ("copy", "queued")
    early = claim(http, owner, view["request_id"])
    assert (early.status, early.code, early.headers["Retry-After"]) == (409, "rights.copy_not_ready", "5")
    assert make(cloud) == []
    shown = http("GET", asked.headers["Location"], who=owner).json
    assert shown["state"] == "ready"
    assert http("GET", "/v1/requests", who=owner).json == {"data": [shown]}
    handed = claim(http, owner, view["request_id"])
    assert (handed.status, handed.text, handed.headers["Cache-Control"]) == (303, "", "no-store")
    assert "X-Amz-Expires=60" in handed.headers["Location"]
    again = claim(http, owner, view["request_id"])
    assert (again.status, again.code) == (410, "rights.copy_claimed")
    assert "Location" not in again.headers


@pytest.mark.promise("J2.3", "K4.4")
def test_another_persons_copy_is_as_good_as_missing(http: Http, owner: Someone, copy_id: str):
    stranger = make_person(recent=True)
    for method, suffix in (("GET", ""), ("POST", "/claim")):
        other = http(method, f"/v1/requests/{copy_id}{suffix}", who=stranger)
        missing = http(method, f"/v1/requests/{SOME}{suffix}", who=stranger)
        assert (other.status, other.code) == (missing.status, missing.code) == (404, "request.not_found")
        assert other.json | {"request_id": ""} == missing.json | {"request_id": ""}
    assert http("GET", "/v1/requests", who=stranger).json == {"data": []}
    assert claim(http, owner, copy_id).status == 303


@pytest.mark.parametrize(
    "given", ["req_short", "per_" + "a" * 26, "req_" + "A" * 26, "%00", "..%2f..%2fetc", "x" * 3000, "req_" + "é" * 26]
)
def test_hostile_ids_are_as_good_as_missing(http: Http, owner: Someone, given: str):
    for method, suffix in (("GET", ""), ("POST", "/claim")):
        answer = http(method, f"/v1/requests/{given}{suffix}", who=owner)
        assert (answer.status, answer.code) == (404, "request.not_found")
        assert given not in answer.text


@pytest.mark.promise("J2.3")
def test_fetched_by_sixteen_at_once_one_gets_it(owner: Someone, copy_id: str):
    route = REGISTERED["POST", "/v1/requests/{request_id}/claim"]

    def once(_: int) -> int:
        event = {
            "headers": owner.headers,
            "multiValueQueryStringParameters": None,
            "pathParameters": {"request_id": copy_id},
            "requestContext": {
                "httpMethod": "POST",
                "resourcePath": route.path,
                "identity": {"sourceIp": "203.0.113.9"},
            },
            "body": "",
            "isBase64Encoded": False,
            "stageVariables": None,
        }
        return endpoint.handle(route, Request(event, None), {"request_id": copy_id}).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(once, range(16)))
    assert answers == [303] + [410] * 15


@pytest.mark.promise("K1.2")
def test_after_seven_days_it_is_gone_and_a_new_one_may_be_asked_for(
    http: Http, owner: Someone, copy_id: str, hands: Hands
):
    hands.to(stored(copy_id).ready_at)
    hands.by(days=7)
    answer = claim(http, proved(owner), copy_id)
    assert (answer.status, answer.code) == (410, "rights.copy_claimed")
    assert ask(http, proved(owner)).status == 202


@pytest.mark.promise("J2")
def test_one_at_a_time(http: Http, owner: Someone, copy_id: str):
    answer = ask(http, owner)
    assert (answer.status, answer.code) == (409, "rights.copy_under_way")
    assert copy_id not in answer.text


def test_a_repeat_gives_the_same_request(http: Http, cloud: TestCloud, owner: Someone):
    given = key()
    first, again = ask(http, owner, given), ask(http, owner, given)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json["request_id"] == first.json["request_id"]
    assert make(cloud) == []
    assert ask(http, owner, given).json["state"] == "ready"
    assert len(cloud.items("cases")) == 1


def test_a_key_is_demanded(http: Http, owner: Someone):
    answer = http("POST", "/v1/requests/copies", who=owner)
    assert (answer.status, answer.code) == (400, "idempotency.key_missing")


def test_five_copies_a_day_are_enough(http: Http, cloud: TestCloud, hands: Hands):
    hands.into_window(86_400)
    owner = make_person(recent=True)
    for _ in range(5):
        request_id = ask(http, owner).json["request_id"]
        assert make(cloud) == []
        assert claim(http, owner, request_id).status == 303
    answer = ask(http, owner)
    assert (answer.status, answer.code) == (429, "rate.limited")
    assert int(answer.headers["Retry-After"]) > 0
