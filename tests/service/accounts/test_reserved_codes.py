"""Codes that stop a thief, and that tell staff whom they speak with, are not used up by codes for anything else."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.accounts.contracts.accounts import CodePurpose, SendCode
from chalicelib.accounts.rules.codes import RESERVED_PER_NUMBER
from chalicelib.accounts.service import codes, recognising
from chalicelib.foundation.kernel.config import reset_config
from tests.support.accounts import guest, new_mobile
from tests.support.clocks import began
from tests.support.ways_in import outcome

OVER = "rate.limited"
OWNER, STRANGER = "1" * 24, "2" * 24
SAFETY: tuple[CodePurpose, ...] = ("freeze", "stop_recovery")


def ask(mobile: str, purpose: CodePurpose, at: datetime, address: str = OWNER) -> str:
    return outcome(codes.send_code, guest(at, address_hash=address), SendCode(mobile=mobile, purpose=purpose))


def ask_desk(mobile: str, at: datetime) -> str:
    return outcome(recognising.send_identity_code, guest(at, purpose="account.service"), mobile)


def use_up(mobile: str, purpose: CodePurpose, address: str = STRANGER) -> datetime:
    """Ask until one address is refused for the rest of the day; gives when that was."""
    at = began()
    for _ in range(12):
        ask(mobile, purpose, at, address)
        at += timedelta(minutes=13)
    assert ask(mobile, purpose, at, address) == OVER
    return at


@pytest.mark.promise("K6.1", "B6.4", "E1.1")
def test_a_stranger_who_asks_for_other_codes_uses_up_none_that_stop_a_thief(counterparties):
    mobile = new_mobile()
    at = use_up(mobile, "sign_up")
    assert [ask(mobile, purpose, at) for purpose in SAFETY] == ["done", "done"]
    assert ask_desk(mobile, at) == "done"


@pytest.mark.promise("K6.1", "B6.4")
@pytest.mark.parametrize("purpose", SAFETY)
def test_a_stranger_who_asks_for_these_uses_up_only_what_one_address_has(purpose: CodePurpose, counterparties):
    mobile = new_mobile()
    at = use_up(mobile, purpose)
    assert ask(mobile, purpose, at) == "done"
    assert ask_desk(mobile, at) == "done"


@pytest.mark.promise("K4.3")
def test_one_address_gets_one_a_minute_three_an_hour_five_a_day(counterparties):
    mobile, minutes = new_mobile(), [*range(5), *range(58, 70), 200, 800, 1430]
    sent = [minute for minute in minutes if ask(mobile, "freeze", began() + timedelta(minutes=minute)) == "done"]
    assert sent == [0, 1, 2, 60, 61]


@pytest.mark.promise("K4.3")
def test_a_number_gets_so_many_a_day_whoever_asks(counterparties):
    mobile, at = new_mobile(), began()
    asked = [partial(ask, mobile, "freeze", at, f"{address:024d}") for address in range(20)]
    assert [one() for one in asked].count("done") == RESERVED_PER_NUMBER[0]
    assert ask(mobile, "freeze", at + timedelta(days=1)) == "done"


@pytest.mark.promise("K4.3")
def test_they_are_within_the_budget_of_the_day(counterparties, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SMS_DAILY_BUDGET", "1")
    reset_config()
    assert [ask(new_mobile(), "freeze", began()) for _ in range(2)] == ["done", "accounts.codes_paused"]
