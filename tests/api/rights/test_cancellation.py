"""Cancelling over HTTP: previewed, confirmed after a proof of identity, certified to the holder of the receipt."""

import base64
import hashlib
import json
import secrets

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.standing.rows import CLOSING, FROZEN
from chalicelib.foundation.web import limits
from chalicelib.foundation.web.route import REGISTERED
from chalicelib.orders.tables import OrderRow
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Http, Reply
from tests.support.leaving import Left
from tests.support.lives import MOBILE, make_account
from tests.support.people import Someone, expired_token, make_person
from tests.support.planted import plant, stored_now

pytestmark = pytest.mark.usefixtures("counterparties")
RECEIPT = "A-Za-z0-9_" * 4 + "xyz"
GIVEN = {"plan_hash": "0" * 64, "receipt": RECEIPT}
OWN = [("GET", None), ("POST", GIVEN)]
CERTIFICATES = "/v1/cancellation/certificates"
NO_RECEIPTS: list[object] = [
    "",
    "short",
    "A" * 42,
    "A" * 44,
    "A" * 42 + "=",
    "A" * 42 + "\n",
    "A" * 42 + "é",
    "\u0000" * 43,
    " " * 43,
    "' OR '1'='1" + "A" * 32,
    "A" * 100_000,
    None,
    1,
    [],
    {},
    True,
]


def preview(http: Http, who: Someone) -> dict:
    return dict(http("GET", "/v1/cancellation", who=who).json)


def cancel(http: Http, who: Someone, **changes: object) -> Reply:
    body = {"plan_hash": preview(http, who).get("plan_hash", "0" * 64), "receipt": secrets.token_urlsafe(32), **changes}
    return http("POST", "/v1/cancellation", body, who=who)


def certificate(http: Http, receipt: object) -> Reply:
    return http("POST", CERTIFICATES, {"receipt": receipt})


@pytest.mark.parametrize(("method", "body"), OWN)
def test_guests_are_asked_to_log_in(http: Http, cloud: TestCloud, method: str, body: object):
    for headers in ({}, {"Authorization": f"Bearer {expired_token(make_person())}"}):
        answer = http(method, "/v1/cancellation", body, headers=headers)
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert cloud.items("cases") == []


@pytest.mark.parametrize(
    ("status", "code", "number"), [(FROZEN, "account.frozen", 403), (CLOSING, "account.closing", 410)]
)
@pytest.mark.parametrize(("method", "body"), OWN)
def test_whoever_may_not_act_is_told_so(http: Http, cloud: TestCloud, method, body, status, code, number):
    """A frozen account is thawed by proof first: its session may be a thief's (docs/decisions/0019)."""
    answer = http(method, "/v1/cancellation", body, who=make_person(status=status, recent=True))
    assert (answer.status, answer.code) == (number, code)
    assert cloud.items("cases") == []


@pytest.mark.promise("J11.3")
def test_the_key_to_verify_with_is_public_and_named_by_every_certificate(http: Http, cloud: TestCloud, aws_calls):
    answer = http("GET", "/v1/evidence-key")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
    der = base64.b64decode(answer.json["public_key"])
    assert answer.json == {
        "key_id": hashlib.sha256(der).hexdigest(),
        "algorithm": "ECDSA_SHA_256",
        "public_key": answer.json["public_key"],
    }
    load_der_public_key(der)
    assert http("GET", "/v1/evidence-key").json == answer.json
    assert [call.operation for call in aws_calls] == ["GetPublicKey"]
    who, receipt = make_account(), secrets.token_urlsafe(32)
    Left(cancel(http, who, receipt=receipt).json["request_id"], receipt).finish()
    done = certificate(http, receipt).json
    assert json.loads(done["statement"])["key"] == answer.json["key_id"]
    assert done["public_key"] == answer.json["public_key"]


@pytest.mark.promise("J3.2", "J11.3")
def test_once_erased_the_log_leads_to_nothing_that_is_kept(http: Http, cloud: TestCloud, capsys):
    who = make_account()
    plant(who, OrderRow)
    http("GET", "/v1/orders", who=who)
    receipt = secrets.token_urlsafe(32)
    request_id = cancel(http, who, receipt=receipt).json["request_id"]
    Left(request_id, receipt).finish()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    mine = [line for line in lines if line.get("who")]
    assert len(mine) == 3
    evidence = cloud.items("evidence")
    assert [item for item in evidence if item["pk"]["S"] == who.ref]
    kept = str([evidence, *(cloud.items(noun) for noun in ("trade", "cases", "people", "community", "keys"))])
    for line in mine:
        assert line["who"].removeprefix("who_")[:8] not in kept
        assert line["request_id"] not in kept


@pytest.mark.promise("J7.4")
def test_looking_needs_a_session_and_leaving_needs_a_proof(http: Http, cloud: TestCloud):
    who = make_person()
    assert http("GET", "/v1/cancellation", who=who).status == 200
    answer = cancel(http, who)
    assert (answer.status, answer.code) == (403, "session.reauthentication_required")
    assert who.standing().status == "active"


@pytest.mark.promise("J7.2")
def test_the_preview_has_its_documented_shape(http: Http):
    who = make_account()
    plant(who, OrderRow)
    stored_now(who, OrderRow, state="paid", completed_at=None)
    seen = preview(http, who)
    assert seen.keys() == {"plan_hash", "blocks", "lines"}
    assert [block.keys() for block in seen["blocks"]] == [{"code", "text", "way_out"}]
    shape = {"kind", "count", "outcome", "goes", "stays", "until", "period", "ground"}
    assert all(line.keys() == shape for line in seen["lines"])
    assert MOBILE not in json.dumps(seen)


@pytest.mark.promise("J7.4", "J11.3")
def test_the_owner_leaves_and_the_receipt_alone_fetches_the_certificate(http: Http):
    who = make_account()
    left = cancel(http, who, receipt=RECEIPT)
    assert (left.status, left.json["state"]) == (202, "running")
    assert RECEIPT not in left.text
    gone = http("GET", "/v1/accounts/me", who=who)
    assert (gone.status, gone.code) == (401, "session.invalid")
    running = certificate(http, RECEIPT)
    assert (running.status, running.json["state"], running.json["statement"]) == (200, "running", "")
    Left(left.json["request_id"], RECEIPT).go_on()
    done = certificate(http, RECEIPT)
    assert (done.status, done.json["state"], done.headers["Cache-Control"]) == (200, "done", "no-store")
    assert json.loads(done.json["statement"])["request"] == left.json["request_id"]


@pytest.mark.promise("J7.1")
def test_an_open_order_stands_against_it_and_is_named(http: Http):
    who = make_account()
    stored_now(who, OrderRow, state="unpaid", completed_at=None)
    answer = cancel(http, who)
    assert (answer.status, answer.code) == (409, "rights.cancellation_blocked")
    assert answer.errors == [("/blocks/order_open", "order_open")]
    assert who.standing().status == "active"


@pytest.mark.promise("J7.3")
def test_another_plan_than_the_one_shown_is_not_carried_out(http: Http):
    who = make_account()
    for given in ("0" * 64, "f" * 64):
        answer = cancel(http, who, plan_hash=given)
        assert (answer.status, answer.code) == (409, "rights.plan_changed")
    assert who.standing().status == "active"


@pytest.mark.promise("J11.3")
def test_a_receipt_serves_one_person_once(http: Http):
    owner, other = make_account(), make_account("+8613900000002", "第二人")
    assert cancel(http, owner, receipt=RECEIPT).status == 202
    answer = cancel(http, other, receipt=RECEIPT)
    assert (answer.status, answer.code) == (409, "rights.receipt_used")
    assert other.standing().status == "active"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"plan_hash": "0" * 63}, "/plan_hash", "pattern"),
        ({"plan_hash": "G" * 64}, "/plan_hash", "pattern"),
        ({"plan_hash": 1}, "/plan_hash", "type"),
        ({"receipt": "x" * 42}, "/receipt", "pattern"),
        ({"receipt": None}, "/receipt", "type"),
        ({"receipt": ["x" * 43]}, "/receipt", "type"),
        ({"more": 1}, "", "unknown_field"),
    ],
)
def test_what_is_not_a_cancellation_is_refused_by_place_and_rule(http: Http, changes: dict, pointer: str, code: str):
    who = make_account()
    answer = http("POST", "/v1/cancellation", {**GIVEN, **changes}, who=who)
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert [one[1] for one in answer.errors] == [code]
    assert answer.errors[0][0].startswith(pointer)
    assert who.standing().status == "active"


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'{"plan_hash": NaN}', b'"' + b"\\ud800" + b'"', b"[" * 5000]
)
def test_what_is_no_json_of_ours_is_refused(http: Http, raw: bytes):
    answer = http("POST", "/v1/cancellation", raw=raw, who=make_account())
    assert (answer.status, answer.code) == (400, "request.invalid")


@pytest.mark.promise("J11.3")
def test_a_wrong_receipt_finds_nothing(http: Http):
    cancel(http, make_account(), receipt=RECEIPT)
    for receipt in ("A" * 43, RECEIPT[:-1] + "q", RECEIPT.swapcase(), secrets.token_urlsafe(32)):
        answer = certificate(http, receipt)
        assert (answer.status, answer.code) == (404, "request.not_found")
        assert receipt not in answer.text


@pytest.mark.promise("J11.3")
@pytest.mark.parametrize("receipt", NO_RECEIPTS, ids=[str(number) for number in range(len(NO_RECEIPTS))])
def test_what_is_no_receipt_is_refused_and_not_echoed(http: Http, receipt: object):
    answer = certificate(http, receipt)
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert not isinstance(receipt, str) or not receipt.strip("\0 ") or receipt not in answer.text


def test_certificates_are_guarded_against_guessing(http: Http, hands: Hands):
    hands.into_window(60)
    answers = [certificate(http, secrets.token_urlsafe(32)) for _ in range(31)]
    assert [answer.status for answer in answers] == [404] * 30 + [429]
    assert answers[-1].code == "rate.limited"


def test_previews_are_limited(http: Http, hands: Hands):
    hands.into_window(3600)
    who = make_person()
    assert http("GET", "/v1/cancellation", who=who).status == 200
    (limit,) = REGISTERED["GET", "/v1/cancellation"].limits
    for _ in range(limit.count - 1):
        limits.spend(limit, who.ref, clock.now())
    answer = http("GET", "/v1/cancellation", who=who)
    assert (answer.status, answer.code) == (429, "rate.limited")
    assert http("GET", "/v1/cancellation", who=make_person()).status == 200
