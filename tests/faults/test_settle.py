"""Settling without a notification, with any one call to AWS failing: by the buyer's asking, and by the sweep."""

import json
from collections.abc import Callable

import pytest

from chalicelib.orders.jobs import close_unpaid
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.faults import Fault, Turn, each_call, forget_process, in_turn, patient
from tests.support.goods import on_sale, stock
from tests.support.killing import Killed
from tests.support.people import make_person
from tests.support.schedules import tick
from tests.support.trading import Shop, state, stored

pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.parametrize("fault", list(Fault))]
OVER = ("paid", "closed")


def sweep_until_over(cloud: TestCloud, hands: Hands, order_id: str) -> None:
    """Let the schedule fire, as often as it takes; a run that died or failed is followed by another process's."""
    hands.by(minutes=31)
    for _ in range(6):
        try:
            tick(close_unpaid)
        except (Killed, Exception):  # noqa: BLE001 - as the schedule does
            forget_process()
        (row,) = [one for one in cloud.items("trade") if (one["pk"]["S"], one["kind"]["S"]) == (order_id, "order")]
        if row["state"]["S"] in OVER:
            return
        hands.by(minutes=3)


def assert_settled_once(shop: Shop, cloud: TestCloud, order_id: str, variant_id: str) -> None:
    """Hold everything that a payment touches: the order, the stock, the guard, the books, the news, the record."""
    found = stored(order_id)
    assert [step[0] for step in found.order.history] in (["unpaid", "paid"], ["unpaid", "closing", "paid"])
    assert (found.payment.state, found.payment.transaction_id is not None) == ("success", True)
    assert stock(variant_id) == {"available": 2, "held": 0, "sold": 1}
    assert (shop.trade_state(order_id), shop.refunds(order_id)) == ("SUCCESS", [])
    guards = [row for row in cloud.items("trade") if row["kind"]["S"] == "transaction"]
    assert [row["order_id"]["S"] for row in guards].count(order_id) == 1
    assert told(cloud, order_id) == ["order_paid"]
    entries = [row for row in cloud.items("evidence") if row.get("subject_id") == {"S": order_id} and "action" in row]
    assert [row["action"]["S"] for row in entries].count("provider:order:paid") == 1


def told(cloud: TestCloud, order_id: str) -> list[str]:
    """Name the messages to the buyer about an order."""
    bodies = [json.loads(row["body"]["S"]) for row in cloud.items("outbox")]
    return [one["body"]["template"] for one in bodies if one["body"].get("subject_id") == order_id]


@pytest.mark.promise("D8.1")
def test_asking_settles_once(shop: Shop, cloud: TestCloud, fault: Fault):
    def flow(turn: Turn) -> None:
        buyer, variant_id = make_person(), on_sale(stock=3)
        order_id = shop.approved(buyer, shop.placed(buyer, variant_id))
        with turn.begun():
            answer = patient(lambda: shop.act(buyer, order_id, "payments/sync"))
        assert (answer.status, answer.json["state"]) == (200, "paid")
        (notice,) = shop.notices(order_id)
        assert shop.notify(notice).status == 204
        assert_settled_once(shop, cloud, order_id, variant_id)

    each_call(flow, fault, least=6)


def swept(hands: Hands, then: Callable[[Turn], None]) -> Callable[[Turn], None]:
    """Put the clock back after each run."""

    def flow(turn: Turn) -> None:
        began = hands.moved
        then(turn)
        hands.moved = began

    return flow


@pytest.mark.promise("D8.1")
def test_the_sweep_settles_once_what_nobody_told(shop: Shop, cloud: TestCloud, hands: Hands, fault: Fault):
    def flow(turn: Turn) -> None:
        buyer, variant_id = make_person(), on_sale(stock=3)
        order_id = shop.approved(buyer, shop.placed(buyer, variant_id))
        with turn.begun():
            sweep_until_over(cloud, hands, order_id)
        assert state(order_id) == "paid"
        assert_settled_once(shop, cloud, order_id, variant_id)

    each_call(swept(hands, flow), fault, least=6)


@pytest.mark.promise("D5.1")
def test_the_sweep_closes_once_what_nobody_paid(shop: Shop, cloud: TestCloud, hands: Hands, fault: Fault):
    def flow(turn: Turn) -> None:
        buyer, variant_id = make_person(), on_sale(stock=3)
        order_id = shop.placed(buyer, variant_id)
        assert shop.begin(buyer, order_id).status == 201
        with turn.begun():
            sweep_until_over(cloud, hands, order_id)
        assert state(order_id) == "closed"
        assert stock(variant_id) == {"available": 3, "held": 0, "sold": 0}
        assert shop.trade_state(order_id) == "CLOSED"
        assert told(cloud, order_id) == ["order_closed"]

    each_call(swept(hands, flow), fault, least=6, pick=in_turn(fault))
