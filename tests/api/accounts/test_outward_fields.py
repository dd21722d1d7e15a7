"""What a third party is given: agreed fields, as they are now, each time on record; and what proves that later."""

import re
from collections.abc import Callable

import pytest

from chalicelib.accounts.jobs import apply_withdrawal
from chalicelib.accounts.rules.outward import CLAIMS, shown_text
from chalicelib.accounts.rules.outward_pages import parts_of
from chalicelib.accounts.service.outward_asking import asking
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import birthdays
from chalicelib.foundation.store.write import commit
from infra.local.club import CLIENT, GALLERY, attempt
from tests.support.cloud import TestCloud
from tests.support.consents import answer_body
from tests.support.edges import Http, deliver
from tests.support.lives import NAME, make_account
from tests.support.meanwhile import meanwhile
from tests.support.minors import make_minor
from tests.support.outward import Elsewhere
from tests.support.people import Someone
from tests.support.photographs import jpeg
from tests.support.publishing import Town

ALL = "profile.nickname profile.avatar account.user_name account.language"
PUBLIC = "account.public_profile"


@pytest.fixture
def elsewhere(http: Http) -> Elsewhere:
    """Give the third party."""
    return Elsewhere(http)


@pytest.fixture
def someone() -> Someone:
    """Give a person who agreed to a public profile, and has none yet."""
    return make_account()


def put(http: Http, who: Someone, field: str, body: dict[str, str]) -> None:
    version = http("GET", "/v1/profile", who=who).headers["ETag"]
    answer = http("PUT", f"/v1/profile/{field}", body, who=who, headers={"If-Match": version})
    assert answer.status == 200, answer.text


def named(http: Http, who: Someone) -> None:
    put(http, who, "nickname", {"nickname": "拼装小能手"})


def empty(http: Http, who: Someone) -> None:
    version = http("GET", "/v1/profile", who=who).headers["ETag"]
    assert http("DELETE", "/v1/profile/nickname", who=who, headers={"If-Match": version}).status == 200


def withdraw(http: Http, who: Someone) -> None:
    assert http("DELETE", f"/v1/consents/{PUBLIC}", who=who).status == 200


def test_every_field_that_a_service_may_ask_for_has_a_claim_and_only_such_are_told_as_known(elsewhere: Elsewhere):
    assert {field for client in lookup.clients() for field in client.fields} == set(CLAIMS)
    assert elsewhere.http("GET", "/v1/oauth/metadata").json["scopes_supported"] == sorted(CLAIMS)


@pytest.mark.promise("B3.1", "I2.3")
def test_a_service_gets_nickname_and_avatar_as_they_are_now(
    elsewhere: Elsewhere, http: Http, town: Town, someone: Someone, cloud: TestCloud
):
    token = elsewhere.tokens(someone, scope=ALL)["access_token"]
    known = elsewhere.info(token).json
    assert known == {"sub": known["sub"], "name": NAME, "locale": "zh-CN"}
    named(http, someone)
    put(http, someone, "avatar", {"media_id": town.picture(someone, jpeg())})
    filled = elsewhere.info(token).json
    large = http("GET", "/v1/profile", who=someone).json["avatar"]["large"]
    assert filled == {**known, "nickname": "拼装小能手", "picture": large}
    given = [row["items"]["S"] for row in cloud.items("evidence") if row.get("recipient") == {"S": CLIENT}]
    before, after = sorted(given, key=len)
    assert before == "account.language,account.user_name,link.subject"
    assert after == "account.language,account.user_name,link.subject,profile.avatar,profile.nickname"


@pytest.mark.promise("B3.1", "J6.1", "B2.4")
@pytest.mark.parametrize("goes", [empty, withdraw])
def test_a_field_that_is_emptied_or_not_public_any_more_is_gone_at_once(
    elsewhere: Elsewhere, http: Http, someone: Someone, goes: Callable[[Http, Someone], None]
):
    named(http, someone)
    token = elsewhere.tokens(someone, scope=ALL)["access_token"]
    assert elsewhere.info(token).json["nickname"] == "拼装小能手"
    goes(http, someone)
    left = elsewhere.info(token)
    assert (left.status, left.json["name"]) == (200, NAME)
    assert "nickname" not in left.json


@pytest.mark.promise("B3.1", "J6.1")
def test_what_is_withdrawn_in_the_middle_of_a_reading_is_not_given(elsewhere: Elsewhere, http: Http, someone: Someone):
    """Whatever call of the reading it comes before: not after the withdrawal was answered."""
    named(http, someone)
    token = elsewhere.tokens(someone, scope=ALL)["access_token"]
    number, reached = 0, True
    while reached:
        number += 1
        assert http("POST", "/v1/consents", answer_body(PUBLIC), who=someone).status in {200, 201}
        with meanwhile(number, lambda: withdraw(http, someone)) as came:
            answer = elsewhere.info(token)
        reached = came()
        assert answer.status == 503 or ("nickname" in answer.json) != reached
        if reached:
            assert "nickname" not in elsewhere.info(token).json
    assert number > 3


@pytest.mark.promise("M2.3", "B3.1")
def test_what_a_guardian_closed_is_not_given_either(elsewhere: Elsewhere, http: Http):
    minor = make_minor(15, guarded="teen")
    named(http, minor)
    token = elsewhere.tokens(minor, scope=ALL)["access_token"]
    assert elsewhere.info(token).json["nickname"] == "拼装小能手"
    commit([birthdays.keep_limited(minor.person(), {PUBLIC})])
    left = elsewhere.info(token)
    assert (left.status, "nickname" in left.json) == (200, False)
    commit([birthdays.keep_limited(minor.person(), {"account.outward_login"})])
    assert elsewhere.info(token).status == 401


@pytest.mark.promise("J6.1")
def test_passing_a_field_on_is_no_ground_to_keep_it(
    elsewhere: Elsewhere, http: Http, cloud: TestCloud, someone: Someone
):
    named(http, someone)
    token = elsewhere.tokens(someone, scope=ALL)["access_token"]
    withdraw(http, someone)
    assert deliver(apply_withdrawal, *(message["Body"] for message in cloud.messages("withdrawals"))) == []
    assert http("POST", "/v1/consents", answer_body(PUBLIC), who=someone).status in {200, 201}
    assert http("GET", "/v1/profile", who=someone).json["nickname"] is None, "it was erased, and does not come back"
    assert "nickname" not in elsewhere.info(token).json
    assert elsewhere.info(token).status == 200


@pytest.mark.promise("B3.1", "B3.2", "A4.1")
def test_an_app_without_a_secret_gets_its_own_fields_under_an_id_of_its_own(
    elsewhere: Elsewhere, http: Http, someone: Someone, cloud: TestCloud
):
    named(http, someone)
    club, gallery = elsewhere.tokens(someone), elsewhere.gallery_tokens(someone)
    its = elsewhere.info(gallery["access_token"]).json
    assert its == {"sub": its["sub"], "nickname": "拼装小能手"}
    assert its["sub"] != elsewhere.info(club["access_token"]).json["sub"]
    given = [row["items"]["S"] for row in cloud.items("evidence") if row.get("recipient") == {"S": GALLERY}]
    assert given == ["link.subject,profile.nickname"]
    asked = attempt().gallery_query(scope="account.user_name")
    assert elsewhere.hand_over(someone, asked).errors == [("/request", "invalid_scope")]
    secret = {"client_id": GALLERY, "client_secret": "any"}
    taken = elsewhere.token({}, grant_type="refresh_token", refresh_token=gallery["refresh_token"], **secret)
    assert taken.json == {"error": "invalid_client"}, "who has no secret shows none"
    assert (
        elsewhere.token(
            {}, grant_type="refresh_token", refresh_token=gallery["refresh_token"], client_id=GALLERY
        ).status
        == 200
    )


@pytest.mark.promise("A3.3", "B3.1")
@pytest.mark.parametrize("answer", ["agree", "refuse"])
def test_the_ledger_proves_which_fields_were_asked_for_once_the_link_is_gone(
    elsewhere: Elsewhere, http: Http, someone: Someone, answer: str
):
    page = elsewhere.page(someone, attempt().query(scope="account.language"))
    elsewhere.press(page, answer)
    for link in http("GET", "/v1/links", who=someone).json["data"]:
        assert http("DELETE", f"/v1/links/{link['link_id']}", who=someone).status == 204
    said = http("GET", "/v1/consents/history", who=someone).json["data"]
    (entry,) = [one for one in said if one["step"] == "answered"]
    assert (entry["about"], entry["answer"]) == (f"account.outward_login:{CLIENT}", answer)
    _, client_id, fields = entry["text"].split(":")
    notice = lookup.notice("account.outward_login", int(entry["text_version"]))
    parts = parts_of(asking(lookup.client(client_id), tuple(fields.split(","))), notice.texts[entry["language"]])
    assert fields == "account.language"
    assert entry["text_sha256"] == shown_text(parts)
    plain = re.sub(r"<[^>]+>", "", page.text)
    assert all(line in plain for part in parts for line in part.split("\n"))
