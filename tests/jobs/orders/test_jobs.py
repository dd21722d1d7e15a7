"""The jobs of orders as their queues and schedules run them: duplicates, poison, kills."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import commit, update
from chalicelib.notifications.jobs import deliver_notice
from chalicelib.orders import tables
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.jobs import close_unpaid, record_shipment
from tests.support.edges import deliver
from tests.support.goods import on_sale, stock
from tests.support.killing import MOMENTS, Killed, killed_at
from tests.support.people import make_person
from tests.support.trading import renewed, state, stored

TICK = {
    "version": "0",
    "account": "123456789012",
    "region": "ap-southeast-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-11-22T00:00:00Z",
    "id": "tick",
    "resources": [],
}


def report(order_id: str, number: str = "SF1234567890", **more: Any) -> str:
    return json.dumps({"order_id": order_id, "carrier": "SF", "tracking_number": number, **more})


@pytest.fixture
def paid(shop):
    return shop.paid(make_person(), on_sale())


def test_a_report_ships_once_however_often_it_comes(shop, paid):
    assert deliver(record_shipment, report(paid), report(paid)) == []
    assert deliver(record_shipment, report(paid)) == []
    found = stored(paid).order
    assert [step[0] for step in found.history] == ["unpaid", "paid", "shipped"]
    assert (found.carrier.reveal(), found.tracking_number.reveal()) == ("SF", "SF1234567890")


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "null",
        "not json",
        report(new_id("ord")),
        report("ord_x"),
        report("ord_" + "a" * 26, number="漢字"),
        report("ord_" + "a" * 26, buyer="林小满"),
    ],
    ids=["empty", "null", "text", "unknown", "no id", "no number", "too much"],
)
def test_poison_comes_back_alone_and_the_rest_of_its_batch_is_done(shop, paid, body, capsys):
    assert deliver(record_shipment, body, report(paid)) == [0]
    assert state(paid) == "shipped"
    assert "林小满" not in capsys.readouterr().out


def test_a_report_that_contradicts_the_order_is_left_for_a_human(shop, paid):
    unpaid = shop.placed(make_person(), on_sale())
    assert deliver(record_shipment, report(unpaid)) == [0]
    assert deliver(record_shipment, report(paid), report(paid, "YT9876543210")) == [1]
    assert (state(unpaid), stored(paid).order.tracking_number.reveal()) == ("unpaid", "SF1234567890")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_call_is_made_good_by_the_next_delivery(shop, moment):
    buyer = make_person()
    for number in range(1, 20):
        order_id = shop.paid(buyer, on_sale())
        with killed_at(number, moment) as reached:
            try:
                deliver(record_shipment, report(order_id))
            except Killed:
                died = True
            else:
                died = False
        assert deliver(record_shipment, report(order_id)) == []
        assert [step[0] for step in stored(order_id).order.history] == ["unpaid", "paid", "shipped"]
        if not died:
            assert not reached()
            assert number > 3
            return
    pytest.fail("it makes ever more calls")


def test_the_buyer_hears_of_payment_and_shipment_once(shop, cloud):
    """Pitfall 20: event noise and notifications twice (saleor#13542)."""
    buyer = make_person()
    order_id = shop.paid(buyer, on_sale())
    deliver(record_shipment, report(order_id))
    bodies = [message["Body"] for message in cloud.messages("notices")]
    assert deliver(deliver_notice, *bodies, *bodies) == []
    listed = shop.http("GET", "/v1/inbox", who=buyer).json["data"]
    assert sorted(entry["template"] for entry in listed) == ["order_paid", "order_shipped"]
    assert {entry["subject_id"] for entry in listed} == {order_id}


def test_messages_carry_ids_and_nothing_else(shop, cloud):
    shop.paid(make_person(), on_sale("不透明的手办"))
    (message,) = cloud.messages("notices")
    assert set(json.loads(message["Body"])["body"]) == {"template", "subject_id"}
    assert "不透明的手办" not in message["Body"]


def test_the_schedule_closes_what_nobody_paid(shop, hands):
    buyer, variant_id = make_person(), on_sale(stock=1)
    order_id = shop.placed(buyer, variant_id)
    close_unpaid(TICK, None)
    assert state(order_id) == "unpaid"
    hands.by(minutes=31)
    close_unpaid(TICK, None)
    close_unpaid(TICK, None)
    assert (state(order_id), stock(variant_id)["available"]) == ("closed", 1)
    assert shop.http("GET", f"/v1/orders/{order_id}", who=renewed(buyer)).json["state"] == "closed"


def test_an_order_that_cannot_be_read_holds_up_no_other(shop, hands, capsys):
    buyer, variant_id = make_person(), on_sale(stock=9)
    broken, fine = shop.placed(buyer, variant_id), shop.placed(buyer, variant_id)
    spoilt = tables.OrderRow.goods.seal(buyer.keys, "not a list of lines")
    commit([update(stored(broken).order, [tables.OrderRow.goods.set(spoilt)])])
    hands.by(minutes=31)
    close_unpaid(TICK, None)
    assert (state(broken), state(fine)) == ("unpaid", "closed")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (fault,) = [line for line in lines if line["event"] == "job_fault"]
    assert (fault["message_id"], fault["kind"]) == (broken, "DecodeError")


def test_a_report_takes_exactly_its_three_fields():
    assert msgspec.structs.fields(ShipmentReported)[0].name == "order_id"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"order_id": "ord_" + "a" * 26, "carrier": "SF"}, type=ShipmentReported)
