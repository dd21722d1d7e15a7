"""The second factor's clock, the waits after failures, and counting administrators."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules import staff
from chalicelib.foundation.kernel.call import Role

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STEP = int(NOW.timestamp()) // staff.STEP_S
ROLES = st.sets(st.sampled_from(list(Role)))


@pytest.mark.promise("K4.3")
@given(st.integers(-5, 5))
def test_a_code_is_good_at_its_step_and_one_beside_it(drift: int):
    found = staff.matching_step(SECRET, pyotp.HOTP(SECRET).at(STEP + drift), NOW)
    assert found == (STEP + drift if abs(drift) <= 1 else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef"])
def test_what_is_no_code_is_none(code: str):
    assert staff.matching_step(SECRET, code, NOW) is None


@given(st.integers(0, 20))
def test_waits_grow_and_never_end_early(rounds: int):
    wait = staff.STAFF_WAITS[min(rounds, 2)]
    assert staff.staff_may_try_again(NOW, rounds, NOW + wait)
    assert not staff.staff_may_try_again(NOW, rounds, NOW + wait - timedelta(milliseconds=1))


@given(ROLES, ROLES)
def test_administrators_are_counted_by_what_changes(before: set[Role], after: set[Role]):
    change = staff.administrators_change(map(str, before), after)
    assert type(change) is int
    assert change == len({Role.ADMINISTRATOR} & after) - len({Role.ADMINISTRATOR} & before)
