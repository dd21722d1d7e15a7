"""What becomes of bindings when consent goes or the person leaves: once, however often, and Apple hears of it."""

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.service import bindings
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.gateways.errors import ProviderUnavailable
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.planner import traverse
from chalicelib.foundation.store.write import commit, update
from chalicelib.rights import rules
from chalicelib.rights.service import erasure
from tests.support.accounts import Member, caller, enrol
from tests.support.bindings import agree, bind_apple, bind_wechat, come_by_apple
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import deliver
from tests.support.leaving import HOUR, Left, leave, traces
from tests.support.lives import system_call
from tests.support.people import Someone


@pytest.fixture
def who(counterparties: Counterparties, cloud: TestCloud) -> Member:
    """Give a member with both bound, and nothing waiting."""
    member = enrol(counterparties)
    for purpose, bind in (("account.wechat", bind_wechat), ("account.apple", bind_apple)):
        agree(member, purpose)
        bind(counterparties, member, "anna")
    cloud.messages("withdrawals")
    return member


def waiting(cloud: TestCloud) -> list[str]:
    return [message["Body"] for message in cloud.messages("withdrawals")]


def left_at_apple(counterparties: Counterparties) -> int:
    return len(counterparties.control("GET", "/state")["apple_tokens"])


def kept(cloud: TestCloud) -> list[str]:
    found = [item["kind"]["S"] for item in cloud.items("people")]
    return sorted(kind for kind in found if kind.startswith(("wechat_", "apple_")))


def bound(who: Member) -> list[str]:
    return [one.provider for one in bindings.list_bindings(caller(who)).data]


def standing(who: Member, *actions) -> None:
    commit([update((StandingRow, who.person_id, access.SK), list(actions))])


@pytest.mark.promise("B4.2", "J6.1")
def test_a_withdrawal_cuts_its_binding_once_and_no_other(who: Member, cloud: TestCloud) -> None:
    withdraw_consent(caller(who), "account.wechat")
    bodies = waiting(cloud)
    for _ in range(2):
        assert deliver(jobs.apply_withdrawal, *bodies) == []
    assert bound(who) == ["apple"]
    assert kept(cloud) == ["apple_binding", "apple_guard"]
    actions = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    assert actions.count("system:wechat:unbound") == 1


@pytest.mark.promise("B4.2", "J6.1")
def test_a_withdrawal_ends_the_authorization_at_apple(
    who: Member, cloud: TestCloud, counterparties: Counterparties
) -> None:
    withdraw_consent(caller(who), "account.apple")
    assert deliver(jobs.apply_withdrawal, *waiting(cloud)) == []
    assert kept(cloud) == ["apple_revocation", "wechat_binding", "wechat_guard", "wechat_guard"]
    assert left_at_apple(counterparties) == 1
    bodies = waiting(cloud)
    for _ in range(2):
        assert deliver(jobs.apply_withdrawal, *bodies) == []
    assert left_at_apple(counterparties) == 0
    assert kept(cloud) == ["wechat_binding", "wechat_guard", "wechat_guard"]


def test_what_was_bound_after_agreeing_anew_stays(
    who: Member, cloud: TestCloud, counterparties: Counterparties, hands: Hands
) -> None:
    withdraw_consent(caller(who), "account.apple")
    bodies = waiting(cloud)
    bindings.unbind_provider(caller(who), "apple")
    hands.by(seconds=2)
    agree(who, "account.apple")
    bind_apple(counterparties, who, "anna")
    assert deliver(jobs.apply_withdrawal, *bodies) == []
    assert sorted(bound(who)) == ["apple", "wechat"]
    assert come_by_apple(counterparties, "anna").person_id == who.person_id


def test_what_was_bound_before_goes_even_if_it_was_agreed_to_anew(who: Member, cloud: TestCloud) -> None:
    write = outbox.announce(caller(who), "withdrawals", ConsentWithdrawn(purpose="account.wechat"))
    commit([write])
    assert write.message is not None
    assert deliver(jobs.apply_withdrawal, write.message.body.decode()) == []
    assert bound(who) == ["apple"]


def test_somebody_frozen_has_withdrawn_all_the_same(
    who: Member, cloud: TestCloud, counterparties: Counterparties
) -> None:
    withdraw_consent(caller(who), "account.apple")
    standing(who, StandingRow.status.set(FROZEN))
    for _ in range(2):
        assert deliver(jobs.apply_withdrawal, *waiting(cloud)) == []
    assert left_at_apple(counterparties) == 0


@pytest.mark.promise("B4.2")
def test_apple_is_asked_again_until_it_answers(who: Member, cloud: TestCloud, counterparties: Counterparties) -> None:
    bindings.unbind_provider(caller(who), "apple")
    bodies = waiting(cloud)
    counterparties.plan("apple.revoke", "error", times=2)
    assert deliver(jobs.apply_withdrawal, *bodies) == [0]
    assert kept(cloud)[0] == "apple_revocation"
    assert deliver(jobs.apply_withdrawal, *bodies) == []
    assert left_at_apple(counterparties) == 0
    assert kept(cloud) == ["wechat_binding", "wechat_guard", "wechat_guard"]


def test_an_authorization_that_apple_does_not_know_is_let_be(
    who: Member, cloud: TestCloud, counterparties: Counterparties
) -> None:
    bindings.unbind_provider(caller(who), "apple")
    counterparties.plan("apple.revoke", "garbage")
    assert deliver(jobs.apply_withdrawal, *waiting(cloud)) == []
    assert "apple_revocation" not in kept(cloud)


def leaving(who: Member) -> tuple[Someone, Left]:
    row = access.load(who.person_id)
    assert row is not None
    someone = Someone(who.person_id, who.session_id, "", dict(row.keys), access.reference(row))
    return someone, leave(someone)


@pytest.mark.promise("B4.2", "J3.2", "J7.4")
def test_whoever_leaves_leaves_nothing_behind_and_apple_is_told(
    who: Member, cloud: TestCloud, counterparties: Counterparties
) -> None:
    state = counterparties.control("GET", "/state")
    ids = (state["payers"]["anna"], state["apple_people"]["anna"])
    indexes = [i["pk"]["S"].partition("#")[2] for i in cloud.items("people") if i["kind"]["S"].endswith("_guard")]
    assert len(indexes) == 4
    someone, left = leaving(who)
    left.go_on()
    assert left.case().step == "done"
    assert traces(cloud, someone, *ids, *indexes) == []
    assert list(traverse(who.person_id)) == []
    assert left_at_apple(counterparties) == 0


@pytest.mark.promise("J7.4")
def test_an_erasure_waits_for_apple_an_hour_and_no_longer(
    who: Member, cloud: TestCloud, counterparties: Counterparties
) -> None:
    someone, left = leaving(who)
    counterparties.plan("apple.revoke", "error", times=100)
    with pytest.raises(ProviderUnavailable):
        left.go_on()
    assert left.case().step == "entrances"
    later = system_call(left.case().started_at + rules.APPLE_TRIED + rules.LOOK_AGAIN_WITHIN)
    erasure.erase(later, left.request_id, HOUR)
    assert left.case().step == "done"
    assert traces(cloud, someone) == []
