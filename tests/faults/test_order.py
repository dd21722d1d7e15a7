"""Placing and paying an order with any one call to AWS failing: one order, one charge, stock conserved."""

import json
from collections import Counter

import pytest

from tests.support.cloud import TestCloud
from tests.support.faults import Fault, Turn, each_call, patient
from tests.support.goods import on_sale, stock
from tests.support.people import make_person
from tests.support.trading import Shop, key, order_body, stored

pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.parametrize("fault", list(Fault))]


def rows_of(cloud: TestCloud) -> Counter[str]:
    """Count the rows by the order that each leads to; one that leads to none counts for nobody."""
    trade = (
        row["pk"]["S"] if row["pk"]["S"].startswith("ord_") else row["order_id"]["S"] for row in cloud.items("trade")
    )
    bodies = (json.loads(row["body"]["S"])["body"] for row in cloud.items("outbox"))
    return Counter([*trade, *(body["subject_id"] for body in bodies)])


@pytest.mark.promise("D1.1")
def test_an_order_is_placed_once(shop: Shop, cloud: TestCloud, fault: Fault):
    buyer, orders = make_person(), set()

    def flow(turn: Turn) -> None:
        last, common, sent = on_sale(stock=1), on_sale(stock=9), key()
        body = order_body((last, 1), (common, 2))
        with turn.begun():
            answer = patient(lambda: shop.http("POST", "/v1/orders", body, who=buyer, headers=sent))
        assert answer.status == 201, answer.text
        again = shop.http("POST", "/v1/orders", body, who=buyer, headers=sent)
        assert (again.json["order_id"], again.headers["Idempotency-Replayed"]) == (answer.json["order_id"], "true")
        assert stock(last) == {"available": 0, "held": 1, "sold": 0}
        assert stock(common) == {"available": 7, "held": 2, "sold": 0}
        listed = shop.http("GET", "/v1/orders?limit=100", who=buyer).json["data"]
        assert [card["order_id"] for card in listed].count(answer.json["order_id"]) == 1
        orders.add(answer.json["order_id"])
        assert rows_of(cloud) == dict.fromkeys(orders, len(("order", "pointer")))

    each_call(flow, fault, least=6)


@pytest.mark.promise("D8")
def test_a_payment_begins_once(shop: Shop, fault: Fault):
    buyer = make_person()

    def flow(turn: Turn) -> None:
        order_id = shop.placed(buyer, on_sale())
        answer = None
        with turn.begun():
            for _ in range(3):  # a code of WeChat's is good once, so a client comes with a new one and a new key
                body, sent = {"code": shop.providers.login_code("payer")}, key()
                url = f"/v1/orders/{order_id}/payments"
                answer = patient(lambda: shop.http("POST", url, body, who=buyer, headers=sent))  # noqa: B023
                if answer.status == 201:
                    break
        assert answer is not None
        assert answer.status == 201, answer.text
        assert shop.providers.control("POST", "/wechatpay/open", answer.json)["out_trade_no"] == order_id
        assert stored(order_id).payment.openid.reveal() == shop.providers.openid("payer")

    each_call(flow, fault, least=6)


@pytest.mark.promise("D8.1")
def test_a_payment_settles_once(shop: Shop, cloud: TestCloud, fault: Fault):
    buyer, orders = make_person(), set()

    def flow(turn: Turn) -> None:
        variant = on_sale(stock=3)
        order_id = shop.approved(buyer, shop.placed(buyer, variant))
        (notice,) = shop.notices(order_id)
        with turn.begun():
            assert patient(lambda: shop.notify(notice)).status == 204
        synced = shop.http("POST", f"/v1/orders/{order_id}/payments/sync", who=buyer)
        assert (synced.status, synced.json["state"]) == (200, "paid")
        assert [step[0] for step in stored(order_id).order.history] == ["unpaid", "paid"]
        assert stock(variant) == {"available": 2, "held": 0, "sold": 1}
        guards = [row for row in cloud.items("trade") if row["kind"]["S"] == "transaction"]
        assert [row["order_id"]["S"] for row in guards].count(order_id) == 1
        told = [row["body"]["S"] for row in cloud.items("outbox") if order_id in row["body"]["S"]]
        assert len([body for body in told if "order_paid" in body]) == 1
        orders.add(order_id)
        charged = shop.providers.control("GET", "/state")["trades"]
        assert {number: (one["state"], one["refunds"]) for number, one in charged.items()} == dict.fromkeys(
            orders, ("SUCCESS", [])
        )
        assert rows_of(cloud) == dict.fromkeys(orders, len(("order", "pointer", "payment", "transaction", "message")))

    each_call(flow, fault, least=6)
