"""A text that leads contact or payment away is noticed however it is spelled, and talk of models is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel.offsite import ways_out

AWAY = {
    "电话13800138000": ["contact"],
    "一三八 零零一三 八零零零": ["contact"],
    "幺三八00138000": ["contact"],
    "１３８-0013-8000": ["contact"],
    "+86 138·0013·8000": ["contact"],
    "加微信 gundam_fan": ["contact"],
    "薇信是gundamfan": ["contact"],
    "VX：gundam01": ["contact"],
    "ＱＱ 123456789": ["contact"],
    "q群 12345678": ["contact"],
    "me@example.com": ["contact"],
    "看 https://example.org/x": ["contact"],
    "上 example.shop 买": ["contact"],
    "私下联系": ["contact"],
    "直接转账": ["payment"],
    "扫我收款码": ["payment"],
    "卡号 6222 0212 3456 7890 123": ["payment"],
    "私下交易，加好友": ["contact", "payment"],
    "线下交易": ["contact", "payment"],
}
STAYS = [
    "今天完成的高达 RG 1/144，素组后消光",
    "RX-78-2 Ver.Ka，MG 2.0",
    "PG UNLEASHED ver2.0 com版",
    "价格13800元，比上次贵200",
    "订单 202611251234567890 到了",
    "2026-11-25 14:30:00 开箱",
    "代码 4547 6602 58",
    "QQ糖 3 包",
    "加个底座就好了",
    "微信里看到的消息",
    "wx",
    "",
]


@pytest.mark.promise("K6.2")
@pytest.mark.parametrize(("text", "ways"), AWAY.items(), ids=range(len(AWAY)))
def test_a_text_that_leads_away_is_noticed(text, ways):
    assert ways_out(text) == ways
    assert ways_out(f"好模型！{text}。") == ways


@pytest.mark.parametrize("text", STAYS, ids=range(len(STAYS)))
def test_talk_of_models_is_not_taken_for_it(text):
    assert ways_out(text) == []


@pytest.mark.promise("K6.2")
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", "-", ".", "·", "，"]), min_size=10),
)
def test_a_number_is_noticed_through_any_gaps(number, gaps):
    spaced = "".join(digit + gap for digit, gap in zip(number, [*gaps[:10], ""], strict=True))
    assert "contact" in ways_out(f"找我{spaced}谢谢")


@pytest.mark.parametrize("part", ["a", "a.", "1 ", "微信", "q", "-", "@", "www", "1", "加", "a-"])
def test_a_text_made_to_be_slow_is_not(part):
    began = time.process_time()
    ways_out((part * 2000)[:2000])
    assert time.process_time() - began < 0.05
