"""What a mask lets through, and how much a case holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.support import rules


@pytest.mark.promise("K4.6")
@given(st.text(min_size=1, max_size=60))
def test_a_mask_shows_two_characters_at_most_and_no_length(text: str):
    shown = rules.masked(text)
    assert len(shown.replace("****", "", 1)) <= 2
    assert len(shown) in {4, 6}


def test_a_case_that_is_nobodys_yet_holds_less():
    assert rules.has_room(rules.OPEN, rules.MOST_UNIDENTIFIED - 1)
    assert not rules.has_room(rules.OPEN, rules.MOST_UNIDENTIFIED)
    assert rules.has_room(rules.IDENTIFIED, rules.MOST_UNIDENTIFIED)
    assert not rules.has_room(rules.IDENTIFIED, rules.MOST_MESSAGES)
