"""WeChat and Apple accounts: bound after separate consent, found again by log-ins, cut."""

import threading
from typing import Any

import pytest

from chalicelib.accounts.contracts.bindings import BindWechat
from chalicelib.accounts.errors import BindingExists, BoundElsewhere, LastWayIn, NotBound
from chalicelib.accounts.service import bindings
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountFrozen
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.write import commit, delete, update
from tests.support.accounts import Member, caller
from tests.support.bindings import (
    BY,
    agreeing,
    bind_apple,
    bind_wechat,
    come_by_wechat,
    events,
    listed,
)
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.passwords import logins


@pytest.fixture
def who(counterparties: Counterparties) -> Member:
    """Give a member who has agreed to both."""
    return agreeing(counterparties)


def standing(member: Member, *actions: Any) -> None:
    commit([update((StandingRow, member.person_id, access.SK), list(actions))])


def kinds(cloud: TestCloud) -> list[str]:
    kept = [i["kind"]["S"] for i in cloud.items("people") if "guard" in i["kind"]["S"] + i["pk"]["S"]]
    return sorted(kind for kind in kept if kind != "name_guard")


def noticed(cloud: TestCloud) -> set[str]:
    bodies = [item["body"]["S"] for item in cloud.items("outbox")]
    names = {f"{p}_{what}" for p in BY for what in ("bound", "unbound")}
    return {name for name in names for body in bodies if f'"{name}"' in body}


@pytest.mark.promise("A5", "B4.1", "B4.3")
@pytest.mark.parametrize("provider", BY)
def test_what_is_bound_logs_in_and_is_listed(
    counterparties: Counterparties, cloud: TestCloud, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    with pytest.raises(NotBound):
        come(counterparties, "anna")
    bind(counterparties, who, "anna", channel="wxmp")
    assert come(counterparties, "anna").person_id == who.person_id
    with pytest.raises(NotBound):
        come(counterparties, "ben")
    assert listed(who) == [(provider, "wxmp")]
    assert events(cloud, "bound") == [f"person:{provider}:bound"]
    assert noticed(cloud) == {f"{provider}_bound"}


@pytest.mark.promise("A4.1", "B4.1")
@pytest.mark.parametrize("provider", BY)
def test_without_consent_nothing_is_bound(
    counterparties: Counterparties, cloud: TestCloud, who: Member, provider: str
) -> None:
    withdraw_consent(caller(who), f"account.{provider}")
    with pytest.raises(ConsentRequired):
        BY[provider][0](counterparties, who)
    assert listed(who) == []
    assert kinds(cloud) == []


@pytest.mark.promise("A4.1")
def test_consent_withdrawn_while_wechat_answers_binds_nothing(
    counterparties: Counterparties, cloud: TestCloud, who: Member
) -> None:
    call = caller(who, purpose="account.wechat")
    withdraw_consent(caller(who), "account.wechat")
    with pytest.raises(ConsentRequired):
        bindings.bind_wechat(call, BindWechat(code=counterparties.login_code("anna")))
    assert kinds(cloud) == []


@pytest.mark.parametrize("provider", BY)
def test_what_is_bound_elsewhere_is_said_to_be_and_not_whose(
    counterparties: Counterparties, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    bind(counterparties, who, "anna")
    other = agreeing(counterparties)
    with pytest.raises(BoundElsewhere) as refused:
        bind(counterparties, other, "anna")
    assert refused.value.errors == ()
    assert listed(other) == []
    assert come(counterparties, "anna").person_id == who.person_id


@pytest.mark.parametrize("provider", BY)
def test_the_same_again_changes_nothing_and_another_has_to_wait(
    counterparties: Counterparties, cloud: TestCloud, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    first = bind(counterparties, who, "anna")
    assert bind(counterparties, who, "anna") == first
    with pytest.raises(BindingExists):
        bind(counterparties, who, "ben")
    assert len(events(cloud, "bound")) == 1
    with pytest.raises(NotBound):
        come(counterparties, "ben")


@pytest.mark.parametrize("provider", BY)
def test_of_many_at_once_one_binds(counterparties: Counterparties, cloud: TestCloud, provider: str) -> None:
    members = [agreeing(counterparties) for _ in range(3)]
    outcomes: list[str] = []

    def attempt(member: Member) -> None:
        try:
            BY[provider][0](counterparties, member, "anna")
            outcomes.append("bound")
        except BoundElsewhere:
            outcomes.append("elsewhere")

    threads = [threading.Thread(target=attempt, args=(member,)) for member in [*members, members[0]]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holders = [member for member in members if listed(member)]
    assert len(holders) == 1
    assert len(events(cloud, "bound")) == 1
    assert set(outcomes) == {"bound", "elsewhere"}
    assert BY[provider][1](counterparties, "anna").person_id == holders[0].person_id


@pytest.mark.promise("B4.2", "B4.3")
@pytest.mark.parametrize("provider", BY)
def test_what_is_cut_logs_in_no_more_and_can_be_bound_anew(
    counterparties: Counterparties, cloud: TestCloud, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    bind(counterparties, who, "anna")
    bindings.unbind_provider(caller(who), provider)
    with pytest.raises(NotBound):
        come(counterparties, "anna")
    assert listed(who) == []
    assert kinds(cloud) == []
    assert events(cloud, "unbound") == [f"person:{provider}:unbound"]
    assert noticed(cloud) == {f"{provider}_bound", f"{provider}_unbound"}
    with pytest.raises(NotFound):
        bindings.unbind_provider(caller(who), provider)
    other = agreeing(counterparties)
    bind(counterparties, other, "anna")
    assert come(counterparties, "anna").person_id == other.person_id


@pytest.mark.promise("B4.2")
def test_the_last_way_in_is_not_cut(counterparties: Counterparties, who: Member) -> None:
    bind_wechat(counterparties, who, "anna")
    bind_apple(counterparties, who, "anna")
    commit([delete(row) for row in logins(who)])
    bindings.unbind_provider(caller(who), "apple")
    with pytest.raises(LastWayIn):
        bindings.unbind_provider(caller(who), "wechat")
    assert come_by_wechat(counterparties, "anna").person_id == who.person_id


@pytest.mark.promise("J6.1")
@pytest.mark.parametrize("provider", BY)
def test_withdrawn_consent_keeps_out_at_once_before_any_job_ran(
    counterparties: Counterparties, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    bind(counterparties, who, "anna")
    withdraw_consent(caller(who), f"account.{provider}")
    with pytest.raises(NotBound):
        come(counterparties, "anna")


@pytest.mark.parametrize("provider", BY)
def test_a_frozen_account_is_told_so_to_whom_it_is_bound(
    counterparties: Counterparties, who: Member, provider: str
) -> None:
    bind, come = BY[provider]
    bind(counterparties, who, "anna")
    standing(who, StandingRow.status.set(FROZEN))
    with pytest.raises(AccountFrozen):
        come(counterparties, "anna")


@pytest.mark.promise("A5")
def test_another_app_of_ours_finds_the_account_by_unionid(
    counterparties: Counterparties, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind_wechat(counterparties, who, "anna")
    honest = bindings.at_wechat.__globals__["wechat"].code_to_session
    openid = "o" + "x" * 27

    def elsewhere(code: str, **how: Any) -> Any:
        payer = honest(code, **how)
        return type(payer)(openid, payer.unionid)

    monkeypatch.setattr("chalicelib.accounts.service.identities.wechat.code_to_session", elsewhere)
    assert come_by_wechat(counterparties, "anna").person_id == who.person_id
