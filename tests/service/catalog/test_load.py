"""Loading a catalogue: what differs is written, stock is left alone, loading again is free."""

import msgspec
import pytest

from chalicelib.catalog.contracts import Browse, Wanted
from chalicelib.catalog.service import browse, load
from chalicelib.catalog.service import stock as moves
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.store.write import commit
from infra.local.sample import sample_products
from tests.support.goods import a_product, stock


@pytest.fixture
def guest(cloud):
    from datetime import UTC, datetime

    return Call(request_id="rid", now=datetime.now(UTC))


def titles(guest: Call, words: str) -> list[str]:
    return [card.title for card in browse.list_products(guest, Browse(q=words, limit=100)).data]


def test_loading_the_same_file_again_costs_one_read(guest, aws_calls):
    seeds = [a_product("牛高达"), a_product("沙扎比")]
    assert load.load_products(seeds) == 2
    aws_calls.clear()
    assert load.load_products(seeds) == 0
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]


def test_a_changed_title_is_found_by_its_new_words_only(guest):
    seed = a_product("旧名高达")
    load.load_products([seed])
    load.load_products([msgspec.structs.replace(seed, title="新款沙扎比")])
    assert (titles(guest, "旧名"), titles(guest, "沙扎比")) == ([], ["新款沙扎比"])


def test_a_changed_price_leaves_stock_alone(guest):
    seed = a_product(price_fen=1000, stock=5)
    variant = seed.variants[0]
    load.load_products([seed])
    commit(moves.reserve_writes(moves.quote([Wanted(variant.variant_id, 2)])))
    dearer = msgspec.structs.replace(variant, price_fen=2000, stock=99)
    load.load_products([msgspec.structs.replace(seed, variants=[dearer])])
    assert stock(variant.variant_id) == {"available": 3, "held": 2, "sold": 0}
    assert moves.quote([Wanted(variant.variant_id, 1)])[0].price_fen == 2000


def test_topping_up_takes_in_what_was_sold(guest):
    seed = a_product(stock=1)
    variant_id = seed.variants[0].variant_id
    load.load_products([seed])
    commit(moves.reserve_writes(moves.quote([Wanted(variant_id, 1)])))
    assert (load.top_up([seed]), load.top_up([seed])) == (1, 0)
    assert stock(variant_id) == {"available": 1, "held": 1, "sold": 0}


def test_the_sample_catalogue_loads_and_is_found(guest):
    seeds = sample_products()
    assert load.load_products(seeds) == len(seeds) == 40
    assert len(titles(guest, "高达")) >= 10
    assert titles(guest, "rg 1/144 牛高达") == ["RG 1/144 牛高达"]
    assert any(variant.stock == 1 for seed in seeds for variant in seed.variants)
