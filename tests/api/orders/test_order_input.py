"""What is no order, or not quite one: refused at its place, nothing written, nothing echoed, nothing logged."""

import pytest

from tests.support.goods import on_sale
from tests.support.people import make_person
from tests.support.trading import RECIPIENT, key, order_body

VARIANT = "var_" + "a" * 26
KEYED = ["payments", "cancel", "receive", "hide"]


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        ("lines", [], "/lines"),
        ("lines", [{"variant_id": VARIANT, "quantity": 1}] * 41, "/lines"),
        ("price_fen", 1, ""),
        ("for_other", "yes", "/for_other"),
        ("lines.0.quantity", 0, "/lines/0/quantity"),
        ("lines.0.quantity", -1, "/lines/0/quantity"),
        ("lines.0.quantity", 100, "/lines/0/quantity"),
        ("lines.0.quantity", 1.5, "/lines/0/quantity"),
        ("lines.0.quantity", True, "/lines/0/quantity"),
        ("lines.0.price_fen", 1, "/lines/0"),
        ("lines.0.variant_id", "var_x", "/lines/0/variant_id"),
        ("lines.0.variant_id", VARIANT, "/lines/0/variant_id"),
        ("recipient.name", "", "/recipient/name"),
        ("recipient.name", "   ", "/recipient/name"),
        ("recipient.name", "x" * 51, "/recipient/name"),
        ("recipient.name", "\u0000", "/recipient/name"),
        ("recipient.name", None, "/recipient/name"),
        ("recipient.mobile", "13800138000\n", "/recipient/mobile"),
        ("recipient.mobile", "110", "/recipient/mobile"),
        ("recipient.address", "上海", "/recipient/address"),
        ("recipient.id_number", "310104199001011234", "/recipient"),
        ("recipient", None, "/recipient"),
    ],
)
def test_a_bad_order_is_refused_at_its_place_and_writes_nothing(shop, cloud, place, value, pointer, capsys):
    buyer, variant_id = make_person(), on_sale()
    before, body = cloud.items("catalog"), order_body((variant_id, 1))
    *path, last = (int(part) if part.isdigit() else part for part in place.split("."))
    inner = body = {**body, "recipient": dict(RECIPIENT)}
    for part in path:
        inner = inner[part]
    inner[last] = value
    answer = shop.http("POST", "/v1/orders", body, who=buyer, headers=key())
    assert answer.status == (422 if value == VARIANT else 400)
    assert answer.errors[0][0] == pointer
    assert answer.code
    assert (cloud.items("trade"), cloud.items("catalog"), cloud.items("evidence")) == ([], before, [])
    for personal in (RECIPIENT["name"], RECIPIENT["address"], "310104199001011234"):
        assert personal not in answer.text + capsys.readouterr().out


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"[]", b'"\\ud800"', b"NaN", b"[" * 5000, b"\xff", b'{"lines": NaN}']
)
def test_what_is_no_order_at_all_is_refused(shop, raw):
    answer = shop.http("POST", "/v1/orders", raw=raw, who=make_person(), headers=key())
    assert (answer.status, answer.code) == (400, "request.invalid")


@pytest.mark.parametrize(
    "given", [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "x" * 256}], ids=["none", "short", "long"]
)
@pytest.mark.parametrize("verb", ["", *KEYED])
def test_whatever_moves_money_or_stock_needs_a_key(shop, given, verb):
    bodies = {"": order_body((VARIANT, 1)), "payments": {"code": "abcdefgh"}}
    path = f"/v1/orders/ord_{'a' * 26}/{verb}" if verb else "/v1/orders"
    answer = shop.http("POST", path, bodies.get(verb), who=make_person(), headers=given)
    assert (answer.status, answer.code) == (400, "idempotency.key_missing")
