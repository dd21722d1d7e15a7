"""Recovery on a bad day: many at once, a killed process, bindings of whoever had the account."""

from contextlib import suppress
from functools import partial

import pytest

from chalicelib.accounts.errors import CodeInvalid
from chalicelib.accounts.service import profile, recovered
from chalicelib.accounts.tables.bindings import bindings_of
from chalicelib.accounts.tables.recovery import recovery_of
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import NotFound
from tests.support import killing
from tests.support.accounts import caller, enrol, new_mobile
from tests.support.bindings import bind_wechat
from tests.support.identities import PURPOSE, agree
from tests.support.passwords import FAILED, try_in
from tests.support.recovery import NEXT, ask, at_once, code_now, finish, finishing
from tests.support.ways_in import recorded


@pytest.mark.promise("B6.5")
def test_of_many_who_finish_at_once_one_does(due, cloud):
    who, mobile, code = due
    met = at_once(*[finishing(who.user_name, mobile, code)] * 4)
    assert met.count("done") == 1, met
    assert recorded(cloud, "person:recovery:finished") == 1
    assert try_in(mobile, NEXT) == "in"


@pytest.mark.promise("B6.4", "B6.5")
def test_a_stop_and_a_finish_at_once_leave_one_of_both(due, cloud):
    who, mobile, code = due
    stop = partial(recovered.stop_own, caller(who, clock.now(), purpose="account.security"))
    at_once(stop, finishing(who.user_name, mobile, code))
    done = [recorded(cloud, f"person:recovery:{end}") for end in ("stopped", "finished")]
    assert sorted(done) == [0, 1]
    assert (profile.mobile_of(who.person_id) == f"+86{mobile}") == (done == [0, 1])
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.4")
def test_two_who_match_at_once_never_both_wait(who, known, counterparties, hands):
    numbers = [new_mobile(), new_mobile()]
    sent = [code_now(counterparties, mobile) for mobile in numbers]
    asks = [
        partial(ask, counterparties, who.user_name, known, mobile, code=code)
        for mobile, code in zip(numbers, sent, strict=True)
    ]
    met = at_once(*asks)
    row = recovery_of(who.person_id)
    assert row is not None
    assert met == ["done", "done"]
    assert row.contested


@pytest.mark.parametrize("moment", killing.MOMENTS)
@pytest.mark.parametrize("number", range(1, 6))
def test_a_killed_finish_leaves_the_old_account_or_the_new(due, counterparties, hands, number, moment):
    who, mobile, code = due
    with suppress(killing.Killed), killing.killed_at(number, moment, killing.changes_something):
        finishing(who.user_name, mobile, code)()
    ins = [try_in(mobile, NEXT), try_in(who.user_name, NEXT), try_in(who.mobile)]
    assert ins in (["in", "in", FAILED], [FAILED, FAILED, "in"])
    if ins[0] == FAILED:
        hands.by(minutes=2)
        assert finish(counterparties, who.user_name, mobile) == "done"
    assert try_in(mobile, NEXT) == "in"


@pytest.mark.promise("B6.5")
def test_whoever_bound_a_wechat_does_not_come_in_by_it_any_more(who, known, counterparties, hands):
    agree(who.person_id, PURPOSE, "account.wechat")
    bind_wechat(counterparties, who)
    assert len(bindings_of(who.person_id)) == 1
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=73)
    assert finish(counterparties, who.user_name, mobile) == "done"
    assert bindings_of(who.person_id) == []


def test_the_number_that_the_account_has_is_no_new_one(who, known, counterparties):
    ask(counterparties, who.user_name, known, who.mobile)
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.1")
def test_a_new_number_that_got_an_account_meanwhile_takes_nothing(who, known, counterparties, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=73)
    enrol(counterparties, clock.now(), mobile=mobile)
    hands.by(minutes=2)
    assert finish(counterparties, who.user_name, mobile) == "accounts.mobile_taken"
    assert try_in(who.mobile) == "in"


def test_code_account_and_number_belong_together(due):
    who, mobile, code = due
    with pytest.raises(CodeInvalid):
        finishing(who.user_name, new_mobile(), code)()
    with pytest.raises(NotFound):
        finishing(new_mobile(), mobile, code)()
    assert finishing(who.user_name, mobile, code)() is None
