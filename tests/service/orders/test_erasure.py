"""What an erasure leaves of orders, and what a person is shown of them."""

from datetime import timedelta

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.store import erase, planner
from chalicelib.foundation.vault import keyring
from chalicelib.orders import tables
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import deliver
from tests.support.goods import on_sale
from tests.support.trading import RECIPIENT, run_sweep, state, stored, system_call

LEAVING = {"recipient_name", "recipient_mobile", "recipient_address", "openid", "person_id", "epoch"}


def received(shop, buyer, **more) -> str:
    order_id = shop.approved(buyer, shop.placed(buyer, on_sale("不透明的手办"), **more))
    shop.notify(shop.notices(order_id)[0])
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)
    assert shop.act(buyer, order_id, "receive").json["state"] == "received"
    return order_id


def trade_rows() -> list[type]:
    return [row for row in planner.ranked() if row.table == "trade"]


def erase_trade(buyer) -> None:
    fates = planner.fates(buyer.person_id, clock.now(), trade_rows())
    list(erase.execute(fates, lambda _use, _key: None))


@pytest.mark.promise("J3.2", "K2.1", "K2.2")
def test_a_finished_order_stays_three_years_cut_loose_from_its_person(shop, cloud, buyer):
    order_id = received(shop, buyer)
    completed_at = stored(order_id).order.completed_at
    before = {item["sk"]["S"]: set(item) for item in cloud.items("trade") if item["pk"]["S"] == order_id}
    erase_trade(buyer)
    items = cloud.items("trade")
    assert {(item["pk"]["S"], item["sk"]["S"]) for item in items} == {(order_id, "ORDER"), (order_id, "PAYMENT")}
    for item in items:
        added = {"due_at", "due_shard"}
        assert set(item) - added == before[item["sk"]["S"]] - LEAVING - added
        until = item["due_at"]["S"][:10]
        assert until == (end_of("P3Y", completed_at) + timedelta(days=1)).date().isoformat()
    assert buyer.person_id not in repr(items)
    keyring.forget(buyer.keys.values())
    left = stored(order_id).order
    assert '"title":"不透明的手办"' in left.goods.reveal()
    assert (left.amount_fen.reveal(), left.method.reveal()) == ("23800", "wechatpay")
    assert left.tracking_number.reveal() == "SF1234567890"


@pytest.mark.promise("K2")
def test_what_was_never_completed_goes_with_its_person(shop, cloud, buyer, hands):
    cancelled, closing = shop.placed(buyer, on_sale()), shop.placed(buyer, on_sale())
    shop.act(buyer, cancelled, "cancel")
    shop.begin(buyer, closing)
    shop.act(buyer, closing, "cancel")
    shop.act(buyer, cancelled, "hide")
    hands.by(minutes=6)
    run_sweep()
    assert (state(cancelled), state(closing)) == ("cancelled", "cancelled")
    erase_trade(buyer)
    assert cloud.items("trade") == []


@pytest.mark.promise("J7.1")
@pytest.mark.parametrize(
    ("reach", "blocks"),
    [("unpaid", True), ("paid", True), ("refunding", True), ("received", False), ("cancelled", False)],
)
def test_an_order_stands_against_cancelling_the_account_while_it_is_open(shop, buyer, reach, blocks):
    order_id = received(shop, buyer) if reach == "received" else shop.placed(buyer, on_sale())
    if reach in {"paid", "refunding"}:
        shop.approved(buyer, order_id)
        shop.notify(shop.notices(order_id)[0])
    if reach in {"refunding", "cancelled"}:
        shop.act(buyer, order_id, "cancel")
    assert state(order_id) == reach
    _, found = planner.plan(buyer.person_id, clock.now())
    assert found == (["order_open"] if blocks else [])


@pytest.mark.promise("J7.2", "K2.1")
def test_the_plan_says_until_when_and_on_which_ground(shop, buyer):
    received(shop, buyer)
    lines, _ = planner.plan(buyer.person_id, clock.now())
    kept = {line.kind: line for line in lines if line.verb == "cut"}
    assert set(kept) == {"order", "payment"}
    assert {line.retention for line in kept.values()} == {"trade.legal"}
    assert "order.recipient" in kept["order"].items
    assert "order.recipient" not in kept["order"].kept_items
    assert "order.payment" not in kept["payment"].kept_items


@pytest.mark.promise("J1.1", "J2.1")
def test_a_person_is_shown_their_own_data_and_not_the_friend_they_sent_a_gift_to(shop, buyer):
    own, gift = received(shop, buyer), received(shop, buyer, for_other=True, affirmed=True)
    shown = erase.values_of(stored(own).order)
    assert {name: shown[f"recipient_{name}"] for name in RECIPIENT} == RECIPIENT
    assert "不透明的手办" in shown["goods"]
    hidden = erase.values_of(stored(gift).order)
    assert not [value for value in hidden.values() if value in RECIPIENT.values()]
    assert hidden["affirmation"]["notice"] == "order.gift"


def test_every_personal_value_of_an_order_is_found_by_its_person(shop, buyer):
    order_id = received(shop, buyer)
    found = {(one.row.row_kind, one.pk) for one in planner.traverse(buyer.person_id, trade_rows())}
    transaction = f"GWTX#wechat#{stored(order_id).payment.transaction_id}"
    assert found == {
        ("order", order_id),
        ("payment", order_id),
        ("order_pointer", buyer.person_id),
        ("transaction", transaction),
    }


def test_erasing_twice_changes_nothing_more(shop, cloud, buyer):
    received(shop, buyer)
    fates = list(planner.fates(buyer.person_id, clock.now(), trade_rows()))
    list(erase.execute(fates, lambda _use, _key: None))
    once = cloud.items("trade")
    list(erase.execute(fates, lambda _use, _key: None))
    assert sorted(map(repr, cloud.items("trade"))) == sorted(map(repr, once))


def test_a_notification_that_comes_after_the_erasure_brings_nobody_back(shop, cloud, buyer):
    order_id = received(shop, buyer)
    erase_trade(buyer)
    before = sorted(map(repr, cloud.items("trade")))
    assert shop.notify(shop.notices(order_id)[0]).status == 204
    assert sorted(map(repr, cloud.items("trade"))) == before
    assert tables.order(order_id).person_id is None
