"""Moves of stock, alone and against each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.catalog import errors
from chalicelib.catalog.contracts import Quoted, Wanted
from chalicelib.catalog.service import stock as moves
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import ConditionFailed, commit
from tests.support.goods import a_product, load_products, on_sale, stock


def test_a_quote_is_todays_price_and_name_of_each_line():
    seed = a_product("沙扎比", price_fen=25800)
    load_products([seed])
    variant_id = seed.variants[0].variant_id
    assert moves.quote([Wanted(variant_id, 2)]) == [
        Quoted(variant_id, seed.product_id, "沙扎比", "标准版", 2, 25800),
    ]


@pytest.mark.parametrize(
    ("wanted", "refusal", "pointer"),
    [
        ([Wanted(new_id("var"), 1)], errors.VariantUnknown, "/lines/0/variant_id"),
        ([Wanted("few", 1), Wanted("few", 3)], errors.OutOfStock, "/lines/1/quantity"),
        ([Wanted("import", 1)], errors.NeedsMore, "/lines/0/variant_id"),
    ],
)
def test_a_quote_says_which_line_cannot_be_had(wanted, refusal, pointer):
    known = {"few": on_sale(stock=2), "import": on_sale(stock=2, asks=("customs_identity",))}
    with pytest.raises(refusal) as refused:
        moves.quote([Wanted(known.get(line.variant_id, line.variant_id), line.quantity) for line in wanted])
    assert refused.value.errors[0].pointer == pointer


def test_stock_goes_from_available_to_held_to_sold_and_back():
    variant_id = on_sale(stock=5)
    line = moves.quote([Wanted(variant_id, 2)])
    commit(moves.reserve_writes(line))
    assert stock(variant_id) == {"available": 3, "held": 2, "sold": 0}
    commit(moves.release_writes([Wanted(variant_id, 2)]))
    assert stock(variant_id) == {"available": 5, "held": 0, "sold": 0}
    commit(moves.reserve_writes(line))
    commit(moves.sell_writes([Wanted(variant_id, 2)]))
    assert stock(variant_id) == {"available": 3, "held": 0, "sold": 2}
    commit(moves.take_back_writes([Wanted(variant_id, 2)]))
    commit(moves.sell_again_writes([Wanted(variant_id, 5)]))
    assert stock(variant_id) == {"available": 0, "held": 0, "sold": 5}


def test_nothing_moves_that_is_not_there():
    variant_id = on_sale(stock=1)
    for writes in (moves.release_writes, moves.sell_writes, moves.take_back_writes):
        with pytest.raises(ConditionFailed):
            commit(writes([Wanted(variant_id, 1)]))
    with pytest.raises(errors.StockMoved):
        commit(moves.sell_again_writes([Wanted(variant_id, 2)]))
    assert stock(variant_id) == {"available": 1, "held": 0, "sold": 0}


def test_a_price_that_changed_after_the_quote_is_not_charged():
    seed = a_product(price_fen=1000)
    load_products([seed])
    quoted = moves.quote([Wanted(seed.variants[0].variant_id, 1)])
    dearer = a_product(price_fen=2000).variants[0]
    load_products([type(seed)(**{**_fields(seed), "variants": [_with(dearer, seed)]})])
    with pytest.raises(errors.StockMoved):
        commit(moves.reserve_writes(quoted))


def test_sixty_four_reservations_of_ten_pieces_hold_ten(cloud):
    """Pitfall 8: oversell by check and take in different steps (vendure#1738, mall#353, mall#376)."""
    variant_id = on_sale(stock=10)
    quoted = moves.quote([Wanted(variant_id, 1)])

    def reserve(_: int) -> bool:
        try:
            commit(moves.reserve_writes(quoted))
        except (errors.StockMoved, Busy):
            return False
        return True

    with ThreadPoolExecutor(64) as pool:
        held = sum(pool.map(reserve, range(64)))
    assert stock(variant_id) == {"available": 10 - held, "held": held, "sold": 0}
    assert held == 10


def _fields(seed):
    return {name: getattr(seed, name) for name in seed.__struct_fields__}


def _with(variant, seed):
    fields = _fields(variant)
    return type(variant)(**{**fields, "variant_id": seed.variants[0].variant_id})
