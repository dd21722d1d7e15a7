"""Ending orders: closed at the provider before stock goes back, late money, refunds."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.gateways import wechatpay
from chalicelib.orders import errors
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import deliver
from tests.support.counterparties import disclosed
from tests.support.goods import on_sale, stock
from tests.support.people import make_person
from tests.support.trading import key, renewed, run_sweep, settle, state, stored, system_call

FREE = {"available": 2, "held": 0, "sold": 0}
HELD = {"available": 0, "held": 2, "sold": 0}
SOLD = {"available": 0, "held": 0, "sold": 2}


@pytest.fixture
def buyer(shop):
    return make_person()


@pytest.fixture
def variant_id(shop):
    return on_sale(stock=2)


@pytest.fixture
def order_id(shop, buyer, variant_id):
    return shop.placed(buyer, variant_id, 2)


def shipped(order_id: str) -> None:
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)


def steps(order_id: str) -> list[str]:
    return [step[0] for step in stored(order_id).order.history]


@pytest.mark.promise("D5.1")
def test_an_order_whose_payment_never_began_is_cancelled_at_once(shop, buyer, order_id, variant_id):
    answer = shop.act(buyer, order_id, "cancel")
    assert (answer.status, answer.json["state"], answer.json["pay_until"]) == (200, "cancelled", None)
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "cancelled"], FREE)
    assert shop.begin(buyer, order_id).code == "orders.not_payable"


@pytest.mark.promise("D5.1")
def test_a_begun_payment_is_closed_at_the_provider_before_the_stock_goes_back(shop, buyer, order_id, variant_id):
    """Pitfall 3: stock released while the payment can still come in."""
    shop.begin(buyer, order_id)
    shop.providers.plan("wechatpay.close", "error", times=2)
    waiting = shop.act(buyer, order_id, "cancel")
    assert (waiting.status, waiting.json["state"]) == (200, "closing")
    assert (stock(variant_id), shop.trade_state(order_id)) == (HELD, "NOTPAY")
    run_sweep()
    assert (state(order_id), stock(variant_id), shop.trade_state(order_id)) == ("cancelled", FREE, "CLOSED")
    assert stored(order_id).payment.state == "closed"


def test_cancelling_again_while_it_is_closing_goes_on(shop, buyer, order_id, variant_id):
    shop.begin(buyer, order_id)
    shop.providers.plan("wechatpay.close", "error", times=2)
    shop.act(buyer, order_id, "cancel")
    assert shop.act(buyer, order_id, "cancel").json["state"] == "cancelled"
    again = shop.act(buyer, order_id, "cancel")
    assert (again.json["state"], again.headers["Idempotency-Replayed"]) == ("cancelled", "true")
    assert stock(variant_id) == FREE


def test_money_that_came_before_the_cancel_makes_the_order_paid(shop, buyer, order_id, variant_id):
    shop.approved(buyer, order_id)
    assert shop.act(buyer, order_id, "cancel").json["state"] == "paid"
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "closing", "paid"], SOLD)


@pytest.mark.parametrize("begun", [False, True])
def test_what_is_not_paid_in_half_an_hour_is_closed(shop, buyer, order_id, variant_id, begun, hands):
    if begun:
        shop.begin(buyer, order_id)
    hands.by(minutes=29, seconds=59)
    run_sweep()
    assert (state(order_id), stock(variant_id)) == ("unpaid", HELD)
    hands.by(seconds=2)
    run_sweep()
    run_sweep()
    assert (state(order_id), stock(variant_id)) == ("closed", FREE)
    assert shop.trade_state(order_id) == ("CLOSED" if begun else None)


def test_what_was_paid_unheard_is_settled_instead_of_closed(shop, buyer, order_id, variant_id, hands):
    shop.approved(buyer, order_id)
    hands.by(minutes=31)
    run_sweep()
    assert (state(order_id), stock(variant_id)) == ("paid", SOLD)


def test_a_provider_that_is_down_holds_up_no_other_order(shop, buyer, hands):
    variant_id = on_sale(stock=9)
    stuck, free = shop.placed(buyer, variant_id), shop.placed(buyer, variant_id)
    shop.begin(buyer, stuck)
    hands.by(minutes=31)
    shop.providers.plan("wechatpay.*", "error", times=20)
    run_sweep()
    assert (state(stuck), state(free)) == ("closing", "closed")
    run_sweep()
    assert state(stuck) == "closing"
    shop.providers.control("DELETE", "/faults")
    hands.by(minutes=3)
    run_sweep()
    assert (state(stuck), stock(variant_id)["held"]) == ("closed", 0)


def paid_after_the_end(shop, order_id: str, ending) -> None:
    """Let a prepay call arrive at the provider only after we closed, and be paid."""
    found = stored(order_id)
    with shop.providers.world.ledger.writing() as books:
        del books.trades[order_id]
    ending()
    assert state(order_id) in {"closed", "cancelled"}
    wechatpay.prepay(
        out_trade_no=order_id,
        amount_fen=47600,
        openid=found.payment.openid.reveal(),
        description="late",
        expires_at=datetime.now(UTC) + timedelta(minutes=30),
        now=datetime.now(UTC),
        under=disclosed("wechatpay", "order.number", "order.amount", "order.payment"),
    )
    shop.approve(order_id)
    settle(shop.notices(order_id, tamper={"offset_s": shop.late_s})[0])


@pytest.fixture
def expired(shop, hands):
    """Let the half hour pass and the sweep run."""
    shop.late_s = 31 * 60

    def act():
        hands.by(minutes=31)
        run_sweep()

    return act


def test_late_money_buys_the_goods_if_they_are_still_there(shop, buyer, order_id, variant_id, expired):
    """Pitfall 3: a closed order turned paid though its stock is gone (litemall)."""
    shop.begin(buyer, order_id)
    paid_after_the_end(shop, order_id, expired)
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "closing", "closed", "paid"], SOLD)


@pytest.mark.promise("D9.1")
def test_late_money_goes_back_if_the_goods_are_gone(shop, buyer, order_id, variant_id, expired, hands):
    """Pitfall 3 and 6: one refund, under a number fixed before the first try."""
    shop.begin(buyer, order_id)

    def gone():
        expired()
        shop.placed(renewed(make_person()), variant_id, 1)

    paid_after_the_end(shop, order_id, gone)
    assert (state(order_id), stock(variant_id)) == ("refunding", {"available": 1, "held": 1, "sold": 0})
    refund_to_the_end(shop, order_id, hands)
    assert stock(variant_id) == {"available": 1, "held": 1, "sold": 0}


def test_late_money_for_a_cancelled_order_goes_back(shop, buyer, order_id, variant_id, hands):
    shop.begin(buyer, order_id)
    shop.late_s = 0
    paid_after_the_end(shop, order_id, lambda: shop.act(buyer, order_id, "cancel"))
    assert (state(order_id), stock(variant_id)) == ("refunding", FREE)
    refund_to_the_end(shop, order_id, hands)


def refund_to_the_end(shop, order_id: str, hands) -> None:
    run_sweep()
    assert (state(order_id), len(shop.refunds(order_id))) == ("refunding", 1)
    hands.by(minutes=2)
    wait_for_refund(shop, order_id)
    run_sweep()
    assert state(order_id) == "refunded"
    (refund,) = shop.refunds(order_id)
    assert (refund["out_refund_no"], refund["refund"]) == (order_id.replace("ord_", "rfd_"), 47600)
    found = stored(order_id)
    assert found.order.completed_at == found.payment.completed_at == found.refund.completed_at is not None


def wait_for_refund(shop, order_id: str) -> None:
    import time

    until = time.monotonic() + 5
    while shop.refunds(order_id)[0]["status"] != "SUCCESS":
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.promise("D5.1", "D9.1")
def test_a_paid_order_that_was_not_sent_is_cancelled_with_the_money_back_once(shop, buyer, variant_id, hands):
    """Pitfall 6: "accepted" is not "refunded", and one click refunds once (woocommerce-gateway-stripe#838)."""
    order_id = shop.paid(buyer, variant_id, 2)
    given = key()
    cancelled = shop.act(buyer, order_id, "cancel", given)
    assert (cancelled.json["state"], stock(variant_id)) == ("refunding", FREE)
    assert shop.act(buyer, order_id, "cancel", given).headers["Idempotency-Replayed"] == "true"
    assert shop.act(buyer, order_id, "cancel").headers["Idempotency-Replayed"] == "true"
    with pytest.raises(errors.ShipmentConflict):
        shipped(order_id)
    refund_to_the_end(shop, order_id, hands)
    assert steps(order_id) == ["unpaid", "paid", "refunding", "refunded"]


def test_a_refund_whose_answer_is_lost_is_asked_for_again_under_its_number(shop, buyer, variant_id, hands):
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    shop.providers.plan("wechatpay.refund", "lost", times=2)
    run_sweep()
    hands.by(minutes=3)
    wait_for_refund(shop, order_id)
    run_sweep()
    assert (state(order_id), len(shop.refunds(order_id))) == ("refunded", 1)


def test_a_refund_notification_finishes_it_and_a_tampered_one_does_not(shop, buyer, variant_id):
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    run_sweep()
    wait_for_refund(shop, order_id)
    about = {"out_refund_no": order_id.replace("ord_", "rfd_"), "event_type": "REFUND.SUCCESS"}
    for content in ({"refund": 1}, {"mchid": "1900000001"}, {"transaction_id": "4200000000000000000000000001"}):
        told = shop.notify(shop.notices(order_id, tamper={"content": content}, **about)[0])
        assert (told.status, told.json["message"], state(order_id)) == (422, "orders.payment_mismatch", "refunding")
    for _ in range(2):
        assert shop.notify(shop.notices(order_id, **about)[0]).status == 204
        assert state(order_id) == "refunded"
    assert steps(order_id).count("refunded") == 1


def test_a_refund_that_is_stuck_is_left_to_a_human_and_told_in_the_log(shop, buyer, variant_id, capsys):
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    run_sweep()
    content = {"refund_status": "ABNORMAL"}
    about = {"out_refund_no": order_id.replace("ord_", "rfd_"), "event_type": "REFUND.ABNORMAL"}
    assert shop.notify(shop.notices(order_id, tamper={"content": content}, **about)[0]).status == 204
    assert '"reason":"refund_stuck"' in capsys.readouterr().out
    assert (state(order_id), stored(order_id).refund.state) == ("refunding", "failed")


@pytest.mark.promise("D5.1")
def test_goods_nobody_confirmed_are_received_after_ten_days(shop, buyer, variant_id, hands):
    order_id = shop.paid(buyer, variant_id)
    shipped(order_id)
    hands.by(days=9, hours=23)
    run_sweep()
    assert state(order_id) == "shipped"
    hands.by(hours=2)
    run_sweep()
    assert (state(order_id), stored(order_id).order.history[-1][2]) == ("received", "clock")
    assert stored(order_id).payment.completed_at is not None


@pytest.mark.promise("K1.2")
def test_after_three_years_a_record_leaves_a_living_account(shop, cloud, buyer, variant_id, hands):
    order_id = shop.paid(buyer, variant_id)
    shipped(order_id)
    shop.act(buyer, order_id, "receive")
    hands.by(days=3 * 365)
    run_sweep()
    assert state(order_id) == "received"
    hands.by(days=2)
    run_sweep()
    assert cloud.items("trade") == []
