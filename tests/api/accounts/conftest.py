"""People with accounts, opened over HTTP."""

import pytest

from tests.support.accounts import Member, open_account
from tests.support.counterparties import Counterparties
from tests.support.edges import Http


@pytest.fixture
def who(http: Http, counterparties: Counterparties) -> Member:
    """Give a member on the app."""
    return open_account(http, counterparties, headers={"X-Client": "app/2.3.1", "X-Device": "Pixel 9; Android 16"})


@pytest.fixture
def stranger(http: Http, counterparties: Counterparties) -> Member:
    """Give another member."""
    return open_account(http, counterparties)
