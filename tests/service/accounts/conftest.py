"""Every test here may send text messages."""

import pytest


@pytest.fixture(autouse=True)
def _phones(counterparties):
    """Have the counterparties answer."""
