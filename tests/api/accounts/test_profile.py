"""The optional profile over HTTP: off until agreed to, gone with the withdrawal."""

import json

import pytest

from chalicelib.accounts.jobs import apply_withdrawal
from tests.support.accounts import Member
from tests.support.cloud import TestCloud
from tests.support.consents import answer_body
from tests.support.edges import Http, Reply, deliver

PURPOSE = "account.membership"
PLACE = {"residence": "上海市嘉定区"}


def put(http: Http, who: Member, version: str = '"1"', body: object = None) -> Reply:
    return http("PUT", "/v1/profile/residence", body or PLACE, who=who, headers={"If-Match": version})


def profile(http: Http, who: Member) -> dict:
    answer = http("GET", "/v1/profile", who=who)
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'
    return answer.json


def agree(http: Http, who: Member) -> None:
    assert http("POST", "/v1/consents", answer_body(PURPOSE), who=who).status in {200, 201}


@pytest.mark.promise("A2.2", "B2.1", "J6.1")
def test_residence_is_refused_then_taken_then_gone_with_the_withdrawal(http: Http, cloud: TestCloud, who: Member):
    refused = put(http, who)
    assert (refused.status, refused.code) == (403, "consent.required")
    assert refused.errors == [(f"/purposes/{PURPOSE}", "not_agreed")]
    agree(http, who)
    taken = put(http, who)
    assert (taken.status, taken.headers["ETag"]) == (200, '"2"')
    assert profile(http, who)["residence"] == PLACE["residence"]
    before = http("GET", "/v1/accounts/me", who=who).json
    assert http("DELETE", f"/v1/consents/{PURPOSE}", who=who).status == 200
    assert put(http, who, '"2"').code == "consent.required"
    bodies = [message["Body"] for message in cloud.messages("withdrawals")]
    assert len(bodies) == 1
    assert json.loads(bodies[0])["body"] == {"purpose": PURPOSE}
    assert deliver(apply_withdrawal, *bodies) == []
    shown = profile(http, who)
    assert (shown["user_name"], shown["residence"], shown["tier"], shown["version"]) == (who.user_name, None, "none", 3)
    assert http("GET", "/v1/accounts/me", who=who).json == {**before, "consents": []}


@pytest.mark.promise("B2.1")
def test_it_can_be_removed_again_and_left_empty(http: Http, who: Member):
    agree(http, who)
    put(http, who)
    removed = http("DELETE", "/v1/profile/residence", who=who, headers={"If-Match": '"2"'})
    assert (removed.status, removed.json["residence"], removed.headers["ETag"]) == (200, None, '"3"')
    again = http("DELETE", "/v1/profile/residence", who=who, headers={"If-Match": '"3"'})
    assert (again.status, again.json["residence"]) == (200, None)


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "version.required"),
        ('"0"', 412, "version.stale"),
        ('"2"', 412, "version.stale"),
        ("*", 412, "version.stale"),
        ('W/"1"', 412, "version.stale"),
        ('"999999999999999999999999"', 412, "version.stale"),
        ('"1" OR 1=1', 412, "version.stale"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_edit_names_the_version_it_saw(http: Http, who: Member, method, tag, status, code):
    agree(http, who)
    headers = {"If-Match": tag} if tag is not None else {}
    body = PLACE if method == "PUT" else None
    answer = http(method, "/v1/profile/residence", body, who=who, headers=headers)
    assert (answer.status, answer.code) == (status, code)
    assert profile(http, who)["version"] == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("/residence", "required")),
        ({"residence": ""}, ("/residence", "length")),
        ({"residence": "   "}, ("/residence", "length")),
        ({"residence": "x" * 65}, ("/residence", "length")),
        ({"residence": "上海\n市"}, ("/residence", "characters")),
        ({"residence": "\u202e上海"}, ("/residence", "characters")),
        ({"residence": None}, ("/residence", "type")),
        ({"residence": ["上海"]}, ("/residence", "type")),
    ],
)
def test_what_is_no_place_is_refused(http: Http, who: Member, body, error):
    agree(http, who)
    answer = http("PUT", "/v1/profile/residence", body, who=who, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code, answer.errors) == (400, "request.invalid", [error])
    assert profile(http, who)["version"] == 1


@pytest.mark.promise("B2.1")
@pytest.mark.parametrize("name", ["version", "user_name", "person_id", "epoch", "mobile"])
def test_no_other_attribute_can_be_set(http: Http, who: Member, name):
    agree(http, who)
    answer = put(http, who, body={**PLACE, name: "x"})
    assert (answer.status, answer.errors[0][1]) == (400, "unknown_field")


@pytest.mark.promise("B2.1", "K4.1")
def test_what_was_filled_in_is_stored_sealed(http: Http, cloud: TestCloud, who: Member):
    agree(http, who)
    put(http, who)
    kept = json.dumps(cloud.items("people"), default=lambda raw: raw.decode("latin-1"), ensure_ascii=False)
    assert PLACE["residence"] not in kept
    evidence = json.dumps(cloud.items("evidence"), ensure_ascii=False)
    assert "person:residence:set" in evidence
    assert PLACE["residence"] not in evidence
