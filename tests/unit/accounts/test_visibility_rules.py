"""What is shown is what was chosen and is there, whatever else a person has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.contracts.profile import Tier
from chalicelib.accounts.contracts.visibility import CHOICES, SetVisibility
from chalicelib.accounts.rules.visibility import badges, choices, chosen

SHOWN = st.sets(st.sampled_from(CHOICES))


@pytest.mark.promise("B5.2")
def test_nothing_is_shown_that_was_not_chosen():
    assert chosen(SetVisibility()) == set()
    assert choices(None) == dict.fromkeys(CHOICES, False)
    assert badges(None, "full", verified=True) == ()


@given(shown=SHOWN)
def test_what_is_chosen_is_what_stands(shown: set[str]):
    stands = choices(shown)
    assert chosen(SetVisibility(**stands)) == shown
    assert set(stands) == set(CHOICES)


@pytest.mark.promise("B5.2")
@given(shown=SHOWN, tier=st.sampled_from(["none", "member", "full"]), verified=st.booleans())
def test_a_badge_is_there_exactly_when_it_was_chosen_and_earned(shown: set[str], tier: Tier, *, verified: bool):
    given_ = badges(shown, tier, verified=verified)
    assert ("verified" in given_) == ("verified" in shown and verified)
    assert ("full_member" in given_) == ("member" in shown and tier == "full")
    assert ("member" in given_) == ("member" in shown and tier == "member")
