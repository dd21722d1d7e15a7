"""Names and identity numbers: what can be told without asking anybody."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules.identities import number_of, real_name_of
from chalicelib.foundation.kernel.errors import InvalidInput
from tests.support.identities import number_from

TODAY = date(2026, 11, 25)
GOOD = "11010519491231002X"


@pytest.mark.promise("B7.3")
@pytest.mark.parametrize("text", [GOOD, GOOD.lower(), f" {GOOD}", "１１０１０５19491231002X"])
def test_a_number_is_read_in_every_usual_spelling(text):
    assert number_of(text, TODAY) == GOOD


@pytest.mark.promise("B7.3")
@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_every_right_number_passes_and_no_other_last_character(born, order):
    number = number_from("440305", born, order)
    assert number_of(number, TODAY) == number
    for last in "0123456789X":
        if last != number[17]:
            with pytest.raises(InvalidInput):
                number_of(number[:17] + last, TODAY)


@pytest.mark.promise("B7.3")
@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_found(place, more):
    wrong = f"{GOOD[:place]}{(int(GOOD[place]) + more) % 10}{GOOD[place + 1 :]}"
    with pytest.raises(InvalidInput):
        number_of(wrong, TODAY)


@pytest.mark.promise("B7.3")
@pytest.mark.parametrize(
    "number",
    [
        number_from("110105", TODAY + timedelta(days=1), 1),
        number_from("110105", date(1899, 12, 31), 1),
        number_from("990105", date(1990, 1, 1), 1),
        "110105491231002",
        "110105194913310020",
        "X" * 18,
        "1101051949123100२X",
        "",
    ],
)
def test_what_cannot_be_is_refused_and_not_echoed(number):
    with pytest.raises(InvalidInput) as refused:
        number_of(number, TODAY)
    assert refused.value.errors[0].code == "identity_number"
    assert not number or number not in str(refused.value.errors)


@pytest.mark.parametrize(
    ("text", "name"),
    [(" 王小明", "王小明"), ("买买提•艾力", "买买提·艾力"), ("阿卜杜拉.买买提", "阿卜杜拉·买买提"), ("𠮷田", "𠮷田")],
)
def test_a_name_is_read_as_the_authority_writes_it(text, name):
    assert real_name_of(text) == name


@pytest.mark.parametrize(
    "text", ["王", "王 明", "王1明", "·王明", "王··明", "Wang Ming", "王" * 33, "王\n明", "", "<script>"]
)
def test_no_other_text_is_a_name(text):
    with pytest.raises(InvalidInput):
        real_name_of(text)
