"""Numbers, names, passwords and waits: decided purely, and never surprised by what somebody types."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.errors import PasswordWeak, UserNameRefused
from chalicelib.accounts.rules.codes import CODE_WINDOWS, budget_day, recent_codes, wait_before_code
from chalicelib.accounts.rules.names import name_key, user_name_of
from chalicelib.accounts.rules.numbers import mask_mobile, mobile_of
from chalicelib.accounts.rules.passwords import may_try_again, password_of, plain_password
from chalicelib.accounts.rules.profile import residence_of
from chalicelib.foundation.kernel.errors import Failure, InvalidInput

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
E164 = re.compile(r"\+861[3-9]\d{9}")
GUESSED = """
password Password1 P@ssw0rd123 passw0rd! iloveyou! admin@123 woaini1314 woaini520 Woaini&1314 mima123456 nihao888
qq123456 jule2026 julebuluo88 gundam00 taobao123 12345678 87654321 0123456789 abcdefgh qwertyuiop 1qaz2wsx asdf1234
zxcvbnm123 1q2w3e4r 147258369 !@#$%^&* aaaaaaaa abcabcabc 12121212 a1b1a1b1 123123123 !!!!!!!! 19900101 20081231
13912345678 5201314520 16888888 88888888
"""
OWNER = {"user_name": "模友小明", "mobile": "+8613800138000"}


def reasons(failure: Failure) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in failure.errors]


def outcome(rule: Callable[[str], str], text: str) -> str | Failure:
    """Give what a rule says, yes or no; anything but a refusal is a fault."""
    try:
        return rule(text)
    except Failure as refused:
        return refused


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "0086 138 0013 8000",
        "１３８００１３８０００",
        " 13800138000 ",
    ],
)
def test_every_usual_spelling_is_the_same_number(text):
    assert mobile_of(text) == "+8613800138000"


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize(
    "text",
    [
        "010-12345678",  # landline
        "+852 5123 4567",  # elsewhere
        "+1 650 253 0000",
        "1380013800",
        "138001380001",
        "12345678901",
        "13800138000;ext=5",
        "13800138000x1",
        "tel:+8613800138000",
        "1-800-FLOWERS",
        "+",
        "",
        "13800138000\n13900139000",
        "\u202e13800138000",
    ],
)
def test_what_is_no_mobile_number_of_mainland_china_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        mobile_of(text)
    assert reasons(refused.value) == [("/mobile", "mobile")]


@given(st.text(max_size=24) | st.from_regex(r"[+0-9 ()-]{5,24}", fullmatch=True))
def test_a_number_is_either_one_of_ours_or_refused(text):
    found = outcome(mobile_of, text)
    assert isinstance(found, InvalidInput) or E164.fullmatch(found)


def test_a_masked_number_keeps_four_digits_to_itself():
    assert mask_mobile("+8613800138000") == "138****8000"


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("小明", "小明"),
        ("Jules", "Jules"),
        ("ｇｕｎｐｌａ迷", "gunpla迷"),
        ("模型-迷", "模型-迷"),
        ("リン·カズ", "リン·カズ"),
        ("a" * 20, "a" * 20),
        ("ﬁg", "fig"),
    ],
)
def test_a_name_is_normalised_and_kept(text, name):
    assert user_name_of(text) == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a", "length"),
        ("a" * 21, "length"),
        ("", "length"),
        ("王 小", "characters"),
        ("_x", "characters"),
        ("x_", "characters"),
        ("x__y", "characters"),
        ("x\u200by", "characters"),  # zero width
        ("x\u202ey", "characters"),  # turns the text around
        ("\u0430dmin", "characters"),  # Cyrillic a
        ("e\u0301\u0301\u0301a", "characters"),  # marks piled up
        ("😀😀", "characters"),
        ("<b>x</b>", "characters"),
        ("13800138000", "letters"),
        ("12-34", "letters"),
        ("admin", "reserved"),
        ("ＡＤＭＩＮ", "reserved"),
        ("adm1n", "reserved"),
        ("j-u-l-e", "reserved"),
        ("ju1e", "reserved"),
        ("r00t", "reserved"),
        ("聚乐部落官方", "reserved"),
        ("客服小妹", "reserved"),
        ("管理员1", "reserved"),
        ("匿名", "reserved"),
    ],
)
def test_a_name_that_misleads_is_refused_with_the_reason(text, reason):
    with pytest.raises(UserNameRefused) as refused:
        user_name_of(text)
    assert reasons(refused.value) == [("/user_name", reason)]


@given(st.text(max_size=64))
def test_an_accepted_name_is_plain_and_stays_as_it_is(text):
    name = outcome(user_name_of, text)
    if isinstance(name, Failure):
        return
    assert 2 <= len(name) <= 20
    assert unicodedata.normalize("NFKC", name) == name == user_name_of(name)
    assert all(unicodedata.category(character)[0] in "LNP" for character in name)
    with pytest.raises(InvalidInput):
        mobile_of(name)


@given(st.text(min_size=2, max_size=20))
def test_spellings_of_a_name_have_one_key(text):
    key = name_key(text)
    assert name_key(unicodedata.normalize("NFKC", text)) == key
    assert name_key(text.lower()) == key or name_key(text.lower()) == name_key(text.lower().lower())


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize(
    "text",
    [
        "hT7#kqPw",
        "9a8b7c6d5e",
        "8392017465",
        "correct horse battery",
        "床前明月光疑是地上霜",
        "竹杖芒鞋轻胜马 7",
        "pa ss wo rd of mine",
        "bQ" * 4 + "x" * 24 + "yz" * 16,
        "x9" + "qK7!" * 31 + "ab",
    ],
)
def test_a_password_that_is_hard_to_guess_is_taken_whatever_it_is_made_of(text):
    assert password_of(text, **OWNER) == text


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hT7#kqP", "length"),
        ("hT7#kqPw" * 16 + "x", "length"),
        ("", "length"),
        *((word, "common") for word in GUESSED.split()),
        ("13800138000", "personal"),
        ("x13800138000y", "personal"),
        ("模友小明123456", "personal"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_with_the_reason(text, reason):
    with pytest.raises(PasswordWeak) as refused:
        password_of(text, **OWNER)
    assert reasons(refused.value) == [("/password", reason)]


def test_a_date_that_does_not_exist_is_no_date():
    assert password_of("19900231", **OWNER) == "19900231"


@given(st.text(max_size=140))
def test_a_password_is_taken_or_refused_and_typed_alike_on_every_keyboard(text):
    taken = outcome(partial(password_of, **OWNER), text)
    if isinstance(taken, Failure):
        assert taken.errors[0].code in {"length", "common", "personal"}
    else:
        assert taken == plain_password(text) == plain_password(taken)
        assert len(taken) >= 8


PLACES = [(" 上海市 ", "上海市"), ("New York", "New York"), ("e\u0301vry", "\u00e9vry")]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_a_residence_is_normalised(text, place):
    assert residence_of(text) == place


@pytest.mark.parametrize("text", ["", "   ", "上海\n市", "上海\x00", "a\u202eb", "a\u2028b"])
def test_a_residence_with_control_characters_is_refused(text):
    with pytest.raises(InvalidInput):
        residence_of(text)


@pytest.mark.promise("K4.3")
@given(st.lists(st.integers(0, 3 * 86400), max_size=80).map(sorted))
def test_codes_to_a_number_stay_within_every_window(asked_at_s):
    sent: list[int] = []
    for now_s in asked_at_s:
        wait_s = wait_before_code(sent[-10:], now_s)
        if wait_s == 0:
            sent = recent_codes(sent, now_s)
        else:
            assert wait_before_code(sent, now_s + wait_s) == 0
        for most, window_s in CODE_WINDOWS:
            assert len([at for at in sent if at > now_s - window_s]) <= most


@pytest.mark.parametrize(("hour", "day"), [(15, "2026-11-25"), (16, "2026-11-26"), (23, "2026-11-26")])
def test_the_day_of_a_budget_is_chinas(hour, day):
    assert budget_day(datetime(2026, 11, 25, hour, 59, tzinfo=UTC)) == day


def test_times_that_no_longer_count_are_dropped():
    assert recent_codes([1, 50, 86_400], 86_401) == [50, 86_400, 86_401]


@pytest.mark.promise("K4.3")
def test_the_wait_after_failed_rounds_grows_and_ends():
    waits = []
    for rounds in range(8):
        at = NOW
        while not may_try_again(NOW, rounds, at):
            at += timedelta(minutes=1)
        waits.append((at - NOW) // timedelta(minutes=1))
    assert waits == [1, 5, 15, 60, 240, 240, 240, 240]
