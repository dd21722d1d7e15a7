"""Names that look alike: for us, and for one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.errors import NicknameRefused
from chalicelib.accounts.rules.likeness import look_of
from chalicelib.accounts.rules.names import name_key, nickname_of

FOR_US = """
聚樂部落 管理員 審核員 系統通知 工作人員 遊客 已註銷 超级管理
JuIeOfficial adrnin ADMIN1 admin官 juIe ｊｕｌｅ 匿名用戶 聚乐商城
Admin_01 4dmin 版·主 系统·消息 小助手 GM1 玩家abcdef 已巳注销 客服ニ号 0fficial supp0rt123 聚乐部洛
"""
OF_PEOPLE = """
badminton 羽毛球Badminton 客家人 官窑 管道工 julia Jules 模友小王 玩家甲 玩家ABC modelkit 高达大师 自己人 系统之外
"""
ALIKE = """
Alice/A1ice Alice/AIice bob0/bobo modern/modem 高达ニ号/高达二号 龍騎士/龙騎士 田口/田ロ
clover/dover 模_友/模友 ＡＢＣ/abc
"""


@pytest.mark.promise("B2.7")
@pytest.mark.parametrize("name", FOR_US.split())
def test_no_name_looks_like_ours(name):
    with pytest.raises(NicknameRefused) as refused:
        nickname_of(name)
    assert [error.code for error in refused.value.errors] == ["reserved"]


@pytest.mark.parametrize("name", OF_PEOPLE.split())
def test_names_of_people_are_theirs(name):
    assert nickname_of(name) == name


@pytest.mark.promise("B2.7")
@pytest.mark.parametrize("pair", ALIKE.split())
def test_what_the_eye_takes_for_another_is_the_same(pair):
    one, other = pair.split("/")
    assert look_of(one) == look_of(other)


def test_other_names_are_others():
    names = ["alice", "alicia", "bob", "modern", "model", "高达", "高大", "二号", "三号", "小王", "小玉"]
    assert len(set(map(look_of, names))) == len(names)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=12))
def test_two_spellings_of_a_name_have_one_look(name):
    assert look_of(name) == look_of(name_key(name))
