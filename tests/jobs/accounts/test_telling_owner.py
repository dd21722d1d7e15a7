"""The owner of an account that is asked for is told by a job: once, frozen too, and nobody else is."""

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.tables.recovery import recovery_of
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.planner import plan, read, traverse
from tests.support.accounts import Member, caller, new_mobile
from tests.support.edges import deliver
from tests.support.identities import Citizen, citizen
from tests.support.recovery import ask, texts, verified
from tests.support.ways_in import told


@pytest.fixture
def known(counterparties) -> Citizen:
    return citizen(counterparties)


@pytest.fixture
def who(counterparties, known, hands) -> Member:
    member = verified(counterparties, known)
    hands.by(minutes=2)
    return member


def waiting(cloud) -> list[str]:
    return [message["Body"] for message in cloud.messages("withdrawals")]


@pytest.mark.promise("B6.4")
def test_however_often_it_comes_the_owner_is_told_once(who, known, counterparties, cloud):
    ask(counterparties, who.user_name, known, new_mobile())
    (body,) = waiting(cloud)
    for _ in range(3):
        assert deliver(jobs.apply_withdrawal, body) == []
    assert (len(texts(counterparties, who.mobile)), told(cloud, "recovery_begun")) == (1, 1)
    assert recovery_of(who.person_id).told_at is not None


@pytest.mark.promise("B6.4")
def test_whoever_froze_the_account_is_told_too(who, known, counterparties, cloud):
    row = access.load(who.person_id)
    access.commit(caller(who), [access.freeze(row, "owner", clock.now(), otherwise=Busy)], legal_ground="freeze")
    ask(counterparties, who.user_name, known, new_mobile())
    (body,) = waiting(cloud)
    assert deliver(jobs.apply_withdrawal, body) == []
    assert len(texts(counterparties, who.mobile)) == 1


@pytest.mark.promise("B6.4")
def test_a_provider_that_is_away_leaves_the_inbox(who, known, counterparties, cloud):
    ask(counterparties, who.user_name, known, new_mobile())
    (body,) = waiting(cloud)
    counterparties.plan("sms.SendSms", "throttle")
    assert deliver(jobs.apply_withdrawal, body) == []
    assert told(cloud, "recovery_begun") == 1


@pytest.mark.promise("B6.3")
def test_a_message_of_nobodys_says_nothing_of_anybody(who, counterparties, cloud):
    ask(counterparties, who.user_name, citizen(counterparties, "钱七"), new_mobile())
    (body,) = waiting(cloud)
    assert who.person_id not in body
    assert deliver(jobs.apply_withdrawal, body) == []
    assert texts(counterparties, who.mobile) == []


@pytest.mark.promise("J2.1", "J7.2")
def test_a_copy_shows_a_recovery_and_the_plan_erases_it(who, known, counterparties):
    ask(counterparties, who.user_name, known, new_mobile())
    shown = {row.row_kind: values_of(row) for row in read(traverse(who.person_id))}
    assert "ready_at" in shown["recovery"]
    lines, _ = plan(who.person_id, caller(who).now)
    assert [line.verb for line in lines if line.kind == "recovery"] == ["delete"]
