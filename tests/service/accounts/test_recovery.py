"""A lost account comes back to whoever is proved to be its owner, after a wait in which the owner can say no."""

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.service import by_code, profile, recovered
from chalicelib.accounts.tables.recovery import recovery_of
from chalicelib.accounts.tables.verification import own_verification
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault.blind import blind
from chalicelib.rights.jobs import sweep_retention
from tests.support.accounts import caller, enrol, new_mobile
from tests.support.edges import deliver
from tests.support.identities import Citizen, citizen
from tests.support.leaving import raw
from tests.support.passwords import FAILED, try_in
from tests.support.recovery import NEXT, ask, code_now, finish, now_guest, stop, tell, texts
from tests.support.schedules import tick
from tests.support.ways_in import INVALID, alive, outcome, recorded, told

NOT_OPEN = "request.not_found"


def after_the_wait(hands) -> None:
    hands.by(hours=72, seconds=1)


@pytest.mark.promise("B6.1", "B6.5")
@pytest.mark.parametrize("by", ["user_name", "mobile"])
def test_a_verified_owner_gets_the_account_back_under_a_new_number(who, known, counterparties, cloud, hands, by):
    mobile, account = new_mobile(), getattr(who, by)
    asked = ask(counterparties, account, known, mobile)
    assert (asked.wait_h, asked.finish_within_d) == (72, 7)
    after_the_wait(hands)
    assert finish(counterparties, account, mobile) == "done"
    assert [try_in(mobile, NEXT), try_in(who.user_name, NEXT)] == ["in", "in"]
    assert [try_in(who.mobile), try_in(who.user_name)] == [FAILED, FAILED]
    assert who.session_id not in alive(who, clock.now())
    assert profile.mobile_of(who.person_id) == f"+86{mobile}"
    assert recovery_of(who.person_id) is None
    assert (told(cloud, "recovered"), told(cloud, "mobile_changed")) == (1, 1)
    assert recorded(cloud, "person:recovery:finished") == 1
    assert finish(counterparties, account, mobile, code="000000") == INVALID


@pytest.mark.promise("B6.1")
def test_an_account_that_is_not_verified_comes_back_by_its_own_number(counterparties, hands):
    who, mobile = enrol(counterparties), new_mobile()
    owner = citizen(counterparties, "李四", f"{who.mobile}")
    stranger = citizen(counterparties, "赵六")
    ask(counterparties, who.user_name, stranger, new_mobile())
    assert recovery_of(who.person_id) is None
    ask(counterparties, who.user_name, owner, mobile)
    after_the_wait(hands)
    assert finish(counterparties, who.user_name, mobile) == "done"
    assert try_in(mobile, NEXT) == "in"


QUEUES = ("withdrawals", "notices", "erasures", "community", "media", "exports")


@pytest.mark.promise("B6.2", "K2.2")
@pytest.mark.parametrize("matches", [True, False])
def test_neither_name_nor_number_is_left_anywhere_after_the_result(counterparties, cloud, hands, capsys, matches):
    who, mobile = enrol(counterparties), new_mobile()
    said = citizen(counterparties, "欧阳有辞", who.mobile if matches else "")
    ask(counterparties, who.user_name, said, mobile)
    assert (recovery_of(who.person_id) is not None) == matches
    waiting = [message["Body"] for message in cloud.messages("withdrawals")]
    for body in waiting:
        assert deliver(jobs.apply_withdrawal, body) == []
    after_the_wait(hands)
    assert finish(counterparties, who.user_name, mobile) == ("done" if matches else NOT_OPEN)
    told_by_queues = [message["Body"] for queue in QUEUES for message in cloud.messages(queue)]
    left = raw(cloud) + "".join([*waiting, *told_by_queues, capsys.readouterr().out]).encode()
    assert who.person_id.encode() in left
    assert mobile.encode() not in left
    for trace in (said.name, said.number, blind("identity", said.number), said.name.encode("unicode-escape").decode()):
        assert trace.encode() not in left
    assert get(*own_verification(who.person_id)) is None


@pytest.mark.promise("B6.2", "K1.2")
def test_what_nobody_finishes_is_over_and_goes(who, known, counterparties, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    after_the_wait(hands)
    hands.by(days=6)
    tick(sweep_retention)
    assert recovery_of(who.person_id) is not None
    hands.by(days=1)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN
    tick(sweep_retention)
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.4", "I2.3")
def test_the_old_number_and_the_inbox_are_told_once(who, known, counterparties, cloud):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    tell(cloud)
    tell(cloud)
    assert len(texts(counterparties, who.mobile)) == 1
    assert texts(counterparties, mobile) == []
    assert told(cloud, "recovery_begun") == 1


@pytest.mark.promise("B6.4")
@pytest.mark.parametrize("how", ["session", "code"])
def test_the_owner_stops_it(who, known, counterparties, cloud, hands, how):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=70)
    if how == "session":
        recovered.stop_own(caller(who, clock.now(), purpose="account.security"))
    else:
        assert stop(counterparties, who.mobile) == "done"
    after_the_wait(hands)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN
    assert try_in(who.user_name) == "in"
    assert told(cloud, "recovery_stopped") == 1


@pytest.mark.promise("B6.4")
def test_of_two_who_both_match_neither_gets_it(who, known, counterparties, cloud, hands):
    first, second = new_mobile(), new_mobile()
    ask(counterparties, who.user_name, known, first)
    tell(cloud)
    hands.by(hours=1)
    ask(counterparties, who.user_name, known, second)
    tell(cloud)
    assert len(texts(counterparties, who.mobile)) == 2
    after_the_wait(hands)
    assert finish(counterparties, who.user_name, first) == NOT_OPEN
    assert finish(counterparties, who.user_name, second) == NOT_OPEN


def test_asking_again_for_the_same_number_keeps_the_wait(who, known, counterparties, cloud, hands):
    mobile = new_mobile()
    first = ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=70)
    assert ask(counterparties, who.user_name, known, mobile) == first
    tell(cloud)
    assert told(cloud, "recovery_begun") == 1
    hands.by(hours=2, seconds=1)
    assert finish(counterparties, who.user_name, mobile) == "done"


@pytest.mark.promise("B6.4")
def test_an_owner_who_ends_all_sessions_has_ended_it(who, known, counterparties, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    code = code_now(counterparties, who.mobile, "reset_password")
    asked = by_code.ResetPassword(mobile=who.mobile, code=code, new_password="春江潮水连海平 3")
    assert outcome(by_code.reset_password, now_guest(), asked) == "done"
    after_the_wait(hands)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN


@pytest.mark.promise("B6.1")
def test_a_name_changed_by_law_does_no_harm(who, known, counterparties):
    now_called = Citizen("王大明", known.number)
    counterparties.control("POST", "/identity/citizens", {**now_called._asdict(), "mobiles": []})
    ask(counterparties, who.user_name, now_called, new_mobile())
    assert recovery_of(who.person_id) is not None
