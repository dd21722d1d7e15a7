"""One key, one order: also when the record of the key is long gone."""

import pytest

from chalicelib.foundation.store.write import commit, delete
from chalicelib.foundation.web.idempotency import IdempotencyRow
from tests.support.goods import on_sale, stock
from tests.support.people import make_person
from tests.support.trading import RECIPIENT, key, order_body

OTHER = {"name": "周子轩", "mobile": "13900139000", "address": "北京市海淀区中关村大街 27 号"}


@pytest.fixture
def placed(shop, cloud):
    """Place an order and let the record of its key end."""
    buyer, variant_id, given = make_person(), on_sale(stock=9), key()
    answer = shop.place(buyer, (variant_id, 2), given=given)
    for item in cloud.items("ephemeral"):
        if item["kind"]["S"] == "idempotency":
            commit([delete((IdempotencyRow, item["pk"]["S"], item["sk"]["S"]))])
    return buyer, variant_id, given, answer.json


@pytest.mark.promise("D1")
def test_the_same_order_again_gives_the_one_that_was_placed(shop, placed):
    buyer, variant_id, given, order = placed
    again = shop.place(buyer, (variant_id, 2), given=given)
    assert (again.status, again.headers["Idempotency-Replayed"], again.json) == (201, "true", order)
    assert stock(variant_id) == {"available": 7, "held": 2, "sold": 0}


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["lines"][0].update(quantity=3),
        lambda body: body.update(recipient=OTHER),
        lambda body: body.update(recipient={**RECIPIENT, "name": "周子轩"}),
        lambda body: body.update(for_other=True, affirmed=True),
    ],
    ids=["quantity", "recipient", "name", "for another"],
)
def test_another_order_under_the_same_key_is_refused(shop, placed, change):
    buyer, variant_id, given, _ = placed
    body = order_body((variant_id, 2))
    change(body)
    answer = shop.http("POST", "/v1/orders", body, who=buyer, headers=given)
    assert (answer.status, answer.code) == (422, "idempotency.key_reused")
    assert stock(variant_id) == {"available": 7, "held": 2, "sold": 0}
