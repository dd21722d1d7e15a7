"""Logging in elsewhere rests on what stands behind it: consent, link, account, guardian; and on whose token it is."""

from collections.abc import Callable
from urllib.parse import urlencode

import msgspec
import pytest
from msgspec import inspect

from chalicelib.accounts.contracts.outward import AuthorizationQuery
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Client
from chalicelib.foundation.standing import birthdays
from chalicelib.foundation.standing.access import SK
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.write import commit
from infra.local.club import CALLBACK, CLIENT, attempt
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.leaving import leave, traces
from tests.support.lives import make_account
from tests.support.merging import finish, two
from tests.support.minors import make_minor
from tests.support.outward import Elsewhere
from tests.support.people import Someone

OTHER, OTHERS_SECRET = "other_club", "sample-club-of-tests-and-demonstrations"
"""A public client, and one with the sample's secret: what tells them apart is their name only."""


@pytest.fixture
def elsewhere(http: Http) -> Elsewhere:
    """Give the third party."""
    return Elsewhere(http)


@pytest.fixture
def someone() -> Someone:
    """Give a person with an account."""
    return make_account()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Register a second third party for the time of a test."""
    sample = lookup.client(CLIENT)
    second = msgspec.structs.replace(sample, id=OTHER)
    monkeypatch.setattr(lookup, "client", lambda name: second if name == OTHER else _only(sample, name))
    return second


def _only(sample: Client, name: str) -> Client:
    if name != sample.id:
        raise lookup.UnknownEntry("client", name)
    return sample


def withdraw(who: Someone, http: Http) -> None:
    assert http("DELETE", "/v1/consents/account.outward_login", who=who).status == 200


def cut(who: Someone, http: Http) -> None:
    (link,) = http("GET", "/v1/links", who=who).json["data"]
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=who).status == 204


def freeze(who: Someone, _: Http) -> None:
    StandingRow(pk=who.person_id, sk=SK).update([StandingRow.status.set(FROZEN)])


def cancel(who: Someone, _: Http) -> None:
    leave(who)


ENDINGS = [withdraw, cut, freeze, cancel]


@pytest.mark.promise("B3.2", "J6.1")
@pytest.mark.parametrize("end", ENDINGS)
def test_whatever_a_link_gave_is_no_good_once_it_has_ended(
    elsewhere: Elsewhere, http: Http, someone: Someone, end: Callable[[Someone, Http], None]
):
    """Of each thing that a service can hold: a code not yet exchanged, a refresh token, an access token."""
    got = elsewhere.tokens(someone)
    end(someone, http)
    assert elsewhere.info(got["access_token"]).json == {"error": "invalid_token"}
    assert elsewhere.refresh(got["refresh_token"]).json == {"error": "invalid_grant"}
    assert elsewhere.revoke(got["access_token"]).status == 200
    assert elsewhere.revoke(got["refresh_token"]).status == 200


@pytest.mark.promise("B3.2", "J6.1")
@pytest.mark.parametrize("end", ENDINGS)
def test_a_code_under_way_ends_too(
    elsewhere: Elsewhere, http: Http, someone: Someone, end: Callable[[Someone, Http], None]
):
    tried = attempt()
    code = elsewhere.code(someone, tried)
    end(someone, http)
    assert elsewhere.exchange(code, tried).json == {"error": "invalid_grant"}


@pytest.mark.parametrize("end", [freeze, cancel])
@pytest.mark.parametrize("answer", ["agree", "refuse"])
def test_a_page_under_way_ends_with_the_account(
    elsewhere: Elsewhere, http: Http, someone: Someone, answer: str, end: Callable[[Someone, Http], None]
):
    page = elsewhere.page(someone, attempt().query())
    end(someone, http)
    refused = elsewhere.press(page, answer)
    assert (refused.status, refused.headers.get("Location")) == (400, None)
    assert "无法继续" in refused.text


@pytest.mark.promise("M2.1", "M2.3")
def test_a_minor_links_nothing_without_a_guardian(elsewhere: Elsewhere):
    for alone in (make_minor(15), make_minor(12)):
        assert elsewhere.hand_over(alone, attempt().query()).code == "minors.guardian_consent_required"


@pytest.mark.promise("M2.1", "M2.3", "B3.2")
def test_a_minors_link_is_worth_what_the_guardians_agreement_is(elsewhere: Elsewhere, http: Http):
    minor = make_minor(15, guarded="teen")
    got, tried, page = elsewhere.tokens(minor), attempt(), elsewhere.page(minor, attempt().query())
    assert elsewhere.info(got["access_token"]).status == 200
    code = elsewhere.code(minor, tried)
    commit([birthdays.keep_guarded(minor.person(), "disputed")])
    assert elsewhere.press(page, "agree").status == 400
    assert elsewhere.exchange(code, tried).json == {"error": "invalid_grant"}
    commit([birthdays.keep_guarded(minor.person(), "teen")])
    got = elsewhere.tokens(minor)
    commit([birthdays.keep_guarded(minor.person(), "disputed")])
    assert elsewhere.info(got["access_token"]).status == 401
    assert elsewhere.refresh(got["refresh_token"]).json == {"error": "invalid_grant"}
    cut(minor, http)  # to end it, nobody's agreement is needed


@pytest.mark.promise("B3.1")
def test_what_one_service_has_is_nothing_in_anothers_hands(elsewhere: Elsewhere, someone: Someone, other: Client):
    tried = attempt()
    code = elsewhere.code(someone, tried)
    its = {"client_id": other.id, "client_secret": OTHERS_SECRET}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": tried.verifier}
    assert elsewhere.token({}, **form, **its).json == {"error": "invalid_grant"}
    got = elsewhere.exchange(code, tried).json
    assert elsewhere.token({}, **form, **its).json == {"error": "invalid_grant"}
    taken = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}
    assert elsewhere.token({}, **taken, **its).json == {"error": "invalid_grant"}
    for token in (got["access_token"], got["refresh_token"]):
        assert elsewhere.revoke(token, **its).status == 200  # and nothing of it is told
    assert elsewhere.info(got["access_token"]).status == 200, "another service ends nothing either"
    assert elsewhere.refresh(got["refresh_token"]).status == 200


@pytest.mark.promise("B3.1", "B3.2", "A4.1")
def test_two_services_know_nobody_in_common_and_are_cut_apart(
    elsewhere: Elsewhere, http: Http, someone: Someone, other: Client
):
    first = elsewhere.tokens(someone)
    tried = attempt()
    page = elsewhere.page(someone, tried.query(client_id=other.id, scope="account.language"))
    code = dict(pair.split("=") for pair in elsewhere.press(page, "agree").headers["Location"].split("?")[1].split("&"))
    its = {"client_id": other.id, "client_secret": OTHERS_SECRET}
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": tried.verifier}
    second = elsewhere.token({}, **form, code=code["code"], **its).json
    one, two_ = (elsewhere.info(got["access_token"]).json for got in (first, second))
    assert one["sub"] != two_["sub"]
    assert two_.keys() == {"sub", "locale"}
    links = http("GET", "/v1/links", who=someone).json["data"]
    mine = next(link for link in links if len(link["fields"]) == 1)
    assert http("DELETE", f"/v1/links/{mine['link_id']}", who=someone).status == 204
    assert elsewhere.info(second["access_token"]).status == 401
    assert elsewhere.info(first["access_token"]).status == 200, "the consent for the other one stands"


@pytest.mark.usefixtures("counterparties")
@pytest.mark.promise("J3.2", "B3.2")
def test_an_account_that_is_erased_leaves_nothing_of_its_links(
    elsewhere: Elsewhere, http: Http, someone: Someone, cloud: TestCloud
):
    under_way = elsewhere.page(someone, attempt().query())
    elsewhere.code(someone, attempt())
    got = elsewhere.tokens(someone)
    subject = elsewhere.info(got["access_token"]).json["sub"]
    (link,) = http("GET", "/v1/links", who=someone).json["data"]
    left = leave(someone)
    assert elsewhere.info(got["access_token"]).status == 401
    assert left.finish().state == "done"
    assert elsewhere.info(got["access_token"]).status == 401
    assert elsewhere.press(under_way, "agree").status == 400
    assert traces(cloud, someone, subject) == []
    kinds = {item["kind"]["S"] for table in ("people", "ephemeral") for item in cloud.items(table) if "kind" in item}
    assert not [kind for kind in kinds if kind.startswith("outward")]
    told = [row for row in cloud.items("evidence") if link["link_id"] in str(row)]
    assert told, "that something was given stays on record"


@pytest.mark.usefixtures("counterparties")
@pytest.mark.promise("B4.4", "B3.2")
def test_a_merge_ends_the_links_of_the_account_that_goes(elsewhere: Elsewhere, http: Http):
    both = two()
    kept, lost = elsewhere.tokens(both.stays), elsewhere.tokens(both.goes)
    request_id = both.merge().request_id
    assert elsewhere.info(lost["access_token"]).status == 401
    finish(request_id)
    assert elsewhere.info(lost["access_token"]).status == 401
    assert elsewhere.refresh(lost["refresh_token"]).json == {"error": "invalid_grant"}
    assert elsewhere.info(kept["access_token"]).status == 200
    (link,) = http("GET", "/v1/links", who=both.stays).json["data"]
    assert link["state"] == "active"


def test_a_request_is_no_longer_than_an_address_may_be():
    fields = inspect.type_info(AuthorizationQuery).fields  # type: ignore[attr-defined]
    assert sum(field.type.max_length for field in fields) <= 4096


@pytest.mark.parametrize("name", AuthorizationQuery.__struct_fields__)
def test_a_request_that_is_too_long_leads_nowhere_and_says_so_on_a_page(elsewhere: Elsewhere, name: str):
    answer = elsewhere.open(attempt().query(**{name: "x" * 4097}))
    assert (answer.status, answer.headers.get("Location")) == (400, None)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "无法继续" in answer.text
    assert "xxx" not in answer.text


def test_what_is_no_form_is_refused_on_a_page_too(elsewhere: Elsewhere, http: Http):
    for body in (b"ticket=a", b"answer=agree", b"\xff", urlencode({"ticket": "x" * 65, "answer": "agree"}).encode()):
        refused = http(
            "POST", "/v1/oauth/authorize", raw=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert (refused.status, "无法继续" in refused.text) == (400, True)
    asked = elsewhere.open(attempt().query() + "&unknown=left-alone")
    assert (asked.status, "请在聚乐部落应用里继续" in asked.text) == (200, True)
