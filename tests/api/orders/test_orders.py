"""Orders over HTTP: each route for its owner, for a stranger and for nobody; and input from hell."""

import pytest

from chalicelib.catalog.service.load import load_products
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import deliver
from tests.support.goods import a_product, on_sale, stock
from tests.support.people import make_person
from tests.support.trading import RECIPIENT, key, settle, state, stored, system_call

MISSING = "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa"
ROUTES = [
    ("GET", "/v1/orders/{}", None),
    ("POST", "/v1/orders/{}/payments", {"code": "abcdefgh"}),
    ("POST", "/v1/orders/{}/payments/sync", None),
    ("POST", "/v1/orders/{}/cancel", None),
    ("POST", "/v1/orders/{}/receive", None),
    ("POST", "/v1/orders/{}/hide", None),
]


@pytest.mark.promise("D1.1", "D3")
def test_an_order_needs_a_recipient_and_shows_what_was_promised(shop):
    buyer, seed = make_person(), a_product("沙扎比", price_fen=25800, stock=3)
    load_products([seed])
    placed = shop.place(buyer, (seed.variants[0].variant_id, 2))
    assert placed.status == 201
    assert placed.headers["Location"] == f"/v1/orders/{placed.json['order_id']}"
    shown = shop.http("GET", placed.headers["Location"], who=buyer)
    assert shown.json == placed.json
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.json | {"placed_at": "", "pay_until": "", "history": [], "order_id": ""} == {
        "order_id": "",
        "state": "unpaid",
        "placed_at": "",
        "pay_until": "",
        "amount": {"amount_fen": 51600, "currency": "CNY"},
        "method": None,
        "lines": [
            {
                "variant_id": seed.variants[0].variant_id,
                "product_id": seed.product_id,
                "title": "沙扎比",
                "variant_title": "标准版",
                "quantity": 2,
                "price": {"amount_fen": 25800, "currency": "CNY"},
            }
        ],
        "recipient": RECIPIENT,
        "for_other": False,
        "shipment": None,
        "history": [],
    }
    assert stock(seed.variants[0].variant_id) == {"available": 1, "held": 2, "sold": 0}


@pytest.mark.promise("D3", "D5.1", "D8.1")
def test_an_order_from_cart_to_doorstep(shop):
    buyer, variant_id = make_person(), on_sale(stock=1)
    order_id = shop.placed(buyer, variant_id)
    begun = shop.begin(buyer, order_id)
    assert begun.status == 201
    assert set(begun.json) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    opened = shop.providers.control("POST", "/wechatpay/open", begun.json)
    assert (opened["out_trade_no"], opened["total"], opened["description"]) == (order_id, 23800, "聚乐部落订单")
    shop.approve(order_id)
    assert shop.notify(shop.notices(order_id)[0]).status == 204
    paid = shop.http("GET", f"/v1/orders/{order_id}", who=buyer).json
    assert (paid["state"], paid["method"], paid["pay_until"]) == ("paid", "wechatpay", None)
    deliver.record_shipment(
        system_call(), ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    )
    received = shop.act(buyer, order_id, "receive")
    assert (received.status, received.json["state"]) == (200, "received")
    assert received.json["shipment"] == {"carrier": "SF", "tracking_number": "SF1234567890"}
    assert [step["state"] for step in received.json["history"]] == ["unpaid", "paid", "shipped", "received"]
    assert stock(variant_id) == {"available": 0, "held": 0, "sold": 1}


@pytest.mark.promise("D5.1")
def test_a_list_is_newest_first_in_pages_of_ones_own_orders(shop):
    buyer, other, variant_id = make_person(), make_person(), on_sale(stock=50)
    mine = [shop.placed(buyer, variant_id) for _ in range(5)]
    shop.placed(other, variant_id)
    first = shop.http("GET", "/v1/orders?limit=3", who=buyer).json
    rest = shop.http("GET", f"/v1/orders?limit=3&cursor={first['next_cursor']}", who=buyer).json
    assert [card["order_id"] for card in first["data"] + rest["data"]] == mine[::-1]
    assert (first["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)
    assert "recipient" not in first["data"][0]
    stolen = shop.http("GET", f"/v1/orders?limit=3&cursor={first['next_cursor']}", who=other)
    assert (stolen.status, stolen.errors) == (400, [("/cursor", "cursor_invalid")])
    assert shop.http("GET", "/v1/orders", who=make_person()).json == {
        "data": [],
        "has_more": False,
        "next_cursor": None,
    }


@pytest.mark.promise("D5.1")
def test_an_order_that_is_over_can_be_hidden_and_is_still_there(shop):
    buyer, variant_id = make_person(), on_sale()
    order_id = shop.placed(buyer, variant_id)
    assert shop.act(buyer, order_id, "hide").code == "orders.not_finished"
    shop.act(buyer, order_id, "cancel")
    assert shop.act(buyer, order_id, "hide").status == 200
    again = shop.act(buyer, order_id, "hide")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert shop.http("GET", "/v1/orders", who=buyer).json["data"] == []
    assert shop.http("GET", f"/v1/orders/{order_id}", who=buyer).status == 200


@pytest.mark.promise("D4")
def test_an_order_for_somebody_else_puts_the_buyers_word_on_record(shop, cloud):
    buyer, variant_id = make_person(), on_sale()
    refused = shop.place(buyer, (variant_id, 1), for_other=True)
    assert (refused.status, refused.code) == (422, "orders.affirmation_required")
    assert cloud.items("trade") == []
    order_id = shop.placed(buyer, variant_id, for_other=True, affirmed=True)
    affirmation = stored(order_id).order.affirmation
    assert affirmation["notice"] == "order.gift"
    assert affirmation["version"] >= 1
    told = [item for item in cloud.items("evidence") if item.get("action", {}).get("S") == "person:recipient:affirmed"]
    assert [(item["pk"]["S"], item["subject_id"]["S"]) for item in told] == [(buyer.ref, order_id)]
    assert shop.http("GET", f"/v1/orders/{order_id}", who=buyer).json["for_other"] is True


@pytest.mark.parametrize(("method", "path", "body"), [("GET", "/v1/orders", None), *ROUTES])
def test_nobody_gets_in_without_a_session(shop, method, path, body):
    answer = shop.http(method, path.format(MISSING), body, headers=key())
    assert (answer.status, answer.code) == (401, "session.invalid")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_another_persons_order_answers_exactly_like_a_missing_one(shop, cloud, method, path, body):
    """Pitfall 11: orders of others by id (mall#599 detail, mall#925 and #931 cancel)."""
    owner, stranger, variant_id = make_person(), make_person(), on_sale()
    order_id = shop.placed(owner, variant_id)
    before = cloud.items("trade")
    answers = [shop.http(method, path.format(i), body, who=stranger, headers=key()) for i in (order_id, MISSING)]
    assert [(a.status, a.code) for a in answers] == [(404, "request.not_found")] * 2
    bodies = [{k: v for k, v in a.json.items() if k != "request_id"} for a in answers]
    assert bodies[0] == bodies[1]
    assert cloud.items("trade") == before


@pytest.mark.parametrize("order_id", ["prd_aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "%00", "..%2F..", "ord_A", "ORDER"])
def test_what_is_no_order_number_is_not_found(shop, order_id):
    assert shop.http("GET", f"/v1/orders/{order_id}", who=make_person()).code == "request.not_found"


def test_the_same_key_again_gives_the_same_order_even_when_it_took_the_last_piece(shop):
    """Pitfall 10: a retry that orders twice (aws-serverless-ecommerce#180)."""
    buyer, variant_id, given = make_person(), on_sale(stock=1), key()
    first = shop.place(buyer, (variant_id, 1), given=given)
    again = shop.place(buyer, (variant_id, 1), given=given)
    assert (again.status, again.json) == (201, first.json)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert stock(variant_id) == {"available": 0, "held": 1, "sold": 0}


def test_the_same_key_with_another_body_is_refused_and_with_another_person_is_another_order(shop):
    buyer, other, variant_id, given = make_person(), make_person(), on_sale(stock=5), key()
    first = shop.place(buyer, (variant_id, 1), given=given)
    reused = shop.place(buyer, (variant_id, 2), given=given)
    assert (reused.status, reused.code) == (422, "idempotency.key_reused")
    assert shop.place(other, (variant_id, 1), given=given).json["order_id"] != first.json["order_id"]
    assert stock(variant_id) == {"available": 3, "held": 2, "sold": 0}


def test_a_key_used_to_cancel_one_order_cancels_no_other(shop):
    buyer, variant_id, given = make_person(), on_sale(), key()
    one, two = shop.placed(buyer, variant_id), shop.placed(buyer, variant_id)
    assert shop.act(buyer, one, "cancel", given).status == 200
    assert shop.act(buyer, two, "cancel", given).code == "idempotency.key_reused"
    assert state(two) == "unpaid"


@pytest.mark.parametrize(
    ("lines", "code"), [([("few", 3)], "catalog.out_of_stock"), ([("few", 1), ("few", 1)], "orders.lines_repeated")]
)
def test_what_cannot_be_had_is_told_by_line(shop, cloud, lines, code):
    known = {"few": on_sale(stock=2)}
    answer = shop.place(make_person(), *((known[name], quantity) for name, quantity in lines))
    assert (answer.code, len(answer.errors)) == (code, 1)
    assert stock(known["few"])["held"] == 0
    assert cloud.items("trade") == []


@pytest.mark.promise("D1.2")
def test_goods_that_need_more_say_so_and_are_not_ordered_without(shop):
    seed = a_product("海外直邮", asks=("customs_identity",))
    load_products([seed])
    assert shop.http("GET", f"/v1/products/{seed.product_id}").json["asks"] == ["customs_identity"]
    answer = shop.place(make_person(), (seed.variants[0].variant_id, 1))
    assert (answer.status, answer.code) == (422, "catalog.needs_more")


@pytest.mark.parametrize("status", ["frozen", "closing"])
def test_who_may_not_act_orders_nothing(shop, cloud, status):
    answer = shop.place(make_person(status=status), (on_sale(), 1))
    assert (answer.status, answer.code) in {(403, "account.frozen"), (410, "account.closing")}
    assert cloud.items("trade") == []


@pytest.mark.parametrize("verb", ["receive", "cancel"])
def test_an_order_is_not_moved_where_it_cannot_go(shop, verb):
    buyer, variant_id = make_person(), on_sale()
    order_id = shop.paid(buyer, variant_id)
    if verb == "receive":
        assert shop.act(buyer, order_id, verb).code == "orders.not_receivable"
        assert state(order_id) == "paid"
        return
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)
    assert shop.act(buyer, order_id, verb).code == "orders.not_cancellable"
    assert shop.begin(buyer, order_id).code == "orders.not_payable"
    assert state(order_id) == "shipped"


def test_confirming_receipt_again_is_told_as_a_repeat(shop):
    buyer = make_person()
    order_id = shop.paid(buyer, on_sale())
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    deliver.record_shipment(system_call(), report)
    given = key()
    assert shop.act(buyer, order_id, "receive", given).status == 200
    for headers in (given, key()):
        again = shop.act(buyer, order_id, "receive", headers)
        assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert len(stored(order_id).order.history) == 4


def test_recipient_goods_and_amount_are_sealed(shop, cloud):
    buyer = make_person()
    order_id = shop.approved(buyer, shop.placed(buyer, on_sale("不透明的手办")))
    settle(shop.notices(order_id)[0])
    raw = repr([cloud.items(noun) for noun in ("trade", "ephemeral", "outbox", "evidence", "people")])
    openid = shop.providers.openid()
    for secret in (*RECIPIENT.values(), "不透明的手办", "23800", openid, "wechatpay:"):
        assert secret not in raw.replace("provider:wechatpay", "")


def test_the_floor_of_calls_is_kept(shop, aws_calls):
    buyer, variant_id = make_person(), on_sale(stock=50)
    order_id = shop.placed(buyer, variant_id)

    def calls(act):
        aws_calls.clear()
        assert act().status < 300
        return [call.operation for call in aws_calls]

    limit = ["UpdateItem"]
    read = ["BatchGetItem"]
    assert calls(lambda: shop.place(buyer, (variant_id, 1))) == [*read, *limit, *read, "TransactWriteItems"]
    assert calls(lambda: shop.http("GET", f"/v1/orders/{order_id}", who=buyer)) == [*read, "GetItem"]
    assert calls(lambda: shop.http("GET", "/v1/orders", who=buyer)) == [*read, "Query", *read]
