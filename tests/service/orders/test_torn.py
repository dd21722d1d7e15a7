"""Order, payment and refund come in one read, but not of one moment."""

import pytest

from tests.support.goods import stock
from tests.support.torn import torn
from tests.support.trading import settle, steps

PAYMENT_FIRST = frozenset({"PAYMENT", "REFUND"})


@pytest.mark.promise("D5.1")
def test_a_payment_that_begins_while_its_order_is_read_for_cancelling_is_closed_at_the_provider(
    shop, buyer, order_id, variant_id
):
    with torn(lambda: shop.begin(buyer, order_id), first=PAYMENT_FIRST):
        answer = shop.act(buyer, order_id, "cancel")
    assert (answer.status, answer.json["state"]) == (200, "closing")
    assert (stock(variant_id), shop.trade_state(order_id)) == ({"available": 0, "held": 2, "sold": 0}, "NOTPAY")


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("first", [PAYMENT_FIRST, frozenset({"ORDER"})], ids=["payment first", "order first"])
def test_an_order_that_is_settled_while_it_is_read_for_settling_is_settled_once(
    shop, buyer, order_id, variant_id, first
):
    shop.approved(buyer, order_id)
    one, other = shop.notices(order_id, times=2, repeat="event")
    with torn(lambda: settle(one), first=first):
        assert shop.notify(other).status == 204
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "paid"], {"available": 0, "held": 0, "sold": 2})
