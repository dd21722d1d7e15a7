"""Giving money back: once, under a number fixed before the first try, and finished only when it is back."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.orders import errors
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import close, deliver
from tests.support.goods import stock
from tests.support.trading import (
    key,
    refund_to_the_end,
    run_sweep,
    state,
    steps,
    stored,
    system_call,
    wait_for_refund,
)

FREE = {"available": 2, "held": 0, "sold": 0}


def shipped(order_id: str) -> None:
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)


@pytest.fixture
def refunding(shop, buyer, variant_id):
    """Pay an order, cancel it, and have the refund asked for."""
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    run_sweep()
    return order_id


def about(order_id: str, event: str = "REFUND.SUCCESS") -> dict[str, str]:
    return {"out_refund_no": order_id.replace("ord_", "rfd_"), "event_type": event}


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
    for content in (
        {"refund": 1},
        {"amount": 1},
        {"currency": "USD"},
        {"mchid": "1900000001"},
        {"transaction_id": "4200000000000000000000000001"},
    ):
        told = shop.notify(shop.notices(order_id, tamper={"content": content}, **about(order_id))[0])
        assert (told.status, told.json["message"], state(order_id)) == (422, "orders.payment_mismatch", "refunding")
    for _ in range(2):
        assert shop.notify(shop.notices(order_id, **about(order_id))[0]).status == 204
        assert state(order_id) == "refunded"
    assert steps(order_id).count("refunded") == 1


def test_a_refund_that_is_stuck_is_left_to_a_human_and_told_in_the_log(shop, buyer, variant_id, capsys):
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    run_sweep()
    content = {"refund_status": "ABNORMAL"}
    stuck = about(order_id, "REFUND.ABNORMAL")
    assert shop.notify(shop.notices(order_id, tamper={"content": content}, **stuck)[0]).status == 204
    assert f'{{"event":"refund_stuck","order_id":"{order_id}","reason":"abnormal"}}' in capsys.readouterr().out
    assert (state(order_id), stored(order_id).refund.state) == ("refunding", "failed")


@pytest.mark.promise("D9")
def test_eight_cancels_of_a_paid_order_at_once_refund_once(shop, buyer, variant_id, hands):
    """Pitfall 6: concurrent refunds exceed the payment (hyperswitch#13182)."""
    order_id = shop.paid(buyer, variant_id, 2)

    def cancel(number: int) -> None:
        given = {"route": "POST /v1/orders/{order_id}/cancel", "purpose": "order.fulfil", "fingerprint": "same"}
        try:
            close.cancel_order(buyer.call(idempotency_key=f"cancel-number-{number}", **given), order_id)
        except Failure:  # it lost the race, or was told that it is cancelled already
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(cancel, range(8)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run_sweep(), range(4)))
    assert (state(order_id), stock(variant_id)) == ("refunding", FREE)
    refund_to_the_end(shop, order_id, hands)


def test_a_refund_that_the_provider_refuses_calls_a_human_and_is_asked_for_again(
    shop, buyer, variant_id, hands, capsys
):
    order_id = shop.paid(buyer, variant_id, 2)
    shop.act(buyer, order_id, "cancel")
    with shop.providers.world.ledger.writing() as books:
        books.trades[order_id].state = "NOTPAY"
    run_sweep()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"event": "refund_stuck", "order_id": order_id, "reason": "refused"} in lines
    assert not [line for line in lines if line["event"] == "job_fault"]
    assert (state(order_id), stored(order_id).refund.state) == ("refunding", "failed")
    assert stored(order_id).order.due_at > clock.now() + timedelta(minutes=59)
    with shop.providers.world.ledger.writing() as books:
        books.trades[order_id].state = "SUCCESS"
    hands.by(hours=1, seconds=1)
    refund_to_the_end(shop, order_id, hands)


@pytest.mark.promise("D8.1")
def test_a_nonce_serves_one_refund_notification(shop, buyer, variant_id, refunding, cloud):
    """Pitfall 5: a nonce that comes again with other content."""
    wait_for_refund(shop, refunding)
    nonce = "0123456789abcdef0123456789abcdef"
    other = shop.approved(buyer, shop.placed(buyer, variant_id))
    assert shop.notify(shop.notices(other, tamper={"nonce": nonce})[0]).status == 204
    before = sorted(map(repr, cloud.items("trade")))
    replayed = shop.notify(shop.notices(refunding, tamper={"nonce": nonce}, **about(refunding))[0])
    assert (replayed.status, replayed.json["message"]) == (401, "orders.notification_replayed")
    assert (sorted(map(repr, cloud.items("trade"))), state(refunding)) == (before, "refunding")
    notice = shop.notices(refunding, tamper={"nonce": "f" * 32}, **about(refunding))[0]
    assert (shop.notify(notice).status, state(refunding)) == (204, "refunded")
    assert any(item["pk"]["S"].endswith("f" * 32) for item in cloud.items("ephemeral"))
