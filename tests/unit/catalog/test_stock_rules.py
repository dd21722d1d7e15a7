"""Stock is told in three steps."""

import pytest

from chalicelib.catalog.rules import stock_state


@pytest.mark.parametrize(
    ("available", "state"), [(0, "sold_out"), (1, "few_left"), (5, "few_left"), (6, "in_stock"), (10_000, "in_stock")]
)
def test_stock_is_told_without_its_count(available, state):
    assert stock_state(available) == state
