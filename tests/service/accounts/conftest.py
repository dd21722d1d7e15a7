"""Every test here may send text messages."""

import pytest

from chalicelib.accounts.service import passwords


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
