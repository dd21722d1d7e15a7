"""The last way in stays, whichever others there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.errors import LastWayIn
from chalicelib.accounts.rules.bindings import PURPOSES, provider_for, refuse_last_way
from chalicelib.foundation.register import lookup


@pytest.mark.promise("B4.2")
@given(bound=st.sets(st.sampled_from(sorted(PURPOSES)), min_size=1), password=st.booleans(), data=st.data())
def test_something_is_always_left_to_log_in_by(bound: set[str], data: st.DataObject, *, password: bool) -> None:
    provider = data.draw(st.sampled_from(sorted(bound)))
    left = len(bound) - 1 + password
    if left:
        assert refuse_last_way(bound, provider, password=password) is None
    else:
        with pytest.raises(LastWayIn):
            refuse_last_way(bound, provider, password=password)


@pytest.mark.promise("A4.1")
def test_each_binding_rests_on_a_separate_consent_of_its_own() -> None:
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    for provider, purpose in PURPOSES.items():
        assert lookup.purpose(purpose).separate
        assert lookup.notice(purpose).purposes == (purpose,)
        assert provider_for(purpose) == provider
    assert provider_for("account.membership") == ""
