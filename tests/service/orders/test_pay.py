"""Beginning to pay."""

from datetime import datetime, timedelta

import pytest

from chalicelib.foundation.gateways import disclosure
from tests.support.goods import on_sale
from tests.support.trading import key, renewed, settle, state, stored
from tests.support.wire import loses_answer


@pytest.fixture
def order_id(shop, buyer):
    return shop.placed(buyer, on_sale())


def disclosures(cloud, order_id):
    rows = [item for item in cloud.items("evidence") if item["kind"]["S"] == "disclosure"]
    return sorted((row["recipient"]["S"], row["items"]["S"]) for row in rows if row["subject_id"]["S"] == order_id)


@pytest.mark.promise("D7.1", "I2.3")
def test_wechat_gets_the_code_wechat_pay_gets_number_amount_and_payer_and_both_are_on_record(
    shop, cloud, buyer, order_id
):
    assert shop.begin(buyer, order_id).status == 201
    assert disclosures(cloud, order_id) == [
        ("wechat", "order.login_code"),
        ("wechatpay", "order.amount,order.number,order.payment"),
    ]
    trade = shop.providers.control("GET", "/state")["trades"][order_id]
    assert (trade["total"], trade["openid"]) == (23800, shop.providers.openid())
    assert stored(order_id).payment.openid.reveal() == shop.providers.openid()


def test_a_lost_answer_to_the_disclosure_record_is_not_taken_for_a_refusal(shop, cloud, buyer, order_id, wire):
    wire.plan("PutItem", loses_answer)
    assert shop.begin(buyer, order_id).status == 201
    assert [recipient for recipient, _ in disclosures(cloud, order_id)] == ["wechat", "wechatpay"]


@pytest.mark.promise("I2.2")
def test_nothing_leaves_where_the_register_does_not_allow_it(shop, buyer, order_id, monkeypatch):
    monkeypatch.setattr(disclosure, "AT_HOME", "XX")
    answer = shop.begin(buyer, order_id)
    assert (answer.status, answer.code) == (500, "disclosure.refused")
    assert shop.trade_state(order_id) is None


def test_the_same_key_again_offers_the_same_payment_without_spending_another_code(shop, buyer, order_id):
    given, body = key(), {"code": shop.providers.login_code()}
    path = f"/v1/orders/{order_id}/payments"
    first = shop.http("POST", path, body, who=buyer, headers=given)
    again = shop.http("POST", path, body, who=buyer, headers=given)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.json["package"] == first.json["package"]
    shop.providers.control("POST", "/wechatpay/open", again.json)
    reused = shop.http("POST", path, {"code": "another-code"}, who=buyer, headers=given)
    assert reused.code == "idempotency.key_reused"


def test_going_on_from_the_same_wechat_account_works_and_from_another_does_not(shop, buyer, order_id):
    first, second = shop.begin(buyer, order_id), shop.begin(buyer, order_id)
    assert second.json["package"] == first.json["package"]
    other = shop.begin(buyer, order_id, payer="somebody else")
    assert (other.status, other.code) == (409, "orders.payer_differs")
    assert state(order_id) == "unpaid"


@pytest.mark.parametrize("code", ["never-issued-code", "used"])
def test_a_code_that_wechat_does_not_know_or_has_seen_begins_nothing(shop, buyer, order_id, code):
    if code == "used":
        other = shop.placed(buyer, on_sale())
        body = {"code": shop.providers.login_code()}
        shop.http("POST", f"/v1/orders/{other}/payments", body, who=buyer, headers=key())
    else:
        body = {"code": code}
    answer = shop.http("POST", f"/v1/orders/{order_id}/payments", body, who=buyer, headers=key())
    assert (answer.status, answer.code) == (422, "wechat.code_invalid")
    assert stored(order_id).payment is None


def test_a_paid_order_is_not_paid_again(shop, buyer, order_id):
    shop.approved(buyer, order_id)
    settle(shop.notices(order_id)[0])
    answer = shop.begin(buyer, order_id)
    assert (answer.status, answer.code) == (409, "orders.not_payable")


def test_a_payment_can_begin_until_the_time_that_the_order_shows(shop, buyer, order_id, hands):
    until = datetime.fromisoformat(shop.http("GET", f"/v1/orders/{order_id}", who=buyer).json["pay_until"])
    hands.to(until - timedelta(seconds=5))
    assert shop.begin(renewed(buyer), order_id).status == 201
    hands.to(until)
    answer = shop.begin(renewed(buyer), order_id)
    assert (answer.status, answer.code) == (409, "orders.not_payable")


@pytest.mark.parametrize(
    ("operation", "mode"), [("wechat.*", "error"), ("wechat.*", "lost"), ("wechatpay.prepay", "error")]
)
def test_a_provider_that_does_not_answer_is_told_as_such_and_nothing_is_lost(shop, buyer, order_id, operation, mode):
    shop.providers.plan(operation, mode, times=4)
    failed = shop.begin(buyer, order_id)
    assert (failed.status, failed.code, failed.json["retryable"]) == (503, "provider.unavailable", True)
    shop.providers.control("DELETE", "/faults")
    assert shop.begin(buyer, order_id).status == 201


@pytest.mark.parametrize(
    "body",
    [{}, {"code": ""}, {"code": "a" * 129}, {"code": "../../x?y"}, {"code": "abcdefgh", "amount_fen": 1}],
    ids=repr,
)
def test_a_payment_takes_a_code_and_nothing_else(shop, buyer, order_id, body):
    """Pitfall 4: the amount in the request (mall#998)."""
    answer = shop.http("POST", f"/v1/orders/{order_id}/payments", body, who=buyer, headers=key())
    assert (answer.status, answer.code) == (400, "request.invalid")
