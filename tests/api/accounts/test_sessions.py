"""Log-in, refresh, log-out and password over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.kernel import clock
from tests.support.accounts import PASSWORD, Member, log_in
from tests.support.clocks import Hands
from tests.support.edges import Http

NEXT = "回首向来萧瑟处 9"


def works(http: Http, who: Member) -> bool:
    return http("GET", "/v1/accounts/me", who=who).status == 200


def logged_in(http: Http, who: Member, **headers: str) -> Member:
    answer = log_in(http, who.mobile, who.password, **headers)
    assert answer.status == 201
    return who.holding(answer.json)


@pytest.mark.promise("A5.1")
def test_the_same_account_from_app_website_and_mini_program(http: Http, who: Member):
    for client, channel in (("app/2.3.1", "app"), ("web/1.0", "web"), ("wxmp/1.4", "wxmp")):
        member = logged_in(http, who, **{"X-Client": client, "X-Device": f"a {channel}"})
        me = http("GET", "/v1/accounts/me", who=member).json
        assert me["person_id"] == who.person_id
        mine = [s for s in http("GET", "/v1/sessions", who=member).json["data"] if s["current"]]
        assert [(s["channel"], s["device"]) for s in mine] == [(channel, f"a {channel}")]


@pytest.mark.promise("K4.4")
@pytest.mark.parametrize("login", ["13900139000", "nobody", "'; --", "\u202e", " " * 64])
def test_a_failed_log_in_says_nothing_about_the_account(http: Http, who: Member, login):
    known, unknown = log_in(http, who.mobile, "a wrong one"), log_in(http, login, "a wrong one")
    assert known.status == unknown.status == 401
    assert known.code == unknown.code == "accounts.login_failed"
    bodies = [{k: v for k, v in answer.json.items() if k != "request_id"} for answer in (known, unknown)]
    assert bodies[0] == bodies[1]
    noise = {"X-Request-Id", "RateLimit"}
    assert [h for h in known.headers if h not in noise] == [h for h in unknown.headers if h not in noise]


@pytest.mark.promise("K4.3")
def test_an_address_that_guesses_is_slowed_down_before_anything_is_digested(http: Http, who: Member, monkeypatch):
    answers = [log_in(http, f"nobody{n}", "x") for n in range(3)]
    assert [a.headers["RateLimit-Policy"] for a in answers] == ['"log_in";q=100;w=300'] * 3
    monkeypatch.setattr("chalicelib.foundation.web.limits.count", lambda *_: 101)
    monkeypatch.setattr("chalicelib.accounts.service.passwords.is_right", None)
    answer = log_in(http, who.mobile)
    assert (answer.status, answer.code) == (429, "rate.limited")


@pytest.mark.promise("K4.3")
def test_refresh_rotates_and_reuse_ends_the_session_with_its_access_tokens(http: Http, who: Member, hands: Hands):
    first = http("POST", "/v1/sessions/refresh", who.refresh)
    assert first.status == 200
    renewed = who.holding(first.json)
    assert works(http, renewed)
    again = http("POST", "/v1/sessions/refresh", who.refresh)
    assert (again.status, again.json["refresh_token"]) == (200, first.json["refresh_token"])
    hands.by(seconds=11)
    again = http("POST", "/v1/sessions/refresh", who.refresh)
    assert (again.status, again.code) == (401, "session.invalid")
    assert not works(http, renewed)
    assert not works(http, who)
    assert http("POST", "/v1/sessions/refresh", renewed.refresh).status == 401
    assert works(http, logged_in(http, who))


@pytest.mark.promise("K4.3")
def test_log_out_bites_at_once(http: Http, who: Member):
    other = logged_in(http, who)
    assert http("POST", "/v1/sessions/logout", who=who).status == 204
    assert not works(http, who)
    assert http("POST", "/v1/sessions/refresh", who.refresh).status == 401
    assert works(http, other)


@pytest.mark.promise("K4.3")
def test_one_session_ends_another(http: Http, who: Member):
    tablet = logged_in(http, who)
    answer = http("DELETE", f"/v1/sessions/{tablet.session_id}", who=who)
    assert (answer.status, answer.text) == (204, "")
    assert not works(http, tablet)
    assert works(http, who)
    assert http("DELETE", f"/v1/sessions/{tablet.session_id}", who=who).code == "request.not_found"


@pytest.mark.parametrize("session_id", ["x", "ses_x", "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", "ses_%2e%2e%2f", "%00"])
def test_what_is_no_session_id_is_not_found(http: Http, who: Member, session_id):
    assert http("DELETE", f"/v1/sessions/{session_id}", who=who).status == 404


@pytest.mark.promise("K4.3")
def test_a_new_password_ends_the_others_and_the_old_access_token(http: Http, who: Member):
    tablet = logged_in(http, who)
    body = {"current_password": PASSWORD, "new_password": NEXT}
    answer = http("PUT", "/v1/accounts/password", body, who=who)
    assert answer.status == 200
    renewed = who.holding(answer.json)
    assert works(http, renewed)
    assert not works(http, tablet)
    assert not works(http, who)
    assert http("POST", "/v1/sessions/refresh", tablet.refresh).status == 401
    assert log_in(http, who.mobile, PASSWORD).code == "accounts.login_failed"
    assert log_in(http, who.mobile, NEXT).status == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"current_password": "a wrong one", "new_password": NEXT}, 403, "accounts.password_wrong"),
        ({"current_password": PASSWORD, "new_password": "password1"}, 422, "accounts.password_weak"),
        ({"current_password": PASSWORD, "new_password": PASSWORD}, 422, "accounts.password_weak"),
        ({"new_password": NEXT}, 400, "request.invalid"),
    ],
)
def test_a_refused_change_changes_nothing(http: Http, who: Member, body, status, code):
    answer = http("PUT", "/v1/accounts/password", body, who=who)
    assert (answer.status, answer.code) == (status, code)
    assert works(http, who)
    assert log_in(http, who.mobile, PASSWORD).status == 201


@pytest.mark.promise("K4.3")
def test_proving_again_gives_a_token_that_opens_sensitive_acts_for_a_while(http: Http, who: Member):
    wrong = http("POST", "/v1/sessions/reauthentication", {"password": "a wrong one"}, who=who)
    assert (wrong.status, wrong.code) == (403, "accounts.password_wrong")
    answer = http("POST", "/v1/sessions/reauthentication", {"password": PASSWORD}, who=who)
    assert answer.status == 200
    assert answer.json.keys() == {"access_token", "expires_in_s", "reauthenticated_at", "token_type"}
    assert works(http, who.holding(answer.json))
    assert works(http, who)


@pytest.mark.promise("K4.3")
def test_an_access_token_lives_fifteen_minutes(http: Http, who: Member, monkeypatch: pytest.MonkeyPatch):
    began = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=14))
    assert works(http, who)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=15, seconds=1))
    assert not works(http, who)
    assert http("POST", "/v1/sessions/refresh", who.refresh).status == 200
