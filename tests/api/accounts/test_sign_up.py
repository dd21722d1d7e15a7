"""Sign-up over HTTP: a code, three things, an agreement; anything else is refused and leaves no trace."""

import json

import pytest

from chalicelib.consent.service.ledger import device_of
from tests.support.accounts import ask_code, caller, code_for, log_in, new_mobile, open_account, sign_up_body
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import Http

SENT = {"expires_in_s": 600, "resend_after_s": 60}


def people(cloud: TestCloud) -> list[dict]:
    return cloud.items("people")


@pytest.mark.promise("A3.3", "B1.1", "B1.2")
def test_a_person_signs_up_and_is_logged_in(http: Http, counterparties: Counterparties):
    mobile = new_mobile()
    code = code_for(http, counterparties, mobile)
    answer = http("POST", "/v1/accounts", sign_up_body(mobile, code, user_name="模型控"))
    assert answer.status == 201
    assert answer.headers["Location"] == "/v1/accounts/me"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.keys() == {
        "person_id",
        "session_id",
        "access_token",
        "refresh_token",
        "expires_in_s",
        "token_type",
    }
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    me = http("GET", "/v1/accounts/me", headers=headers).json
    assert (me["user_name"], me["consents"], me["policy_version"]) == ("模型控", [], "1.0.0")


@pytest.mark.promise("K4.4")
def test_known_and_unknown_numbers_get_the_same_answer(http: Http, counterparties: Counterparties):
    known = open_account(http, counterparties).mobile
    asked = [ask_code(http, f"+86 {new_mobile()}"), ask_code(http, new_mobile())]
    again = ask_code(http, known)
    assert [answer.json for answer in asked] == [SENT, SENT]
    assert (again.status, again.code) == (429, "rate.limited")
    fresh = ask_code(http, new_mobile())
    assert ask_code(http, new_mobile()).json == fresh.json == SENT
    assert 0 < int(again.headers["Retry-After"]) <= 60


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize("name", ["mobile", "code", "user_name", "password", "policy"])
def test_each_of_the_documented_fields_is_needed(http: Http, cloud: TestCloud, name):
    answer = http("POST", "/v1/accounts", sign_up_body(new_mobile(), "123456", **{name: None}))
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert answer.errors == [(f"/{name}", "required")]
    assert people(cloud) == []


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize("name", ["email", "gender", "openid", "person_id", "status", "epoch", "roles"])
def test_nothing_more_is_asked_for_or_taken(http: Http, cloud: TestCloud, name):
    answer = http("POST", "/v1/accounts", sign_up_body(new_mobile(), "123456", **{name: "active"}))
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert answer.errors[0][1] == "unknown_field"
    assert people(cloud) == []


@pytest.mark.parametrize(
    ("changes", "status", "code", "error"),
    [
        ({"code": "000000"}, 422, "accounts.code_invalid", None),
        ({"code": "12345"}, 400, "request.invalid", ("/code", "pattern")),
        ({"code": 123456}, 400, "request.invalid", ("/code", "type")),
        ({"mobile": "+1 650 253 0000"}, 400, "request.invalid", ("/mobile", "mobile")),
        ({"mobile": "1" * 25}, 400, "request.invalid", ("/mobile", "length")),
        ({"user_name": "客服"}, 422, "accounts.user_name_refused", ("/user_name", "reserved")),
        ({"user_name": "x" * 65}, 400, "request.invalid", ("/user_name", "length")),
        ({"password": "12345678"}, 422, "accounts.password_weak", ("/password", "common")),
        ({"password": "short"}, 422, "accounts.password_weak", ("/password", "length")),
        ({"password": "x" * 257}, 400, "request.invalid", ("/password", "length")),
        ({"policy": {}}, 400, "request.invalid", ("/policy/version", "required")),
    ],
)
def test_every_refusal_has_its_code_and_place(http: Http, cloud: TestCloud, changes, status, code, error):
    answer = http("POST", "/v1/accounts", sign_up_body(new_mobile(), "123456", **changes))
    assert (answer.status, answer.code) == (status, code)
    assert answer.errors == ([error] if error else [])
    assert people(cloud) == []


def test_an_agreement_to_another_text_is_refused_at_its_place(http: Http, cloud: TestCloud):
    body = sign_up_body(new_mobile(), "123456")
    body["policy"]["sha256"] = "0" * 64
    answer = http("POST", "/v1/accounts", body)
    assert (answer.status, answer.code) == (422, "consent.text_unknown")
    assert answer.errors == [("/policy/sha256", "unknown")]
    assert people(cloud) == []


@pytest.mark.promise("K4.4")
def test_taken_number_and_name_are_told_after_the_proof(http: Http, counterparties: Counterparties):
    first = open_account(http, counterparties)
    mobile = new_mobile()
    body = sign_up_body(mobile, code_for(http, counterparties, mobile), user_name=first.user_name.upper())
    answer = http("POST", "/v1/accounts", body)
    assert (answer.status, answer.code) == (409, "accounts.user_name_taken")
    assert answer.errors == [("/user_name", "taken")]
    blind = http("POST", "/v1/accounts", sign_up_body(first.mobile, "000000", user_name=first.user_name))
    assert (blind.status, blind.code) == (422, "accounts.code_invalid")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"NaN",
        b'{"mobile": NaN}',
        b'{"mobile": "\\ud800", "purpose": "sign_up"}',
        b'{"mobile": "\xff\xfe"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"mobile": {"$ne": null}, "purpose": "sign_up"}',
        b'{"mobile": "13800138000", "purpose": "inherit"}',
        b'{"mobile": 13800138000, "purpose": "sign_up"}',
        b'{"mobile": "13800138000\\u0000", "purpose": "sign_up"}',
        b'{"mobile": "' + b"1" * 300_000 + b'"}',
    ],
    ids=range(14),
)
@pytest.mark.parametrize("path", ["/v1/accounts/codes", "/v1/accounts", "/v1/sessions", "/v1/sessions/refresh"])
def test_hostile_bodies_are_refused_and_nothing_is_written_sent_or_echoed(
    http: Http, cloud: TestCloud, counterparties: Counterparties, capsys: pytest.CaptureFixture[str], path, raw
):
    answer = http("POST", path, raw=raw)
    assert answer.status in {400, 413}
    assert answer.code in {"request.invalid", "request.too_large"}
    assert people(cloud) == []
    assert {i["kind"]["S"] for i in cloud.items("ephemeral")} <= {"counter", "day_key"}
    assert counterparties.control("GET", "/state")["sms"] == []
    assert "13800138000" not in answer.text + capsys.readouterr().out


@pytest.mark.promise("K4.2")
def test_nothing_personal_is_logged(http: Http, counterparties: Counterparties, capsys: pytest.CaptureFixture[str]):
    who = open_account(http, counterparties, headers={"X-Device": "canary-device"})
    log_in(http, who.mobile)
    log_in(http, who.user_name, "a wrong canary")
    http("POST", "/v1/sessions/refresh", who.refresh)
    http("GET", "/v1/accounts/me?mobile=13800138000", who=who)
    lines = capsys.readouterr().out
    for canary in (who.mobile, who.user_name, who.password, who.person_id, "canary", who.tokens["refresh_token"]):
        assert canary not in lines
    assert all(json.loads(line)["event"] for line in lines.splitlines())


@pytest.mark.promise("A3.3")
def test_no_account_is_opened_without_channel_and_device(http: Http, counterparties: Counterparties, cloud: TestCloud):
    mobile = new_mobile()
    body = sign_up_body(mobile, code_for(http, counterparties, mobile))
    for headers in ({"X-Client": ""}, {"X-Device": ""}, {"X-Client": "web/x"}, {"X-Device": "x" * 65}):
        answer = http("POST", "/v1/accounts", body, headers=headers)
        assert (answer.status, answer.code) == (400, "client.unnamed")
    assert people(cloud) == []
    assert http("POST", "/v1/accounts", body).status == 201


@pytest.mark.promise("A3.3")
def test_the_device_in_the_ledger_is_the_one_of_the_session_whatever_its_name(
    http: Http, counterparties: Counterparties
):
    who = open_account(http, counterparties, headers={"X-Client": "wxmp/2.0", "X-Device": "%E5%B0%8F%E7%B1%B3%2014"})
    (session,) = http("GET", "/v1/sessions", who=who).json["data"]
    assert (session["channel"], session["device"]) == ("wxmp", "小米 14")
    entries = http("GET", "/v1/consents/history", who=who).json["data"]
    assert {entry["channel"] for entry in entries} == {"wxmp"}
    (device,) = {entry["device"] for entry in entries}
    assert device == device_of("小米 14", caller(who).who.ref)


def test_an_address_that_asks_too_often_is_slowed_down(http: Http, counterparties: Counterparties, hands: Hands):
    hands.into_window(3600)
    answers = [ask_code(http, new_mobile()) for _ in range(61)]
    assert [answer.status for answer in answers] == [202] * 60 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"codes";q=60;w=3600'
    assert answers[-1].code == "rate.limited"
    assert len(counterparties.control("GET", "/state")["sms"]) == 60


def test_the_provider_down_is_an_honest_503(http: Http, counterparties: Counterparties):
    counterparties.plan("sms.SendSms", "lost")
    answer = ask_code(http, new_mobile())
    assert (answer.status, answer.code) == (503, "provider.unavailable")
    assert answer.json["retryable"] is True
