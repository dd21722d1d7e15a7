"""What finds what: every word in every spelling, and nothing that is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel.words import index_tokens, query_tokens


def found(query: str, title: str) -> bool:
    asked = query_tokens(query)
    return bool(asked) and index_tokens(title) >= set(asked)


@pytest.mark.parametrize(
    "query",
    ["牛高达", "高达", "龙", "rg", "ＲＧ", "1/144", "１／１４４", "RG 高达", "rx-78", "RX-78-2", "78", "龙 rg 1/144"],
)
def test_a_word_of_the_title_finds_it_whatever_its_width_or_case(query):
    assert found(query, "RG 1/144 牛高达 RX-78-2 龙")


@pytest.mark.parametrize("query", ["达高", "r", "1/100", "rg2", "沙扎比", "14", "", " ", "!?", "、。"])
def test_what_is_not_in_the_title_does_not_find_it(query):
    assert not found(query, "RG 1/144 牛高达 RX-78-2 龙")


def test_kana_and_hangul_are_searched_like_hanzi():
    assert found("ガンダ", "ニューガンダム")
    assert found("건담", "뉴건담")


def test_the_longest_word_leads_so_that_the_fewest_postings_are_read():
    assert query_tokens("rg 牛高达 1/144")[0] == "1/144"


@given(st.text(max_size=50))
def test_every_text_finds_itself(text):
    asked = query_tokens(text)
    assert set(asked) <= index_tokens(text)
    assert all(token and not any(c.isspace() for c in token) for token in index_tokens(text))


@given(st.text(alphabet="高达牛沙扎比独角兽", min_size=1, max_size=12), st.data())
def test_every_part_of_a_chinese_name_finds_it(name, data):
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert found(name[start:end], name)
