"""Finishing a recovery while its owner moves the number, leaves, or somebody else asks: one of both, and whole."""

import secrets
from functools import partial

import pytest

from chalicelib.accounts.service import profile, recovered, recovery
from chalicelib.accounts.tables.recovery import recovery_of
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Busy, TooMany
from chalicelib.foundation.standing.rows import CLOSING
from chalicelib.rights.contracts import CancelAccount
from chalicelib.rights.service import cancellation
from tests.support.accounts import caller, new_mobile
from tests.support.passwords import try_in
from tests.support.recovery import NEXT, ask, at_once, code_now, finish, finishing, texts
from tests.support.ways_in import move, recorded, standing, told

NOT_OPEN = "request.not_found"
TURNS = pytest.mark.parametrize("turn", range(3))


@TURNS
@pytest.mark.promise("B6.4", "B6.5")
def test_of_finishing_and_moving_the_number_one_happens(due, counterparties, turn):
    who, found, code = due
    other = new_mobile()
    codes = (code_now(counterparties, other, "change_mobile"), code_now(counterparties, who.mobile, "change_mobile"))
    ends = at_once(partial(move, who, other, codes, clock.now()), finishing(who.user_name, found, code))
    assert ends.count("done") == 1, ends
    now, password = (other, who.password) if ends[0] == "done" else (found, NEXT)
    assert profile.mobile_of(who.person_id) == f"+86{now}"
    assert [try_in(now, password), try_in(who.user_name, password)] == ["in", "in"]


@TURNS
@pytest.mark.promise("B6.4", "B6.5")
def test_an_account_that_its_owner_is_leaving_goes_to_nobody(due, cloud, turn):
    who, found, code = due
    call = caller(who, clock.now(), purpose="rights.answer")
    plan = cancellation.preview_cancellation(call)
    asked = CancelAccount(plan_hash=plan.plan_hash, receipt=secrets.token_urlsafe(32))
    ends = at_once(partial(cancellation.cancel_account, call, asked), finishing(who.user_name, found, code))
    left = standing(who).status == CLOSING
    assert left == (ends[0] == "done")
    assert "done" in ends, ends
    if ends == ["done", "done"]:  # it was given back first, and the plan still fitted
        assert recorded(cloud, "person:recovery:finished") == 1
    elif left:
        assert recorded(cloud, "person:recovery:finished") == 0
        assert at_once(finishing(who.user_name, found, code)) == [NOT_OPEN]


@TURNS
@pytest.mark.promise("B6.4", "B6.5")
def test_whoever_asks_while_another_finishes_disputes_it_or_waits_for_their_turn(
    due, known, counterparties, cloud, turn
):
    who, found, code = due
    second = new_mobile()
    sent = code_now(counterparties, second)
    asking = partial(ask, counterparties, who.user_name, known, second, code=sent)
    ends = at_once(asking, finishing(who.user_name, found, code))
    assert ends[0] == "done"
    waiting = recovery_of(who.person_id)
    if ends[1] == "done":
        assert profile.mobile_of(who.person_id) == f"+86{found}"
        assert waiting is None or (waiting.ready_at > clock.now() and not waiting.contested)
    else:
        assert profile.mobile_of(who.person_id) == f"+86{who.mobile}"
        assert waiting is not None
        assert waiting.contested
    assert recorded(cloud, "person:recovery:finished") == (ends[1] == "done")


def just_before(monkeypatch, room, name: str, act) -> None:
    """Have something happen once, in the middle of what calls this."""
    real, left = getattr(room, name), [act]

    def called(*given, **named):
        if left:
            left.pop()()
        return real(*given, **named)

    monkeypatch.setattr(room, name, called)


@pytest.mark.promise("B6.4")
def test_whoever_asks_between_reading_and_writing_of_a_finish_is_not_passed_over(
    due, known, counterparties, monkeypatch
):
    who, found, code = due
    second = new_mobile()
    sent = code_now(counterparties, second)
    asking = partial(ask, counterparties, who.user_name, known, second, code=sent)
    just_before(monkeypatch, recovered, "moved", asking)
    assert at_once(finishing(who.user_name, found, code)) == [Busy.code]
    assert at_once(finishing(who.user_name, found, code)) == [NOT_OPEN]
    assert profile.mobile_of(who.person_id) == f"+86{who.mobile}"


@pytest.mark.promise("B6.4")
def test_two_deliveries_in_one_another_tell_once(who, known, counterparties, cloud, monkeypatch):
    ask(counterparties, who.user_name, known, new_mobile())
    call = caller(who, clock.now(), purpose="consent.record")
    just_before(monkeypatch, recovery, "disclose", partial(recovery.tell_owner, call))
    recovery.tell_owner(call)
    assert (len(texts(counterparties, who.mobile)), told(cloud, "recovery_begun")) == (1, 1)


@pytest.mark.promise("B6.3")
def test_tries_are_counted_anew_the_next_day(who, known, counterparties, hands):
    hands.into_window(86400)
    for _ in range(6):
        at_once(partial(ask, counterparties, who.user_name, known, new_mobile()))
    assert at_once(partial(ask, counterparties, who.user_name, known, new_mobile())) == [TooMany.code]
    hands.by(days=1)
    assert at_once(partial(ask, counterparties, who.user_name, known, new_mobile())) == ["done"]


@pytest.mark.promise("B6.5")
@pytest.mark.parametrize(
    ("waited", "ends"),
    [
        ({"hours": 71, "minutes": 55}, NOT_OPEN),
        ({"hours": 72, "seconds": 1}, "done"),
        ({"days": 10, "minutes": -5}, "done"),
        ({"days": 10, "seconds": 1}, NOT_OPEN),
    ],
)
def test_it_is_finished_from_the_end_of_the_wait_to_the_end_of_the_window(
    who, known, counterparties, hands, waited, ends
):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(**waited)
    assert finish(counterparties, who.user_name, mobile) == ends
