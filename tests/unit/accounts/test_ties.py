"""Who is too close to approve: by invitation or training, directly or by one third person, for a month."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.accounts.rules.staff import TIED_FOR, Colleague, Ties, are_related, is_guarded, tied_to
from chalicelib.foundation.kernel.call import Role

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
SOON, LATER = NOW + TIED_FOR - timedelta(seconds=1), NOW + TIED_FOR


def ties(*references: str) -> Ties:
    found: Ties = {}
    for one in references:
        found = tied_to(found, one, NOW)
    return found


def who(name: str, *, invited: Ties | None = None, trained: Ties | None = None) -> Colleague:
    return Colleague(name, invited, trained)


@pytest.mark.promise("K7.4")
@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        (who("a"), who("b"), False),
        (who("a", invited=ties("b")), who("b"), True),
        (who("a", trained=ties("c", "b")), who("b"), True),
        (who("a", invited=ties("x")), who("b", invited=ties("y", "x")), True),
        (who("a", trained=ties("x")), who("b", trained=ties("x")), False),
        (who("a", invited=ties("x")), who("b", trained=ties("x")), False),
        (who("a", invited=ties("x")), who("b", invited=ties("y")), False),
    ],
)
def test_who_is_related_and_until_when(one: Colleague, other: Colleague, *, related: bool):
    for pair in ((one, other), (other, one)):
        assert are_related(*pair, SOON) is related
        assert are_related(*pair, LATER) is False


def test_a_tie_that_is_over_is_forgotten_with_the_next():
    assert tied_to(ties("x"), "y", LATER).keys() == {"y"}


@pytest.mark.promise("K7.4")
def test_roles_that_come_to_people_or_staff_are_guarded():
    assert {role for role in Role if is_guarded({role})} == {
        Role.CUSTOMER_SERVICE, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR,
    }  # fmt: skip
