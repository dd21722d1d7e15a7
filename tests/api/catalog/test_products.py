"""The catalogue over HTTP."""

import msgspec
import pytest

from chalicelib.catalog.service.load import load_products
from tests.support.goods import a_product
from tests.support.people import make_person

PAGES = ("/v1/products", "/v1/products?q=高达")


@pytest.fixture
def goods(cloud):
    seeds = [
        a_product(f"RG 1/144 高达 {n:02d} 号", listed_at=f"2026-11-{n:02d}", price_fen=100 * n) for n in range(1, 8)
    ]
    load_products(seeds)
    return seeds


@pytest.mark.promise("A1.1", "A1.4")
def test_a_guest_browses_newest_first_and_searches_and_leaves_nothing_behind(http, goods, cloud):
    before = {noun: cloud.items(noun) for noun in ("people", "ephemeral", "evidence", "outbox", "catalog")}
    listed = http("GET", "/v1/products?limit=100")
    assert listed.status == 200
    assert [card["title"][-4:-2] for card in listed.json["data"]] == ["07", "06", "05", "04", "03", "02", "01"]
    assert listed.json["data"][0]["price_from"] == {"amount_fen": 700, "currency": "CNY"}
    assert len(http("GET", "/v1/products?q=%E9%AB%98%E8%BE%BE").json["data"]) == 7
    assert [c["title"] for c in http("GET", "/v1/products?q=03").json["data"]] == ["RG 1/144 高达 03 号"]
    assert {noun: cloud.items(noun) for noun in before} == before


@pytest.mark.parametrize("path", PAGES)
def test_pages_follow_each_other_without_gap_or_repeat(http, goods, path):
    seen, cursor = [], ""
    mark = "&" if "?" in path else "?"
    for _ in range(10):
        page = http("GET", f"{path}{mark}limit=3{cursor}").json
        seen += [card["product_id"] for card in page["data"]]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [seed.product_id for seed in reversed(goods)]


def test_two_words_find_only_what_carries_both(http, goods):
    load_products([a_product("RG 1/144 沙扎比"), a_product("MG 1/100 高达 03 号")])
    found = http("GET", "/v1/products?q=rg%20%E9%AB%98%E8%BE%BE%2003").json["data"]
    assert [card["title"] for card in found] == ["RG 1/144 高达 03 号"]


@pytest.mark.parametrize("query", ["!", "%E3%80%81", "zzz"])
def test_a_search_without_a_match_is_an_empty_page(http, goods, query):
    answer = http("GET", f"/v1/products?q={query}")
    assert (answer.status, answer.json["data"]) == (200, [])


@pytest.mark.parametrize("query", ["", "%20", "%20%20%09"])
def test_a_search_for_nothing_is_browsing(http, goods, query):
    answer = http("GET", f"/v1/products?q={query}&limit=100")
    assert answer.status == 200
    assert answer.json["data"] == http("GET", "/v1/products?limit=100").json["data"]
    assert len(answer.json["data"]) == len(goods)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=x", "/limit"),
        ("q=" + "a" * 51, "/q"),
        ("colour=red", ""),
        ("limit=1&limit=2", "/limit"),
        ("cursor=AAAA", "/cursor"),
        ("cursor=%C3%A9", "/cursor"),
    ],
)
def test_a_query_that_is_not_as_documented_is_refused(http, goods, query, pointer):
    answer = http("GET", f"/v1/products?{query}")
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert answer.errors[0][0] == pointer


def test_a_cursor_works_for_its_own_search_only(http, goods):
    cursor = http("GET", "/v1/products?limit=3").json["next_cursor"]
    answer = http("GET", f"/v1/products?q=rg&limit=3&cursor={cursor}")
    assert (answer.status, answer.errors) == (400, [("/cursor", "cursor_invalid")])


@pytest.mark.promise("A1.1", "D1.2")
def test_a_products_page_tells_prices_stock_and_what_an_order_asks_for(http):
    plain, imported = a_product(stock=3), a_product("海外直邮手办", asks=("customs_identity",), stock=0)
    load_products([plain, imported])
    page = http("GET", f"/v1/products/{plain.product_id}")
    assert page.status == 200
    assert page.json["asks"] == []
    assert page.json["variants"] == [
        {
            "variant_id": plain.variants[0].variant_id,
            "title": "标准版",
            "price": {"amount_fen": 23800, "currency": "CNY"},
            "stock": "few_left",
        }
    ]
    other = http("GET", f"/v1/products/{imported.product_id}").json
    assert (other["asks"], other["variants"][0]["stock"]) == (["customs_identity"], "sold_out")


def test_a_page_is_cacheable_and_304_until_it_changes(http):
    seed = a_product(price_fen=1000)
    load_products([seed])
    first = http("GET", f"/v1/products/{seed.product_id}")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = http("GET", f"/v1/products/{seed.product_id}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    dearer = msgspec.structs.replace(seed.variants[0], price_fen=2000)
    load_products([msgspec.structs.replace(seed, variants=[dearer])])
    changed = http("GET", f"/v1/products/{seed.product_id}", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status, changed.json["variants"][0]["price"]["amount_fen"]) == (200, 2000)


@pytest.mark.parametrize(
    "product_id", ["prd_aaaaaaaaaaaaaaaaaaaaaaaaaa", "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "%00", "..%2f..", "prd_'"]
)
def test_a_product_that_is_not_there_is_not_found(http, product_id):
    answer = http("GET", f"/v1/products/{product_id}")
    assert (answer.status, answer.code) == (404, "request.not_found")


@pytest.mark.parametrize("path", ["/v1/products", "/v1/products/{}"])
def test_a_guest_and_a_person_see_the_same(http, goods, path):
    where = path.format(goods[0].product_id)
    assert http("GET", where).json == http("GET", where, who=make_person()).json


def test_the_floor_of_calls_is_kept(http, goods, aws_calls):
    def calls(path: str) -> list[str]:
        aws_calls.clear()
        assert http("GET", path).status == 200
        return [call.operation for call in aws_calls]

    http("GET", "/v1/products?limit=1")
    assert calls("/v1/products?limit=20") == ["Query"]
    assert calls("/v1/products?q=rg") == ["Query", "BatchGetItem"]
    assert len(calls("/v1/products?q=rg%20%E9%AB%98%E8%BE%BE%2003")) <= 3
    assert calls(f"/v1/products/{goods[0].product_id}") == ["GetItem", "BatchGetItem"]
