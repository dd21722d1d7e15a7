"""Step 4: an order of two products, one of them the last in stock, paid with WeChat Pay, shipped and received."""

import json
from typing import Any

from . import raw, scan
from .life import Life, wait_for_notice
from .world import check, fetch, key, until


def place_order(life: Life) -> None:
    """4a Two products, one of them the last in stock: placed once however often it is sent; the recipient is sealed.

    Proves: D1.1, K4.1
    """
    common, last = _in_stock(life), _last_in_stock(life)
    order = {"lines": [_line(common), _line(last)], "recipient": _recipient(life), "for_other": False}
    sent = key()
    placed = life.person.want(201, "POST /v1/orders", order, Idempotency_Key=sent)
    life.ids["order"] = placed["order_id"]
    life.saved["goods"] = (common, last, placed["amount"]["amount_fen"])
    check(placed["amount"]["amount_fen"] == common["price_fen"] + last["price_fen"], "the price is the catalogue's")
    again = life.person.call("POST", "/v1/orders", order, Idempotency_Key=sent)
    check(again.json["order_id"] == placed["order_id"], "the same request again gives the same order")
    check(again.headers.get("idempotency-replayed") == "true", "a replay says so")
    other_body = {**order, "lines": [_line(common)]}
    life.person.refused("idempotency.key_reused", "POST /v1/orders", other_body, Idempotency_Key=sent)
    late = {**order, "lines": [_line(last)], "recipient": _somebody_else(life)}
    life.other.refused("catalog.out_of_stock", "POST /v1/orders", late, Idempotency_Key=key())
    life.other.refused("request.not_found", f"GET /v1/orders/{placed['order_id']}")
    for variant in (common, last):
        _check_stock(life, variant, held=1)
    _check_sealed(life)


def pay_order(life: Life) -> None:
    """4b WeChat Pay: prepay, approval on the payer's page, then news in any number and order; settled exactly once.

    Proves: D3, D8.1
    """
    order, number = f"/v1/orders/{life.ids['order']}", life.ids["order"]
    payer = life.world.control("POST", "/wechat/codes", {"payer": life.mark})
    life.plant("openid", payer["openid"])
    asked, sent = {"code": payer["code"]}, key()
    params = life.person.want(201, f"POST {order}/payments", asked, Idempotency_Key=sent)
    life.person.want(201, f"POST {order}/payments", asked, Idempotency_Key=sent)
    trade = life.world.control("POST", "/wechatpay/open", params)
    check(trade["total"] == life.saved["goods"][2], "WeChat Pay asks for the order's amount")
    for spoilt in ({"forged": True}, {"content": {"amount": 1}}, {"offset_s": -3600}, {"foreign_key": True}):
        refused = life.world.control("POST", "/wechatpay/notify", {"number": number, "tamper": spoilt})["statuses"]
        check(all(400 <= status < 500 for status in refused), f"a notification that is not right was taken: {spoilt}")  # noqa: PLR2004 - refusals
    check(life.person.want(200, f"GET {order}")["state"] == "unpaid", "nothing but a payment pays")
    approved = fetch("POST", f"{life.world.counterparties}/pay/{trade['prepay_id']}/approve")
    check(approved.status == 303, f"the payer's page answered {approved.status}")  # noqa: PLR2004 - see other
    life.person.want(200, f"POST {order}/payments/sync")
    for repeat in ("bytes", "event", "other"):
        told = {"number": number, "repeat": repeat, "times": 3}
        statuses = life.world.control("POST", "/wechatpay/notify", told)["statuses"]
        check(set(statuses) == {204}, f"a notification that came again was answered {statuses}")
    life.person.want(200, f"POST {order}/payments/sync")
    _check_settled_once(life, life.person.want(200, f"GET {order}"))


def ship_and_receive(life: Life) -> None:
    """4c The warehouse reports the shipment, twice; the person confirms receipt.

    Proves: D5.1, G1.3
    """
    number = life.ids["order"]
    report = {"order_id": number, "carrier": "SF", "tracking_number": life.plant("tracking number", f"SF{life.mark}")}
    sqs = life.world.aws("sqs")
    queue = sqs.get_queue_url(QueueName=f"jule-{life.world.stage}-warehouse")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(report))

    def shipped() -> bool:
        return bool(life.person.want(200, f"GET /v1/orders/{number}")["state"] == "shipped")

    until("the order is shipped", shipped)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(report))
    received = life.person.want(200, f"POST /v1/orders/{number}/receive", Idempotency_Key=key())
    check(received["state"] == "received", "receipt is confirmed")
    check(received["shipment"]["tracking_number"] == report["tracking_number"], "the shipment is shown")
    listed = life.person.want(200, "GET /v1/orders")["data"]
    check([card["order_id"] for card in listed] == [number], "the order is on the person's list")
    for template in ("order_paid", "order_shipped", "order_received"):
        wait_for_notice(life.person, template)
    _check_sealed(life)


def leave_order_unpaid(life: Life) -> None:
    """6a A second order is placed and left unpaid.

    Proves: D1.1
    """
    order = {"lines": [_line(_in_stock(life))], "recipient": _recipient(life), "for_other": False}
    placed = life.person.want(201, "POST /v1/orders", order, Idempotency_Key=key())
    life.ids["open order"] = placed["order_id"]


def _line(variant: dict[str, Any]) -> dict[str, Any]:
    return {"variant_id": variant["variant_id"], "quantity": 1}


def _recipient(life: Life) -> dict[str, str]:
    return {
        "name": life.plant("recipient name", f"收件人{life.mark}"),
        "mobile": life.plant("recipient mobile", f"137{int(life.mark, 16) % 10**8:08d}"),
        "address": life.plant("recipient address", f"上海市徐汇区漕溪路{life.mark}号"),
    }


def _somebody_else(life: Life) -> dict[str, str]:
    return {"name": "路人", "mobile": life.other_mobile, "address": "北京市海淀区中关村大街一号"}


def _variants(life: Life) -> list[dict[str, Any]]:
    """List the variants that a client could order, with the stock that only the raw table tells."""
    found = []
    for item in raw.items(life.world, raw.table(life.world, "catalog")):
        if item["kind"]["S"] == "variant":
            numbers = {name: int(item[name]["N"]) for name in ("price_fen", "available", "held", "sold", "total")}
            found.append({"variant_id": item["pk"]["S"], "title": item["title"]["S"], **numbers})
    return found


def _last_in_stock(life: Life) -> dict[str, Any]:
    variant = next((v for v in _variants(life) if v["available"] == 1), None)
    if variant is None:
        life.world.restock()
        variant = next(v for v in _variants(life) if v["available"] == 1)
    return variant


def _in_stock(life: Life) -> dict[str, Any]:
    return max(_variants(life), key=lambda variant: variant["available"])


def _check_stock(life: Life, before: dict[str, Any], *, held: int = 0, sold: int = 0) -> None:
    """Insist that so many more are held and sold than before, and as many fewer on sale."""
    now = next(v for v in _variants(life) if v["variant_id"] == before["variant_id"])
    wanted = (before["available"] - held - sold, before["held"] + held, before["sold"] + sold)
    check((now["available"], now["held"], now["sold"]) == wanted, f"stock: {now}, was {before}")
    check(now["available"] + now["held"] + now["sold"] == now["total"], f"stock does not add up: {now}")


def _check_settled_once(life: Life, order: dict[str, Any]) -> None:
    common, last, amount = life.saved["goods"]
    check(order["state"] == "paid", f"the order is {order['state']}")
    check([step["state"] for step in order["history"]] == ["unpaid", "paid"], "it was settled once")
    check((order["method"], order["amount"]["amount_fen"]) == ("wechatpay", amount), "method and amount are shown")
    for variant in (common, last):
        _check_stock(life, variant, sold=1)


def _check_sealed(life: Life) -> None:
    """Search the raw cloud for what was given for delivery; everything is there only sealed."""
    wanted = {name: value for name, value in life.canaries.items() if name.startswith("recipient")}
    found = scan.hits(life.world, wanted)
    check(not found, f"stored in the clear: {found}")
