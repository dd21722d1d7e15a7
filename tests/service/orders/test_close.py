"""Ending orders: closed at the provider before stock goes back."""

import json
from datetime import timedelta

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import deliver
from tests.support.goods import on_sale, stock
from tests.support.trading import refund_to_the_end, renewed, run_sweep, settle, state, steps, stored, system_call

FREE = {"available": 2, "held": 0, "sold": 0}
HELD = {"available": 0, "held": 2, "sold": 0}
SOLD = {"available": 0, "held": 0, "sold": 2}


def shipped(order_id: str) -> None:
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)


@pytest.mark.promise("D5.1")
def test_an_order_whose_payment_never_began_is_cancelled_at_once(shop, buyer, order_id, variant_id):
    answer = shop.act(buyer, order_id, "cancel")
    assert (answer.status, answer.json["state"], answer.json["pay_until"]) == (200, "cancelled", None)
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "cancelled"], FREE)
    assert shop.begin(buyer, order_id).code == "orders.not_payable"


@pytest.mark.promise("D5.1")
def test_a_begun_payment_is_closed_at_the_provider_before_the_stock_goes_back(shop, buyer, order_id, variant_id, hands):
    """Pitfall 3: stock released while the payment can still come in."""
    shop.begin(buyer, order_id)
    waiting = shop.act(buyer, order_id, "cancel")
    assert (waiting.status, waiting.json["state"]) == (200, "closing")
    hands.by(minutes=5, seconds=1)
    shop.providers.plan("wechatpay.close", "error", times=2)
    run_sweep()
    assert (state(order_id), stock(variant_id), shop.trade_state(order_id)) == ("closing", HELD, "NOTPAY")
    hands.by(minutes=2, seconds=1)
    run_sweep()
    assert (state(order_id), stock(variant_id), shop.trade_state(order_id)) == ("cancelled", FREE, "CLOSED")
    assert stored(order_id).payment.state == "closed"


def test_nothing_is_closed_within_five_minutes_of_its_beginning(shop, buyer, order_id, variant_id, hands):
    """Pitfall 3: closed no sooner than the provider asks for; what never began needs no closing there."""
    shop.begin(buyer, order_id)
    hands.by(minutes=3)
    shop.act(buyer, order_id, "cancel")
    assert shop.act(buyer, order_id, "cancel").json["state"] == "closing"
    hands.by(minutes=1, seconds=50)
    run_sweep()
    assert (state(order_id), stock(variant_id), shop.trade_state(order_id)) == ("closing", HELD, "NOTPAY")
    hands.by(seconds=20)
    run_sweep()
    assert (state(order_id), stock(variant_id), shop.trade_state(order_id)) == ("cancelled", FREE, "CLOSED")


def test_cancelling_again_while_it_is_closing_goes_on(shop, buyer, order_id, variant_id, hands):
    shop.begin(buyer, order_id)
    shop.act(buyer, order_id, "cancel")
    hands.by(minutes=6)
    assert shop.act(buyer, order_id, "cancel").json["state"] == "cancelled"
    again = shop.act(buyer, order_id, "cancel")
    assert (again.json["state"], again.headers["Idempotency-Replayed"]) == ("cancelled", "true")
    assert stock(variant_id) == FREE


@pytest.mark.promise("D9")
@pytest.mark.parametrize("news", ["notification", "sweep"])
def test_money_for_an_order_that_its_person_is_cancelling_goes_back(shop, buyer, order_id, variant_id, hands, news):
    shop.approved(buyer, order_id)
    assert shop.act(buyer, order_id, "cancel").json["state"] == "closing"
    if news == "notification":
        settle(shop.notices(order_id)[0])
    else:
        hands.by(minutes=6)
        run_sweep()
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "closing", "refunding"], FREE)
    refund_to_the_end(shop, order_id, hands)


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


def test_cancelling_what_the_clock_is_closing_gives_late_money_back(shop, buyer, order_id, variant_id, hands):
    hands.by(minutes=28)
    shop.approved(renewed(buyer), order_id)
    hands.by(minutes=3)
    run_sweep()
    assert shop.act(renewed(buyer), order_id, "cancel").json["state"] == "closing"
    hands.by(minutes=3)
    run_sweep()
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "closing", "closing", "refunding"], FREE)
    refund_to_the_end(shop, order_id, hands)


def test_what_was_given_back_on_the_providers_own_pages_calls_a_human_and_waits(
    shop, buyer, order_id, variant_id, hands, capsys
):
    shop.approved(buyer, order_id)
    with shop.providers.world.ledger.writing() as books:
        books.trades[order_id].state = "REFUND"
    shop.act(buyer, order_id, "cancel")
    hands.by(minutes=6)
    run_sweep()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"event": "payment_mismatch", "order_id": order_id, "reason": "not_closable"} in lines
    assert (state(order_id), stock(variant_id)) == ("closing", HELD)
    assert stored(order_id).order.due_at > clock.now() + timedelta(minutes=59)


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
