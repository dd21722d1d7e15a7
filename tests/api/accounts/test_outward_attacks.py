"""What a third party, whoever listens between, or another website tries against logging in elsewhere."""

import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from chalicelib.foundation.standing.access import SK
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from infra.local.club import BASIC, CALLBACK, CLIENT, SECRET, attempt
from tests.support.accounts import Member
from tests.support.clocks import Hands
from tests.support.edges import Http
from tests.support.outward import ISSUER, Elsewhere, came_back, ticket_of


@pytest.fixture
def elsewhere(http: Http) -> Elsewhere:
    """Give the third party."""
    return Elsewhere(http)


@pytest.mark.promise("B3.1")
@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        CALLBACK + "/",
        CALLBACK + "/../evil",
        CALLBACK + "?x=1",
        CALLBACK + "#x",
        CALLBACK.upper(),
        "https://club.example/oauth/%63allback",
        "https://club.example/oauth",
        "https://club.example.evil.example/oauth/callback",
        "https://club.example@evil.example/oauth/callback",
        "https://evil.example/?" + CALLBACK,
        "http://club.example/oauth/callback",
        "//club.example/oauth/callback",
        "javascript:alert(1)",
    ],
)
def test_nothing_leads_to_an_address_that_is_not_registered(elsewhere: Elsewhere, who: Member, uri: str | None):
    query = attempt().query(redirect_uri=uri)
    answer = elsewhere.open(query)
    assert (answer.status, answer.headers.get("Location")) == (400, None)
    assert "evil" not in answer.text
    assert elsewhere.hand_over(who, query).code == "accounts.outward_request_refused"


@pytest.mark.parametrize("client_id", [None, "", "sample_club2", "SAMPLE_CLUB", "../sample_club", "<script>"])
def test_a_service_that_is_not_registered_gets_nowhere(elsewhere: Elsewhere, who: Member, client_id: str | None):
    query = attempt().query(client_id=client_id)
    answer = elsewhere.open(query)
    assert (answer.status, answer.headers.get("Location")) == (400, None)
    assert "<script>" not in answer.text
    assert elsewhere.hand_over(who, query).status == 422


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"state": "x" * 513}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "account.mobile"}, "invalid_scope"),
        ({"scope": "account.user_name account.mobile"}, "invalid_scope"),
        ({"scope": "account.user_name account.user_name"}, "invalid_scope"),
    ],
)
def test_a_request_that_asks_too_much_or_drops_a_guard_goes_back_refused(
    elsewhere: Elsewhere, who: Member, changes: dict[str, str | None], error: str
):
    query = attempt().query(**changes)
    told = came_back(elsewhere.open(query))
    assert (told["error"], told["iss"], "code" in told) == (error, ISSUER, False)
    assert elsewhere.hand_over(who, query).errors == [("/request", error)]


def test_a_parameter_that_comes_twice_is_refused(elsewhere: Elsewhere, who: Member):
    query = attempt().query()
    twice = f"{query}&{urlencode({'redirect_uri': 'https://evil.example/'})}"
    assert elsewhere.open(twice).status == 400
    assert elsewhere.hand_over(who, twice).status == 422


def test_the_page_can_neither_be_framed_nor_run_a_script(elsewhere: Elsewhere, who: Member):
    page = elsewhere.page(who, attempt().query())
    policy = page.headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self' https://club.example",
    ):
        assert rule in policy
    assert "script" not in policy
    assert "<script" not in page.text
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-store")
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.promise("A4.1")
def test_only_the_one_page_answers_and_only_once(elsewhere: Elsewhere, who: Member, http: Http, hands: Hands):
    handed = elsewhere.hand_over(who, attempt().query()).json["page"].rpartition("?")[2]
    assert elsewhere.answer(handed.removeprefix("handover="), "agree").status == 400
    page = http("GET", f"/v1/oauth/authorize?{handed}")
    assert http("GET", f"/v1/oauth/authorize?{handed}").status == 400
    assert elsewhere.answer("", "agree").status == 400
    assert elsewhere.answer("x" * 43, "agree").status == 400
    assert elsewhere.press(page, "agree").status == 303
    assert elsewhere.press(page, "agree").status == 400
    late = elsewhere.page(who, attempt().query())
    hands.by(minutes=10, seconds=1)
    assert elsewhere.press(late, "agree").status == 400


def test_a_way_to_the_page_lasts_a_minute_and_ends_with_its_session(
    elsewhere: Elsewhere, who: Member, http: Http, hands: Hands
):
    page = elsewhere.page(who, attempt().query())
    handed = elsewhere.hand_over(who, attempt().query()).json["page"].rpartition("?")[2]
    assert http("POST", "/v1/sessions/logout", who=who).status == 204
    assert http("GET", f"/v1/oauth/authorize?{handed}").status == 400
    assert elsewhere.press(page, "agree").status == 400
    hands.by(seconds=61)
    assert http("GET", f"/v1/oauth/authorize?{handed}").status == 400


@pytest.mark.promise("B3.1")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "v" * 64},
        {"code_verifier": ""},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": ""},
    ],
)
def test_a_code_is_good_only_with_its_own_secret_and_address(
    elsewhere: Elsewhere, who: Member, changes: dict[str, str]
):
    tried = attempt()
    code = elsewhere.code(who, tried)
    assert elsewhere.exchange(code, tried, **changes).json == {"error": "invalid_grant"}
    assert elsewhere.exchange(code, attempt()).json == {"error": "invalid_grant"}  # injected into another's attempt
    assert elsewhere.exchange(code, tried).status == 200


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, {}),
        ({}, {"client_id": CLIENT}),
        ({}, {"client_id": CLIENT, "client_secret": "wrong"}),
        ({}, {"client_id": "other", "client_secret": SECRET}),
        ({"Authorization": "Basic " + base64.b64encode(f"{CLIENT}:wrong".encode()).decode()}, {}),
        ({"Authorization": "Basic !!"}, {}),
        ({"Authorization": "Basic " + base64.b64encode(CLIENT.encode()).decode()}, {}),
        (BASIC, {"client_secret": SECRET}),
        (BASIC, {"client_id": "other"}),
    ],
)
def test_a_service_proves_itself_in_one_way(
    elsewhere: Elsewhere, who: Member, headers: dict[str, str], form: dict[str, str]
):
    tried = attempt()
    code = elsewhere.code(who, tried)
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": tried.verifier,
    }
    refused = elsewhere.token(headers, **{**asked, **form})
    assert (refused.status, refused.json) == (401, {"error": "invalid_client"})
    assert ("WWW-Authenticate" in refused.headers) == bool(headers)
    assert elsewhere.token({}, **asked, client_id=CLIENT, client_secret=SECRET).status == 200


def test_what_is_no_request_of_the_protocol_is_told_in_its_words(elsewhere: Elsewhere, http: Http):
    assert elsewhere.token(grant_type="password", username="a").json["error"] == "unsupported_grant_type"
    assert elsewhere.token(code="x").json["error"] == "invalid_request"
    answer = http("POST", "/v1/oauth/token", {"grant_type": "authorization_code"}, headers=BASIC)
    assert (answer.status, answer.json) == (400, {"error": "invalid_request"})


@pytest.mark.promise("B3.1")
def test_a_code_that_comes_back_ends_what_it_gave(elsewhere: Elsewhere, who: Member):
    tried = attempt()
    code = elsewhere.code(who, tried)
    got = elsewhere.exchange(code, tried).json
    assert elsewhere.info(got["access_token"]).status == 200
    assert elsewhere.exchange(code, tried).json == {"error": "invalid_grant"}
    assert elsewhere.info(got["access_token"]).status == 401
    assert elsewhere.refresh(got["refresh_token"]).status == 400


def test_the_same_code_at_the_same_moment_gives_one_set_of_tokens_at_most(elsewhere: Elsewhere, who: Member):
    tried = attempt()
    code = elsewhere.code(who, tried)
    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(lambda _: elsewhere.exchange(code, tried), range(4)))
    assert [answer.status for answer in answers].count(200) <= 1
    assert {answer.status for answer in answers} <= {200, 400}


@pytest.mark.promise("B3.1")
def test_a_code_is_good_for_a_minute(elsewhere: Elsewhere, who: Member, hands: Hands):
    tried = attempt()
    code = elsewhere.code(who, tried)
    hands.by(seconds=60)
    assert elsewhere.exchange(code, tried).json == {"error": "invalid_grant"}


def test_refresh_tokens_rotate_and_one_that_comes_back_ends_all(elsewhere: Elsewhere, who: Member, hands: Hands):
    first = elsewhere.tokens(who)
    hands.by(minutes=15, seconds=1)
    assert elsewhere.info(first["access_token"]).status == 401
    second = elsewhere.refresh(first["refresh_token"], scope="account.user_name").json
    assert second["scope"] == "account.user_name"
    assert elsewhere.info(second["access_token"]).json.keys() == {"sub", "name"}
    wider = elsewhere.refresh(second["refresh_token"], scope="account.user_name account.mobile")
    assert wider.json == {"error": "invalid_scope"}
    assert elsewhere.refresh(first["refresh_token"]).json == {"error": "invalid_grant"}
    assert elsewhere.info(second["access_token"]).status == 401
    assert elsewhere.refresh(second["refresh_token"]).json == {"error": "invalid_grant"}


def test_a_token_serves_for_one_thing(elsewhere: Elsewhere, who: Member, http: Http):
    got = elsewhere.tokens(who)
    assert elsewhere.info(got["refresh_token"]).status == 401
    assert elsewhere.refresh(got["access_token"]).status == 400
    assert elsewhere.info(str(who.tokens["access_token"])).status == 401
    ours = {"Authorization": f"Bearer {got['access_token']}"}
    assert http("GET", "/v1/accounts/me", headers=ours).code == "session.invalid"


@pytest.mark.promise("B3.2")
def test_a_service_ends_its_tokens_itself(elsewhere: Elsewhere, who: Member, http: Http):
    got = elsewhere.tokens(who)
    assert elsewhere.revoke("x" * 43).status == 200
    assert elsewhere.revoke(got["access_token"]).status == 200
    assert elsewhere.info(got["access_token"]).status == 401
    again = elsewhere.refresh(got["refresh_token"]).json
    assert elsewhere.revoke(again["refresh_token"]).status == 200
    assert elsewhere.info(again["access_token"]).status == 401
    assert [link["state"] for link in http("GET", "/v1/links", who=who).json["data"]] == ["ended"]


@pytest.mark.promise("B3.2", "J6.1")
@pytest.mark.parametrize("how", ["frozen", "password", "again"])
def test_tokens_end_at_once_with_what_stands_behind_them(elsewhere: Elsewhere, who: Member, http: Http, how: str):
    got = elsewhere.tokens(who)
    if how == "frozen":
        StandingRow(pk=who.person_id, sk=SK).update([StandingRow.status.set(FROZEN)])
    elif how == "password":
        changed = {"current_password": who.password, "new_password": "回首向来萧瑟处 9"}
        assert http("PUT", "/v1/accounts/password", changed, who=who).status == 200
    else:
        elsewhere.tokens(who)  # a new grant takes the place of the old one
    assert elsewhere.info(got["access_token"]).status == 401
    assert elsewhere.refresh(got["refresh_token"]).json == {"error": "invalid_grant"}


@pytest.mark.promise("B3.2")
def test_nobody_sees_or_cuts_anothers_link_and_an_id_dies_with_its_link(
    elsewhere: Elsewhere, who: Member, stranger: Member, http: Http
):
    first = elsewhere.info(elsewhere.tokens(who)["access_token"]).json["sub"]
    assert elsewhere.info(elsewhere.tokens(who)["access_token"]).json["sub"] == first
    (link,) = http("GET", "/v1/links", who=who).json["data"]
    assert http("GET", "/v1/links", who=stranger).json == {"data": []}
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=stranger).status == 404
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=who).status == 204
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=who).status == 404
    assert elsewhere.info(elsewhere.tokens(who)["access_token"]).json["sub"] != first


def test_the_ticket_is_another_each_time(elsewhere: Elsewhere, who: Member):
    pages = [elsewhere.page(who, attempt().query()) for _ in range(2)]
    assert len({ticket_of(page) for page in pages}) == 2
