"""Retention periods: what they are, and when they end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.register.periods import end_of, is_period

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "ends_at"),
    [
        ("none", NOON),
        ("PT10M", datetime(2026, 11, 22, 12, 10, tzinfo=UTC)),
        ("P30D", datetime(2026, 12, 22, 12, tzinfo=UTC)),
        ("P2M", datetime(2027, 1, 22, 12, tzinfo=UTC)),
        ("P3Y", datetime(2029, 11, 22, 12, tzinfo=UTC)),
        ("P1Y1M1DT1H1M1S", datetime(2027, 12, 23, 13, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_is_added_to_its_start(period, ends_at):
    assert end_of(period, NOON) == ends_at


@pytest.mark.promise("K2.1")
def test_three_years_from_a_leap_day_are_not_a_day_short():
    assert end_of("P3Y", datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2031, 3, 1, tzinfo=UTC)


def test_a_month_from_the_last_of_january_ends_in_march():
    assert end_of("P1M", datetime(2027, 1, 31, tzinfo=UTC)) == datetime(2027, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "3Y", "P1W", "P-1D", "P1.5D", "p1d", "P1D "])
def test_what_is_no_period_is_refused(text):
    assert not is_period(text)
    with pytest.raises(ValueError, match="not a period"):
        end_of(text, NOON)


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(0, 600),
)
def test_months_never_fall_short_and_never_pass_the_first_day_after(start_at, months):
    ends_at = end_of(f"P{months}M", start_at)
    assert ends_at - start_at >= timedelta(days=28 * months)
    passed = (ends_at.year - start_at.year) * 12 + ends_at.month - start_at.month
    assert (passed, ends_at.day) in {(months, start_at.day), (months + 1, 1)}
