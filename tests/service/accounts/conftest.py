"""Every test here may send text messages; and whose account may get lost."""

import pytest

from chalicelib.accounts.service import passwords
from tests.support.accounts import Member, new_mobile
from tests.support.identities import Citizen, citizen
from tests.support.recovery import ask, code_now, verified


@pytest.fixture(autouse=True)
def _phones(counterparties):
    """Have the counterparties answer."""


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every password that is held against a digest."""
    seen: list[str] = []
    honest = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda d, p: (d != passwords.NOBODY and seen.append(p)) or honest(d, p))
    return seen


@pytest.fixture
def known(counterparties) -> Citizen:
    """Give somebody whom the authority knows."""
    return citizen(counterparties)


@pytest.fixture
def who(counterparties, known, hands) -> Member:
    """Give the verified account of that person, at a moment when a code may be sent again."""
    member = verified(counterparties, known)
    hands.by(minutes=2)
    return member


@pytest.fixture
def due(who, known, counterparties, hands) -> tuple[Member, str, str]:
    """Give an account that may be finished, its new number and the code to that."""
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=73)
    return who, mobile, code_now(counterparties, mobile)
