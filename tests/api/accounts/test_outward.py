"""Logging in elsewhere with an account of ours: the whole way, what is given, and how it ends."""

import json

import pytest

from chalicelib.accounts.service import outward_links
from chalicelib.foundation.kernel import clock
from infra.local.club import CLIENT, SCOPE, attempt
from tests.support.accounts import Member, caller
from tests.support.cloud import TestCloud
from tests.support.consents import answer_body
from tests.support.edges import Http
from tests.support.outward import ISSUER, Elsewhere, came_back


@pytest.fixture
def elsewhere(http: Http) -> Elsewhere:
    """Give the third party."""
    return Elsewhere(http)


@pytest.mark.promise("B3.1", "B3.2", "A4.1")
def test_the_whole_way_in_and_out_again(elsewhere: Elsewhere, http: Http, who: Member, cloud: TestCloud):
    tried = attempt()
    page = elsewhere.page(who, tried.query())
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for said in ("示例模型社", "用户名", "使用语言", "拒绝", "单独同意并登录", "https://club.example/privacy"):
        assert said in page.text
    back = elsewhere.press(page, "agree")
    told = came_back(back)
    assert (told["state"], told["iss"]) == (tried.state, ISSUER)
    got = elsewhere.exchange(told["code"], tried)
    assert got.status == 200, got.text
    assert (got.headers["Cache-Control"], got.json["token_type"], got.json["scope"]) == ("no-store", "Bearer", SCOPE)
    info = elsewhere.info(got.json["access_token"])
    assert info.status == 200, info.text
    assert info.json == {"sub": info.json["sub"], "name": who.user_name, "locale": "zh-CN"}
    assert who.person_id not in info.text + got.text
    given = [row for row in cloud.items("evidence") if row.get("recipient") == {"S": CLIENT}]
    assert len(given) == 1
    assert given[0]["items"]["S"] == "account.language,account.user_name,link.subject"
    (link,) = http("GET", "/v1/links", who=who).json["data"]
    assert (link["service"], link["state"]) == ("示例模型社", "active")
    assert [field["item"] for field in link["fields"]] == SCOPE.split(" ")
    stored = json.dumps([*cloud.items("ephemeral"), *cloud.items("people")], default=str)
    for secret in (told["code"], got.json["access_token"], got.json["refresh_token"]):
        assert secret not in stored
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=who).status == 204
    assert http("GET", "/v1/links", who=who).json == {"data": []}
    ended = elsewhere.info(got.json["access_token"])
    assert (ended.status, ended.json) == (401, {"error": "invalid_token"})
    assert 'error="invalid_token"' in ended.headers["WWW-Authenticate"]
    assert elsewhere.refresh(got.json["refresh_token"]).json == {"error": "invalid_grant"}


@pytest.mark.promise("A2.3", "A3.3")
def test_refusing_is_on_record_and_leads_back_with_nothing(
    elsewhere: Elsewhere, http: Http, who: Member, cloud: TestCloud
):
    tried = attempt()
    page = elsewhere.page(who, tried.query())
    told = came_back(elsewhere.press(page, "refuse"))
    assert told == {"error": "access_denied", "state": tried.state, "iss": ISSUER}
    assert http("GET", "/v1/links", who=who).json == {"data": []}
    said = [row for row in cloud.items("evidence") if row.get("about") == {"S": f"account.outward_login:{CLIENT}"}]
    assert {row["step"]["S"]: row.get("answer") for row in said} == {"shown": None, "answered": {"S": "refuse"}}
    assert elsewhere.press(page, "agree").status == 400


@pytest.mark.promise("A4.1", "J6.1")
def test_each_service_is_agreed_to_on_its_own_page_only(elsewhere: Elsewhere, http: Http, who: Member):
    assert http("POST", "/v1/consents", answer_body("account.outward_login"), who=who).status == 422
    got = elsewhere.tokens(who)
    assert http("DELETE", "/v1/consents/account.outward_login", who=who).status == 200
    assert elsewhere.info(got["access_token"]).status == 401
    assert elsewhere.refresh(got["refresh_token"]).status == 400
    (link,) = http("GET", "/v1/links", who=who).json["data"]
    assert link["state"] == "ended"


@pytest.mark.promise("B3.2", "J6.1")
def test_a_withdrawal_removes_links_but_those_agreed_to_anew(elsewhere: Elsewhere, http: Http, who: Member):
    elsewhere.tokens(who)
    assert http("DELETE", "/v1/consents/account.outward_login", who=who).status == 200
    withdrawn = clock.now()
    outward_links.apply_withdrawal(caller(who, announced_at=withdrawn), "account.membership")
    assert len(http("GET", "/v1/links", who=who).json["data"]) == 1
    outward_links.apply_withdrawal(caller(who, announced_at=withdrawn), "account.outward_login")
    assert http("GET", "/v1/links", who=who).json == {"data": []}
    got = elsewhere.tokens(who)
    outward_links.apply_withdrawal(caller(who, announced_at=withdrawn), "account.outward_login")
    assert elsewhere.info(got["access_token"]).status == 200
