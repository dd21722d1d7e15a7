"""The website's session by cookie: set, used, refreshed and taken away only as our own website does it."""

from datetime import UTC, datetime
from itertools import product

import pytest

from chalicelib.foundation.web import tokens
from tests.support.accounts import PASSWORD, Member, code_for, new_mobile, sign_up_body
from tests.support.clocks import Hands
from tests.support.edges import Http, Reply
from tests.support.website import ORIGIN, REFRESH, SESSION, Browser, set_cookies

GUARDED = {"Secure": "", "HttpOnly": "", "SameSite": "Strict"}
NEXT = "回首向来萧瑟处 9"


@pytest.fixture
def browser(http: Http) -> Browser:
    """Give a browser of nobody's."""
    return Browser(http)


def log_in(browser: Browser, who: Member, **headers: str | None) -> Reply:
    return browser("POST", "/v1/sessions", {"login": who.mobile, "password": who.password}, **headers)


@pytest.fixture
def inside(browser: Browser, who: Member) -> Browser:
    """Give a browser in which somebody is logged in."""
    assert log_in(browser, who).status == 201
    return browser


@pytest.mark.promise("A5.2")
def test_the_website_gets_its_session_in_guarded_cookies_and_no_token_in_the_body(browser: Browser, who: Member):
    answer = log_in(browser, who)
    assert (answer.json["access_token"], answer.json["refresh_token"], answer.json["token_type"]) == ("", "", "Cookie")
    (session, *_, said), (refresh, *_, kept) = set_cookies(answer)
    assert (session, said) == (SESSION, {"Path": "/", "Max-Age": "2592000", **GUARDED})
    assert (refresh, kept) == (REFRESH, {"Path": "/v1/sessions/refresh", "Max-Age": "2592000", **GUARDED})
    assert browser("GET", "/v1/accounts/me").json["person_id"] == who.person_id
    assert browser.value(SESSION) not in answer.text
    assert browser.value(REFRESH) not in answer.text


@pytest.mark.promise("A5.2")
def test_signing_up_gives_cookies_too(browser: Browser, http: Http, counterparties):
    mobile = new_mobile()
    answer = browser("POST", "/v1/accounts", sign_up_body(mobile, code_for(http, counterparties, mobile)))
    assert (answer.status, answer.json["access_token"], answer.headers["Location"]) == (201, "", "/v1/accounts/me")
    assert browser("GET", "/v1/accounts/me").status == 200


@pytest.mark.promise("A5.1")
def test_without_asking_for_it_nobody_gets_a_cookie(browser: Browser, who: Member):
    answer = log_in(browser, who, X_Session=None)
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["access_token"]
    assert answer.cookies == []


SESSIONS = ("cookie", None, "bearer")
ORIGINS = (ORIGIN, None, "null", "https://evil.example", "https://evil.jule.example", f"{ORIGIN}:8443", ORIGIN + ".cn",
           "http://www.jule.example", ORIGIN.upper())  # fmt: skip
CLIENTS = ("web/1.0", "app/2.3.1", "wxmp/1.4")
KINDS = (
    ("GET", "/v1/profile", None, 200, ""),
    ("PUT", "/v1/profile/residence", {"residence": "上海"}, 403, "consent.required"),
    ("DELETE", "/v1/profile/residence", None, 428, "version.required"),
    ("POST", "/v1/sessions/reauthentication", {"password": PASSWORD}, 200, ""),
    ("POST", "/v1/sessions", None, 201, ""),
)


@pytest.mark.promise("A5.2")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0]} {kind[1]}")
def test_only_our_own_website_uses_or_gets_a_session_by_cookie(inside: Browser, who: Member, kind):
    method, path, body, *right = kind
    body = {"login": who.mobile, "password": who.password} if path == "/v1/sessions" else body
    before = dict(inside.jar)
    for asked, origin, client in product(SESSIONS, ORIGINS, CLIENTS):
        inside.jar = dict(before)
        answer = inside(method, path, body, X_Session=asked, Origin=origin, X_Client=client)
        ours = origin == ORIGIN or (method == "GET" and origin is None)
        by_cookie = ours and asked == "cookie" and client == "web/1.0"
        by_body = asked is None and path == "/v1/sessions"
        outcome = [answer.status, answer.code if answer.status >= 400 else ""]
        assert outcome == (right if by_cookie or by_body else [403, "session.cross_site"]), (asked, origin, client)
        assert bool(answer.cookies) is (by_cookie and method == "POST")


@pytest.mark.promise("A5.2")
def test_no_cookie_counts_where_no_website_is_set(inside: Browser, who: Member, monkeypatch):
    monkeypatch.delenv("WEB_ORIGIN")
    for origin in (ORIGIN, None, ""):
        assert inside("POST", "/v1/sessions/logout", Origin=origin).code == "session.cross_site"
        assert log_in(inside, who, Origin=origin).code == "session.cross_site"


@pytest.mark.promise("A5.2")
def test_a_bearer_request_is_asked_for_no_origin_and_a_cookie_beside_it_counts_for_nothing(
    inside: Browser, http: Http, who: Member, stranger: Member
):
    theirs = {name.replace("-", "_"): value for name, value in stranger.headers.items()}
    for origin in (ORIGIN, None, "https://evil.example"):
        answer = inside("GET", "/v1/accounts/me", **theirs, Origin=origin)
        assert answer.json["person_id"] == stranger.person_id
        fresh = inside("POST", "/v1/sessions/reauthentication", {"password": PASSWORD}, **theirs, Origin=origin)
        assert (fresh.status, fresh.cookies, fresh.json["token_type"]) == (200, [], "Bearer")
    for bad in ("Bearer x.y.z", "Bearer", "Basic dTpw", f"Bearer {inside.value(SESSION)}"):
        assert inside("GET", "/v1/accounts/me", Authorization=bad).code == "session.invalid"
    assert http("GET", "/v1/accounts/me", who=who).status == 200


@pytest.mark.promise("A5.2", "K4.3")
def test_a_token_of_one_kind_is_none_of_another(inside: Browser, http: Http, who: Member):
    session, refresh = inside.value(SESSION), inside.value(REFRESH)
    assert http("GET", "/v1/accounts/me", headers={"Authorization": f"Bearer {session}"}).status == 401
    assert http("POST", "/v1/sessions/refresh", {"refresh_token": refresh}).code == "session.invalid"
    for wrong in (who.tokens["access_token"], refresh, who.tokens["refresh_token"]):
        assert inside("GET", "/v1/accounts/me", Cookie=f"{SESSION}={wrong}").code == "session.invalid"
    for wrong in (who.tokens["refresh_token"], session, who.tokens["access_token"]):
        answer = inside("POST", "/v1/sessions/refresh", {}, Cookie=f"{SESSION}={session}; {REFRESH}={wrong}")
        assert (answer.status, answer.cookies) == (401, [])
    inside.jar = {SESSION: (session, "/"), REFRESH: (refresh, "/")}
    assert inside("POST", "/v1/sessions/refresh", {}).status == 200, "none of it ended the session"


@pytest.mark.promise("A5.2", "K4.3")
def test_a_refresh_renews_both_cookies_and_reuse_ends_the_session(inside: Browser, hands: Hands):
    first = dict(inside.jar)
    hands.by(minutes=16)
    assert inside("GET", "/v1/accounts/me").code == "session.invalid"
    answer = inside("POST", "/v1/sessions/refresh", {})
    assert (answer.status, answer.json["access_token"], answer.json["refresh_token"]) == (200, "", "")
    assert all(inside.jar[name] != first[name] for name in (SESSION, REFRESH))
    assert inside("GET", "/v1/accounts/me").status == 200
    second, inside.jar = inside.jar, first
    hands.by(seconds=11)
    assert inside("POST", "/v1/sessions/refresh", {}).code == "session.invalid"
    inside.jar = second
    assert inside("GET", "/v1/accounts/me").code == "session.invalid"


@pytest.mark.promise("A5.2")
def test_a_refresh_by_cookie_names_no_token_and_another_one_must(inside: Browser, http: Http, who: Member):
    both = inside("POST", "/v1/sessions/refresh", who.refresh)
    assert (both.status, both.errors) == (400, [("/refresh_token", "unexpected")])
    none = http("POST", "/v1/sessions/refresh", {})
    assert (none.status, none.code) == (401, "session.invalid")


@pytest.mark.promise("A5.2")
def test_a_tossed_in_cookie_brings_nobody_into_anothers_session(
    inside: Browser, http: Http, who: Member, stranger: Member
):
    attacker = Browser(http)
    log_in(attacker, stranger)
    session, refresh = inside.value(SESSION), inside.value(REFRESH)
    tossed = attacker.value(REFRESH)
    for cookies in (
        f"{SESSION}={session}; {REFRESH}={tossed}",
        f"{SESSION}={session}; {REFRESH}={tossed}; {REFRESH}={refresh}",
        f"{SESSION}={session}; {REFRESH}={refresh}; {REFRESH}={tossed}",
        f"{REFRESH}={tossed}",
    ):
        answer = inside("POST", "/v1/sessions/refresh", {}, Cookie=cookies)
        assert (answer.status, answer.code, answer.cookies) == (401, "session.invalid", [])
    assert attacker("POST", "/v1/sessions/refresh", {}).status == 200
    assert inside("POST", "/v1/sessions/refresh", {}).status == 200


@pytest.mark.promise("A5.2")
def test_a_log_in_begins_a_session_of_its_own_whatever_was_there(http: Http, who: Member, stranger: Member):
    attacker, victim = Browser(http), Browser(http)
    log_in(attacker, stranger)
    victim.jar = dict(attacker.jar)
    log_in(victim, who)
    assert victim("GET", "/v1/accounts/me").json["person_id"] == who.person_id
    assert attacker("GET", "/v1/accounts/me").json["person_id"] == stranger.person_id
    before = tokens.read(attacker.value(SESSION), datetime.now(UTC), by_cookie=True)
    after = tokens.read(victim.value(SESSION), datetime.now(UTC), by_cookie=True)
    assert before.session_id != after.session_id


HOSTILE = [
    "", "=", ";;;", "a", "%00", '"{token}"', " {token}; x", "{token}%20", "{token}x", "x{token}", "{token}=",
    "{token}; {name}={token}", "{token}; {name}=", "; {name}={token}; {name}=x", "a" * 5000, "{token}" + "; a=b" * 3000,
    "../../etc", "{{}}", "null", "\t", "é", "{token}\u00e9", "e30.e30.e30", "..", "eyJhbGciOiJub25lIn0.e30.",
]  # fmt: skip


@pytest.mark.promise("A5.2")
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_cookie_is_nobody_and_breaks_nothing(inside: Browser, hostile: str):
    cookie = f"{SESSION}=" + hostile.format(token=inside.value(SESSION), name=SESSION)
    assert inside("GET", "/v1/accounts/me", Cookie=cookie).code == "session.invalid"
    refreshed = inside("POST", "/v1/sessions/refresh", {}, Cookie=f"{cookie}; {REFRESH}=x")
    assert (refreshed.status, refreshed.code, refreshed.cookies) == (401, "session.invalid", [])


def test_a_cookie_under_another_name_is_not_looked_at(inside: Browser):
    token = inside.value(SESSION)
    for name in ("jule_session", "__Secure-jule_session", SESSION.lower(), "x" + SESSION, SESSION + "x"):
        assert inside("GET", "/v1/accounts/me", Cookie=f"{name}={token}").code == "session.invalid"


@pytest.mark.promise("A5.2")
def test_logging_out_ends_the_session_and_takes_both_cookies_away(inside: Browser, who: Member):
    held = inside.cookies("/v1/sessions/refresh")
    answer = inside("POST", "/v1/sessions/logout")
    assert answer.status == 204
    gone = {"Max-Age": "0", **GUARDED}
    assert set_cookies(answer) == [
        (SESSION, "", {"Path": "/", **gone}),
        (REFRESH, "", {"Path": "/v1/sessions/refresh", **gone}),
    ]
    assert inside.jar == {}
    assert inside("GET", "/v1/accounts/me", Cookie=held).code == "session.invalid"
    assert inside("POST", "/v1/sessions/refresh", {}, Cookie=held).code == "session.invalid"
    assert inside("POST", "/v1/sessions/logout", Authorization=who.headers["Authorization"]).cookies == []


@pytest.mark.promise("A5.2", "K4.3")
def test_proving_again_and_a_new_password_go_on_by_cookie(inside: Browser, who: Member):
    assert (
        inside("POST", "/v1/requests/copies", Idempotency_Key="copy-of-mine").code
        == "session.reauthentication_required"
    )
    fresh = inside("POST", "/v1/sessions/reauthentication", {"password": who.password})
    assert (fresh.json["access_token"], fresh.json["token_type"]) == ("", "Cookie")
    assert [name for name, *_ in set_cookies(fresh)] == [SESSION]
    assert inside("POST", "/v1/requests/copies", Idempotency_Key="copy-of-mine").status == 202
    before = dict(inside.jar)
    body = {"current_password": who.password, "new_password": NEXT}
    changed = inside("PUT", "/v1/accounts/password", body)
    assert (changed.status, changed.json["access_token"], changed.json["refresh_token"]) == (200, "", "")
    assert all(inside.jar[name] != before[name] for name in (SESSION, REFRESH))
    assert inside("POST", "/v1/sessions/refresh", {}).status == 200


def test_what_guests_see_does_not_hang_on_a_cookie(inside: Browser):
    alone = inside("GET", "/v1/posts", Cookie=None, X_Session=None, Origin=None)
    for headers in ({}, {"Origin": "https://evil.example"}, {"X_Session": None}):
        answer = inside("GET", "/v1/posts", **headers)
        assert (answer.status, answer.text, answer.cookies) == (200, alone.text, [])
