"""A withdrawal is applied once, however often it is delivered, killed or resumed; the rest stays."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.profile import SetResidence
from chalicelib.accounts.service import profile
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.write import commit, update
from tests.support.accounts import Member, caller, enrol
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import deliver

PURPOSE = "account.membership"


def standing(who: Member, *actions) -> None:
    commit([update((StandingRow, who.person_id, access.SK), list(actions))])


@pytest.fixture
def who(counterparties: Counterparties) -> Member:
    """Give a member who has agreed and filled in a residence."""
    member = enrol(counterparties, datetime.now(UTC))
    standing(member, StandingRow.consents.set({PURPOSE}))
    profile.set_residence(caller(member), SetResidence(residence="上海市"), 1)
    return member


def withdrawn(who: Member, purpose: str = PURPOSE) -> str:
    """Withdraw, and give the message as it goes on the queue."""
    standing(who, StandingRow.consents.remove())
    write = outbox.announce(caller(who), "withdrawals", ConsentWithdrawn(purpose=purpose))
    commit([write])
    assert write.message is not None
    return write.message.body.decode()


def residence(who: Member) -> str | None:
    return profile.show_profile(caller(who)).residence


def applied(cloud: TestCloud) -> int:
    actions = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    return actions.count("system:profile:withdrawn")


@pytest.mark.promise("B2.1", "J6.1")
def test_the_field_goes_and_the_rest_stays(who, cloud):
    before = profile.show_account(caller(who))
    assert deliver(jobs.apply_withdrawal, withdrawn(who)) == []
    assert residence(who) is None
    after = profile.show_account(caller(who))
    assert (after.user_name, after.mobile, after.opened_at) == (before.user_name, before.mobile, before.opened_at)
    assert applied(cloud) == 1


@pytest.mark.promise("J6.1")
def test_delivered_again_it_changes_nothing(who, cloud):
    body = withdrawn(who)
    assert deliver(jobs.apply_withdrawal, body, body) == []
    version = profile.show_profile(caller(who)).version
    assert deliver(jobs.apply_withdrawal, body) == []
    assert profile.show_profile(caller(who)).version == version
    assert applied(cloud) == 1


@pytest.mark.promise("J6.1")
def test_another_purpose_takes_nothing_that_is_still_agreed_to(who, cloud):
    body = withdrawn(who, "community.publish")
    standing(who, StandingRow.consents.set({PURPOSE}))
    assert deliver(jobs.apply_withdrawal, body) == []
    assert residence(who) == "上海市"
    assert applied(cloud) == 0


@pytest.mark.promise("J6.1")
def test_agreeing_anew_before_the_news_arrived_brings_nothing_back(who, cloud):
    body = withdrawn(who)
    standing(who, StandingRow.consents.set({PURPOSE}))
    assert deliver(jobs.apply_withdrawal, body, body) == []
    assert residence(who) is None
    assert applied(cloud) == 1
    assert "residence_at" not in next(item for item in cloud.items("people") if item["kind"]["S"] == "profile")


def test_what_is_filled_in_after_agreeing_anew_outlives_the_late_news_of_the_withdrawal(who, cloud, hands):
    body = withdrawn(who)
    standing(who, StandingRow.consents.set({PURPOSE}))
    hands.by(seconds=1)
    profile.set_residence(caller(who), SetResidence(residence="苏州市"), 2)
    assert deliver(jobs.apply_withdrawal, body) == []
    assert residence(who) == "苏州市"
    assert applied(cloud) == 0


@pytest.mark.promise("J6.1")
def test_from_the_withdrawal_on_the_field_is_shown_no_more(who, cloud):
    withdrawn(who)
    assert residence(who) is None
    assert applied(cloud) == 0


def test_poison_fails_alone(who):
    body = withdrawn(who)
    poison = ["", "null", "{", '{"id":"msg_x"}', body.replace("ConsentWithdrawn", "Other")]
    assert deliver(jobs.apply_withdrawal, *poison, body) == [0, 1, 2, 3, 4]
    assert residence(who) is None


@pytest.mark.promise("J6.1")
@pytest.mark.parametrize("epoch", [1, 2])
def test_whoever_is_frozen_meanwhile_has_withdrawn_all_the_same(who, cloud, epoch):
    body = withdrawn(who)
    standing(who, StandingRow.status.set(FROZEN), StandingRow.epoch.set(epoch))
    assert deliver(jobs.apply_withdrawal, body) == []
    assert applied(cloud) == 1
    standing(who, StandingRow.status.set(ACTIVE))
    assert residence(who) is None


def test_whoever_is_leaving_is_left_to_the_erasure(who, cloud):
    body = withdrawn(who)
    standing(who, StandingRow.status.set(CLOSING), StandingRow.epoch.set(2))
    assert deliver(jobs.apply_withdrawal, body) == []
    assert applied(cloud) == 0


@pytest.mark.promise("J6.1")
def test_the_message_carries_ids_only(who):
    envelope = json.loads(withdrawn(who))
    assert envelope["body"] == {"purpose": PURPOSE}
    assert who.person_id not in str(envelope)
