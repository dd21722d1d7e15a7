"""Optional fields of the profile: dates, nicknames, the tier they open."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.errors import NicknameRefused
from chalicelib.accounts.rules.names import nickname_of
from chalicelib.accounts.rules.profile import OPTIONAL, birth_date_of, missing_of, renaming_from, tier_of
from chalicelib.foundation.kernel.errors import Failure, InvalidInput

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reasons(failure: Failure) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in failure.errors]


@pytest.mark.promise("B2.2")
@pytest.mark.parametrize("born", [date(2026, 11, 24), date(1896, 1, 1), date(2000, 2, 29)])
def test_a_possible_date_of_birth_is_taken(born):
    assert birth_date_of(born, datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == born.isoformat()


@pytest.mark.promise("B2.2")
@pytest.mark.parametrize("born", [date(2026, 11, 25), date(1895, 12, 31), date(1, 1, 1), date(9999, 12, 31)])
def test_a_date_that_nobody_living_was_born_on_is_refused(born):
    with pytest.raises(InvalidInput) as refused:
        birth_date_of(born, datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    assert reasons(refused.value) == [("/birth_date", "range")]


@pytest.mark.promise("B2.3")
@given(st.sets(st.sampled_from(OPTIONAL)))
def test_the_tier_counts_what_is_filled_in_and_names_what_is_missing(filled):
    assert set(missing_of(filled)) == set(OPTIONAL) - filled
    expected = "full" if filled == set(OPTIONAL) else "member" if filled else "none"
    assert tier_of(filled) == expected


@pytest.mark.promise("B2.7")
def test_a_nickname_waits_three_days_to_the_moment():
    until = NOW + timedelta(days=3)
    assert renaming_from(None, NOW) is None
    assert renaming_from(NOW, NOW) == renaming_from(NOW, until - timedelta(milliseconds=1)) == until
    assert renaming_from(NOW, until) is None


@pytest.mark.promise("B2.7")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "length"),
        ("长" * 21, "length"),
        ("a b", "characters"),
        ("a\u202eb", "characters"),
        ("аdmin", "characters"),
        ("12345", "letters"),
        ("官方客服", "reserved"),
        ("聚乐部落小助手", "reserved"),
        ("4dm1n", "reserved"),
        ("ＡＤＭＩＮ", "reserved"),
        ("a-d-m-i-n", "reserved"),
    ],
)
def test_a_nickname_that_breaks_a_rule_is_refused(text, reason):
    with pytest.raises(NicknameRefused) as refused:
        nickname_of(text)
    assert reasons(refused.value) == [("/nickname", reason)]


@pytest.mark.parametrize(("text", "name"), [("喵", "喵"), ("Ｇｕｎｄａｍ迷", "Gundam迷"), ("模型·控", "模型·控")])
def test_a_nickname_is_normalised(text, name):
    assert nickname_of(text) == name
