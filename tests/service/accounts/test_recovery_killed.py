"""A process that ends while an account is asked for, or while its owner is told."""

from contextlib import suppress

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.tables.recovery import recovery_of
from tests.support.accounts import new_mobile
from tests.support.edges import deliver
from tests.support.identities import citizen
from tests.support.killing import MOMENTS, Killed, changes_something, killed_at
from tests.support.recovery import ask, code_now, finish, tell, texts, verified
from tests.support.ways_in import told


@pytest.mark.promise("B6.1", "B6.4")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_asking_waits_or_does_not_and_asking_again_makes_it_whole(counterparties, cloud, hands, moment):
    ends = []
    for number in range(1, 30):
        known = citizen(counterparties)
        who, mobile = verified(counterparties, known), new_mobile()
        hands.by(minutes=2)
        code = code_now(counterparties, mobile)
        with suppress(Killed), killed_at(number, moment, changes_something) as came_to_it:
            ask(counterparties, who.user_name, known, mobile, code=code)
        ends.append(recovery_of(who.person_id) is not None)
        hands.by(minutes=2)
        ask(counterparties, who.user_name, known, mobile)
        row = recovery_of(who.person_id)
        assert row is not None
        assert not row.contested
        before = told(cloud, "recovery_begun")
        tell(cloud)
        tell(cloud)
        assert (told(cloud, "recovery_begun") - before, len(texts(counterparties, who.mobile))) == (1, 1)
        if not came_to_it():
            break
    assert len(ends) > 5, ends
    assert (ends[0], ends[-1]) == (False, True)
    assert sorted(ends) == ends, "what comes after the one transaction undoes nothing"


@pytest.mark.promise("B6.4")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_telling_is_told_by_the_next_delivery_and_once(counterparties, cloud, hands, moment):
    texted = []
    for number in range(1, 20):
        known = citizen(counterparties)
        who, mobile = verified(counterparties, known), new_mobile()
        hands.by(minutes=2)
        ask(counterparties, who.user_name, known, mobile)
        bodies = [message["Body"] for message in cloud.messages("withdrawals")]
        (body,) = [one for one in bodies if '"RecoveryAsked"' in one]
        before = told(cloud, "recovery_begun")
        with suppress(Killed), killed_at(number, moment, changes_something) as came_to_it:
            deliver(jobs.apply_withdrawal, body)
        hands.by(minutes=2)
        assert deliver(jobs.apply_withdrawal, body) == []
        assert deliver(jobs.apply_withdrawal, body) == []
        assert told(cloud, "recovery_begun") - before == 1
        texted.append(len(texts(counterparties, who.mobile)))
        assert recovery_of(who.person_id).told_at is not None
        if not came_to_it():
            break
    assert len(texted) > 2
    assert set(texted) <= {0, 1}, "never twice; the inbox has it where the process ended before the text message"
    hands.by(hours=73)
    assert finish(counterparties, who.user_name, mobile) == "done"
