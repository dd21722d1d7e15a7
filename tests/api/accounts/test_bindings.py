"""Bindings over HTTP: who may bind, what is asked first, and what a refusal tells."""

from typing import Any

import pytest

from tests.support.accounts import Member, open_account
from tests.support.bindings import NONCE, notice
from tests.support.cloud import TestCloud
from tests.support.consents import answer_body
from tests.support.counterparties import Counterparties
from tests.support.edges import Http

WXMP = {"X-Client": "wxmp/1.2.0", "X-Device": "Redmi"}


def proved(http: Http, who: Member) -> Member:
    """Have somebody prove once more who they are."""
    answer = http("POST", "/v1/sessions/reauthentication", {"password": who.password}, who=who)
    return who.holding(answer.json)


def agreed(http: Http, who: Member, purpose: str) -> None:
    assert http("POST", "/v1/consents", answer_body(purpose), who=who).status == 200


def bodies(counterparties: Counterparties, person: str) -> dict[str, dict[str, Any]]:
    return {
        "wechat": {"code": counterparties.login_code(person)},
        "apple": {"code": counterparties.apple_code(NONCE, person), "nonce": NONCE},
    }


def used(counterparties: Counterparties) -> list[str]:
    state = counterparties.control("GET", "/state")
    return [one["code"] for kind in ("codes", "apple_codes") for one in state[kind].values() if one["used"]]


@pytest.mark.promise("A4.1", "B4.1", "B4.3")
@pytest.mark.parametrize("provider", ["wechat", "apple"])
def test_binding_asks_for_consent_and_then_for_a_fresh_proof_before_any_code_leaves(
    http: Http, counterparties: Counterparties, who: Member, provider: str
) -> None:
    body = bodies(counterparties, "anna")[provider]
    path = f"/v1/bindings/{provider}"
    refused = http("PUT", path, body, who=who)
    assert (refused.status, refused.code) == (403, "consent.required")
    assert refused.json["errors"][0]["pointer"] == f"/purposes/account.{provider}"
    agreed(http, who, f"account.{provider}")
    assert http("PUT", path, body, who=who).code == "session.reauthentication_required"
    assert used(counterparties) == []
    fresh = proved(http, who)
    bound = http("PUT", path, body, who=fresh)
    assert bound.status == 200, bound.text
    assert bound.json == http("GET", "/v1/bindings", who=who).json["data"][0]
    assert (bound.json["provider"], bound.json["channel"]) == (provider, "app")
    assert http("DELETE", path, who=who).code == "session.reauthentication_required"
    assert http("DELETE", path, who=fresh).status == 204
    assert http("GET", "/v1/bindings", who=who).json == {"data": []}
    assert http("DELETE", path, who=fresh).status == 404


@pytest.mark.promise("A5", "B4.1")
def test_one_account_on_every_channel(http: Http, counterparties: Counterparties, who: Member) -> None:
    fresh = proved(http, who)
    for provider, body in bodies(counterparties, "anna").items():
        agreed(http, who, f"account.{provider}")
        assert http("PUT", f"/v1/bindings/{provider}", body, who=fresh).status == 200
    asked = bodies(counterparties, "anna")
    mini = http("POST", "/v1/sessions/wechat", asked["wechat"], headers=WXMP)
    phone = http("POST", "/v1/sessions/apple", {**asked["apple"], "notice": notice()})
    assert (mini.status, phone.status) == (201, 201), mini.text + phone.text
    assert mini.json["person_id"] == phone.json["person_id"] == who.person_id
    channels = {one["channel"] for one in http("GET", "/v1/sessions", who=who).json["data"]}
    assert channels == {"app", "wxmp"}


def test_an_identity_that_nobody_bound_is_told_so_and_nothing_is_left(
    http: Http, counterparties: Counterparties, cloud: TestCloud
) -> None:
    asked = bodies(counterparties, "nobody")
    for path, body in (("wechat", asked["wechat"]), ("apple", {**asked["apple"], "notice": notice()})):
        answer = http("POST", f"/v1/sessions/{path}", body)
        assert (answer.status, answer.code) == (401, "accounts.not_bound")
    assert cloud.items("people") == []


@pytest.mark.promise("K3.3", "A3.3")
@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"version": 2}, "consent.notice_not_current"),
        ({"sha256": "0" * 64}, "consent.text_unknown"),
        ({"feature": "account.wechat"}, "consent.notice_unsuited"),
        ({"shown_at": "2020-01-01T00:00:00Z"}, "consent.shown_at_implausible"),
    ],
)
def test_a_guest_who_was_shown_another_notice_sends_nothing_abroad(
    http: Http, counterparties: Counterparties, spoilt: dict[str, Any], code: str
) -> None:
    body = {**bodies(counterparties, "anna")["apple"], "notice": {**notice(), **spoilt}}
    answer = http("POST", "/v1/sessions/apple", body)
    assert answer.code == code, answer.text
    assert http("POST", "/v1/sessions/apple", {**body, "notice": None}).status == 400
    assert used(counterparties) == []


@pytest.mark.parametrize(
    ("operation", "mode", "status"),
    [
        ("wechat.jscode2session", "garbage", 502),
        ("wechat.jscode2session", "redirect", 502),
        ("wechat.jscode2session", "oversize", 502),
        ("wechat.jscode2session", "lost", 503),
        ("wechat.jscode2session", "error", 503),
        ("wechat.jscode2session", "throttle", 429),
        ("apple.token", "garbage", 502),
        ("apple.token", "error", 503),
        ("apple.keys", "oversize", 502),
    ],
)
def test_a_hostile_answer_is_a_clean_refusal(
    http: Http, counterparties: Counterparties, *, operation: str, mode: str, status: int
) -> None:
    counterparties.plan(operation, mode, times=2)
    provider = operation.partition(".")[0]
    body = bodies(counterparties, "anna")[provider]
    shown = {"notice": notice()} if provider == "apple" else {}
    answer = http("POST", f"/v1/sessions/{provider}", {**body, **shown})
    assert answer.status == status, answer.text
    assert answer.code
    assert body["code"] not in answer.text


def test_a_code_that_was_used_asks_for_a_new_one(http: Http, counterparties: Counterparties) -> None:
    body = bodies(counterparties, "anna")["wechat"]
    assert http("POST", "/v1/sessions/wechat", body).code == "accounts.not_bound"
    again = http("POST", "/v1/sessions/wechat", body)
    assert (again.status, again.code) == (422, "wechat.code_invalid")


def test_whose_a_bound_identity_is_stays_untold(
    http: Http, counterparties: Counterparties, who: Member, stranger: Member
) -> None:
    for member in (who, stranger):
        agreed(http, member, "account.wechat")
    code = bodies(counterparties, "anna")["wechat"]
    assert http("PUT", "/v1/bindings/wechat", code, who=proved(http, who)).status == 200
    code = bodies(counterparties, "anna")["wechat"]
    answer = http("PUT", "/v1/bindings/wechat", code, who=proved(http, stranger))
    assert (answer.status, answer.code) == (409, "accounts.bound_elsewhere")
    assert [trace for trace in (who.person_id, who.user_name, who.mobile[-4:]) if trace in answer.text] == []
    assert open_account(http, counterparties).person_id
