"""Who buys what: a buyer, two pieces on sale, and an order of both; a file that needs another order makes its own."""

import pytest

from tests.support.goods import on_sale
from tests.support.people import Someone, make_person
from tests.support.trading import Shop


@pytest.fixture
def buyer(shop: Shop) -> Someone:
    return make_person()


@pytest.fixture
def variant_id(shop: Shop) -> str:
    return on_sale(stock=2)


@pytest.fixture
def order_id(shop: Shop, buyer: Someone, variant_id: str) -> str:
    return shop.placed(buyer, variant_id, 2)
