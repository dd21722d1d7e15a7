"""Birthdays in China, whose word on an age counts, and what answers of guardians add up to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules.ages import RANK, agreed_on, birthday, minor_born, next_birthday, settled
from chalicelib.foundation.standing.minors import stage_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAYS = st.dates(date(1990, 1, 1), date(2026, 11, 24))


@pytest.mark.promise("M1.2", "M2.4")
@pytest.mark.parametrize(
    ("born", "years", "at"),
    [
        (date(2012, 3, 5), 14, datetime(2026, 3, 4, 16, tzinfo=UTC)),
        (date(2012, 2, 28), 14, datetime(2026, 2, 27, 16, tzinfo=UTC)),
        (date(2012, 2, 29), 14, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (date(2012, 2, 29), 18, datetime(2030, 2, 28, 16, tzinfo=UTC)),
        (date(2010, 2, 28), 18, datetime(2028, 2, 27, 16, tzinfo=UTC)),
        (date(2008, 2, 29), 20, datetime(2028, 2, 28, 16, tzinfo=UTC)),
        (date(2012, 12, 31), 14, datetime(2026, 12, 30, 16, tzinfo=UTC)),
    ],
)
def test_a_birthday_begins_with_midnight_in_china_and_waits_for_march(born, years, at):
    assert birthday(born, years) == at


@pytest.mark.promise("M1.2", "M2.4")
def test_a_band_ends_with_the_very_moment():
    minor = minor_born(date(2012, 3, 5), "declared")
    moment = timedelta(microseconds=1)
    assert stage_of(minor, minor.child_until - moment) == "child"
    assert stage_of(minor, minor.child_until) == "teen"
    assert stage_of(minor, minor.minor_until - moment) == "teen"
    assert stage_of(minor, minor.minor_until) is None
    assert next_birthday(minor, minor.child_until - moment) == minor.child_until
    assert next_birthday(minor, minor.child_until) == minor.minor_until


@pytest.mark.promise("M1.2")
@given(st.lists(DAYS, min_size=1, max_size=6))
def test_no_row_of_declarations_ever_makes_somebody_older(days: list[date]):
    seen = None
    for day in days:
        before = seen
        seen = settled(seen, minor_born(day, "declared"), identified=False, now=NOW)
        if before is not None:
            assert seen is not None
            assert seen.minor_until >= before.minor_until
            assert seen.child_until >= before.child_until


@pytest.mark.promise("M1.2")
@given(DAYS, DAYS, st.sampled_from(sorted(RANK)), st.sampled_from(sorted(RANK)), st.booleans())
def test_a_weaker_word_never_replaces_a_stronger_one(first, then, strong, weak, identified):
    seen = settled(None, minor_born(first, strong), identified=False, now=NOW)
    stands = settled(seen, minor_born(then, weak), identified=identified, now=NOW)
    if seen is not None and (RANK[weak] < RANK[strong] or (identified and weak != "verified")):
        assert stands == seen
    if stands is not None:
        assert stands.minor_until > NOW
        assert stands.told_by in {strong, weak}


@pytest.mark.promise("M1.2")
@pytest.mark.parametrize("told_by", ["declared", "guardian", "staff"])
def test_nothing_but_the_authority_makes_a_verified_adult_young(told_by):
    assert settled(None, minor_born(date(2020, 1, 1), told_by), identified=True, now=NOW) is None
    known = settled(None, minor_born(date(2020, 1, 1), "verified"), identified=True, now=NOW)
    assert known is not None


@pytest.mark.promise("M1.2")
@pytest.mark.parametrize("told_by", ["guardian", "staff", "verified"])
def test_who_may_make_somebody_older_does(told_by):
    child = minor_born(date(2018, 1, 1), "declared")
    assert settled(child, minor_born(date(2000, 1, 1), told_by), identified=False, now=NOW) is None
    teen = settled(child, minor_born(date(2010, 1, 1), told_by), identified=False, now=NOW)
    assert teen is not None
    assert teen.told_by == told_by


@pytest.mark.promise("M2.2")
@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([], ""),
        (["agreed"], "child"),
        (["agreed", "agreed"], "child"),
        (["refused"], ""),
        (["withdrawn"], ""),
        (["withdrawn", "refused"], ""),
        (["agreed", "refused"], "disputed"),
        (["withdrawn", "agreed"], "disputed"),
        (["overruled", "agreed"], "child"),
        (["overruled", "refused"], ""),
    ],
)
def test_what_answers_add_up_to(answers, outcome):
    assert agreed_on(answers, "child") == outcome
