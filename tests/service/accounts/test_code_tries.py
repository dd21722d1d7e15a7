"""A code is compared five times in all, whatever is sent after it; a new one has five of its own."""

from datetime import datetime, timedelta

import pytest

from chalicelib.accounts.errors import CodeInvalid
from tests.support.accounts import new_mobile
from tests.support.clocks import began

from .test_codes import prove, received, send


def guess(mobile: str, times: int, but: set[str], at: datetime | None = None) -> None:
    other = next(code for code in (f"{digit}" * 6 for digit in range(10)) if code not in but)
    for _ in range(times):
        with pytest.raises(CodeInvalid):
            prove(mobile, other, at)


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("tries", [(4, 0), (4, 1), (3, 1), (3, 2), (0, 4), (0, 5), (5, 0)])
def test_a_code_is_compared_five_times_in_all_also_once_another_was_sent(tries, counterparties):
    mobile, at = new_mobile(), began() + timedelta(minutes=1)
    send(mobile)
    first = received(counterparties, mobile)
    guess(mobile, tries[0], {first})
    send(mobile, at)
    second = received(counterparties, mobile)
    guess(mobile, tries[1], {first, second}, at)
    if sum(tries) < 5:
        assert prove(mobile, first, at)
    elif first != second:
        with pytest.raises(CodeInvalid):
            prove(mobile, first, at)


@pytest.mark.promise("K4.3")
def test_tries_before_a_code_was_sent_do_not_count_against_it(counterparties):
    mobile = new_mobile()
    seen: set[str] = set()
    for minute in range(4):
        at = began() + timedelta(minutes=minute)
        send(mobile, at)
        seen.add(received(counterparties, mobile))
        guess(mobile, 4, seen, at)
    assert prove(mobile, received(counterparties, mobile), at)
