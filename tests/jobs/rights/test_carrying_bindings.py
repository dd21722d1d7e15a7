"""WeChat and Apple accounts in a merge: they log in to the account that stays where it agreed, or end as was said."""

import pytest

from chalicelib.accounts.errors import BoundElsewhere, NotBound
from chalicelib.accounts.rules.bindings import PURPOSES
from chalicelib.accounts.service import bindings
from chalicelib.accounts.tables.bindings import binding_of
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountClosing
from chalicelib.rights.contracts import MergeAccounts
from chalicelib.rights.errors import MergePlanChanged
from chalicelib.rights.service import carrying, export, merging
from tests.support.accounts import Member, caller, enrol
from tests.support.bindings import BY, agree, agreeing, events, listed
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.killing import MOMENTS, Killed, Moment, changes_something, killed_at
from tests.support.leaving import leave, traces
from tests.support.merging import finish
from tests.support.people import Someone
from tests.support.permissions import running

BOTH = tuple(BY)


class Pair:
    """One person's two accounts; the one that goes has something bound."""

    def __init__(self, counterparties: Counterparties, provider: str, *, agreed: bool = True) -> None:
        self.world, self.provider = counterparties, provider
        self.stays = agreeing(counterparties) if agreed else enrol(counterparties)
        self.goes = agreeing(counterparties)
        BY[provider][0](counterparties, self.goes, "anna")

    def seen(self) -> dict[str, str]:
        """See in the preview what becomes of bindings."""
        told = merging.preview_merge(caller(self.stays), self.goes.tokens["access_token"])
        return {one.provider: one.outcome for one in told.bindings}

    def merge(self, plan_hash: str = "") -> str:
        """Begin to merge, as previewed."""
        call, token = caller(self.stays), self.goes.tokens["access_token"]
        plan_hash = plan_hash or merging.preview_merge(call, token).plan_hash
        return merging.merge_accounts(call, MergeAccounts(other_token=token, plan_hash=plan_hash)).request_id

    def who_comes(self, person: str = "anna") -> str:
        """Come in by the bound account."""
        return str(BY[self.provider][1](self.world, person).person_id)


def someone(member: Member) -> Someone:
    row = access.load(member.person_id)
    assert row is not None
    return Someone(member.person_id, member.session_id, "", dict(row.keys), access.reference(row))


@pytest.mark.promise("A5", "B4.6")
@pytest.mark.parametrize("provider", BOTH)
def test_whoever_comes_by_what_was_bound_to_the_other_is_in_the_account_that_stays(
    counterparties: Counterparties, cloud: TestCloud, provider: str
):
    pair = Pair(counterparties, provider)
    assert pair.seen() == {provider: "moves"}
    lines = {
        line.kind: line.outcome
        for line in merging.preview_merge(caller(pair.stays), pair.goes.tokens["access_token"]).lines
    }
    assert lines[f"{provider}_binding"] == "moves"
    request_id = pair.merge()
    with pytest.raises(AccountClosing):
        pair.who_comes()
    finish(request_id)
    assert pair.who_comes() == pair.stays.person_id
    assert listed(pair.stays) == [(provider, "app")]
    assert events(cloud, "moved") == [f"system:{provider}:moved"] * 2
    assert traces(cloud, someone_gone(pair.goes)) == []


def someone_gone(member: Member) -> Someone:
    return Someone(member.person_id, "", "", {"main": "key_none", "cases": "key_none"}, "")


@pytest.mark.promise("A4.1", "B4.6")
@pytest.mark.parametrize("provider", BOTH)
def test_where_the_account_that_stays_never_agreed_the_binding_ends_and_the_preview_says_so(
    counterparties: Counterparties, cloud: TestCloud, provider: str
):
    pair = Pair(counterparties, provider, agreed=False)
    assert pair.seen() == {provider: "not_agreed"}
    finish(pair.merge())
    with pytest.raises(NotBound):
        pair.who_comes()
    assert listed(pair.stays) == []
    agree(pair.stays, PURPOSES[provider])
    BY[provider][0](counterparties, pair.stays, "anna")
    assert pair.who_comes() == pair.stays.person_id


@pytest.mark.promise("B4.6")
@pytest.mark.parametrize("provider", BOTH)
def test_an_account_with_a_binding_of_its_own_keeps_that(
    counterparties: Counterparties, cloud: TestCloud, provider: str
):
    pair = Pair(counterparties, provider)
    BY[provider][0](counterparties, pair.stays, "ben")
    assert pair.seen() == {provider: "has_own"}
    finish(pair.merge())
    assert pair.who_comes("ben") == pair.stays.person_id
    with pytest.raises(NotBound):
        pair.who_comes("anna")
    assert len([item for item in cloud.items("people") if item["kind"]["S"] == f"{provider}_binding"]) == 1


@pytest.mark.promise("B4.5", "B4.6")
def test_a_plan_in_which_a_binding_would_end_is_not_one_in_which_it_moves(
    counterparties: Counterparties, cloud: TestCloud
):
    pair = Pair(counterparties, "wechat", agreed=False)
    seen = merging.preview_merge(caller(pair.stays), pair.goes.tokens["access_token"]).plan_hash
    agree(pair.stays, "account.wechat")
    with pytest.raises(MergePlanChanged):
        pair.merge(seen)


@pytest.mark.promise("A4.1", "B4.6", "J6.1")
@pytest.mark.parametrize("whose", ["stays", "goes"])
def test_a_withdrawal_before_it_moved_keeps_it_from_moving(
    counterparties: Counterparties, cloud: TestCloud, whose: str
):
    pair = Pair(counterparties, "wechat")
    if whose == "goes":
        withdraw_consent(caller(pair.goes), "account.wechat")
        assert pair.seen() == {"wechat": "not_agreed"}
        finish(pair.merge())
    else:
        request_id = pair.merge()
        withdraw_consent(caller(pair.stays), "account.wechat")
        finish(request_id)
    assert listed(pair.stays) == []
    with pytest.raises(NotBound):
        pair.who_comes()


@pytest.mark.promise("A4.1", "B4.6")
def test_a_withdrawal_at_the_very_moment_of_moving_wins(
    counterparties: Counterparties, cloud: TestCloud, monkeypatch: pytest.MonkeyPatch
):
    pair, true_commit = Pair(counterparties, "wechat"), carrying.commit
    request_id = pair.merge()

    def late(call, writes, **named):  # type: ignore[no-untyped-def]
        if any(write.row.row_kind == "wechat_guard" for write in writes):
            monkeypatch.setattr(carrying, "commit", true_commit)
            with running("api_handler"):
                withdraw_consent(caller(pair.stays), "account.wechat")
        true_commit(call, writes, **named)

    monkeypatch.setattr(carrying, "commit", late)
    finish(request_id)
    assert listed(pair.stays) == []


@pytest.mark.promise("B4.6")
def test_what_is_bound_here_meanwhile_stays_bound(counterparties: Counterparties, cloud: TestCloud):
    pair = Pair(counterparties, "wechat")
    request_id = pair.merge()
    with pytest.raises(BoundElsewhere):
        BY["wechat"][0](counterparties, pair.stays, "anna")
    BY["wechat"][0](counterparties, pair.stays, "ben")
    finish(request_id)
    assert pair.who_comes("ben") == pair.stays.person_id
    with pytest.raises(NotBound):
        pair.who_comes("anna")


@pytest.mark.promise("B4.2", "B4.6", "J2.1", "J3.2")
@pytest.mark.parametrize("provider", BOTH)
def test_what_moved_is_bound_to_nobody_else_shown_in_a_copy_and_can_be_cut(
    counterparties: Counterparties, cloud: TestCloud, provider: str
):
    pair = Pair(counterparties, provider)
    finish(pair.merge())
    third = agreeing(counterparties)
    with pytest.raises(BoundElsewhere):
        BY[provider][0](counterparties, third, "anna")
    row = binding_of(pair.stays.person_id, provider)
    assert row is not None
    sealed = row.openid if provider == "wechat" else row.subject  # type: ignore[attr-defined]
    assert any(sealed.reveal().encode() in content for _, content in export._files(caller(pair.stays)))
    bindings.unbind_provider(caller(pair.stays), provider)  # type: ignore[arg-type]
    with pytest.raises(NotBound):
        pair.who_comes()
    BY[provider][0](counterparties, third, "anna")
    assert pair.who_comes() == third.person_id


@pytest.mark.promise("B4.6", "J3.2")
@pytest.mark.parametrize("provider", BOTH)
def test_what_moved_goes_with_the_account_that_stays(counterparties: Counterparties, cloud: TestCloud, provider: str):
    pair = Pair(counterparties, provider)
    finish(pair.merge())
    who = someone(pair.stays)
    leave(who).finish()
    assert traces(cloud, who) == []
    assert [item for item in cloud.items("people") if item["kind"]["S"].startswith(provider)] == []


@pytest.mark.promise("B4.6")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_killed_at_the_move_leaves_the_identity_with_one_of_the_two(
    counterparties: Counterparties, cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, moment: Moment
):
    pair, true_commit = Pair(counterparties, "wechat"), carrying.commit
    request_id = pair.merge()

    def dying(call, writes, **named):  # type: ignore[no-untyped-def]
        last = any(write.row.row_kind == "wechat_guard" for write in writes)
        with killed_at(1 if last else 0, moment, changes_something):
            true_commit(call, writes, **named)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "commit", dying)
        with pytest.raises(Killed):
            finish(request_id)
    guards = {item["person_id"]["S"] for item in cloud.items("people") if item["kind"]["S"] == "wechat_guard"}
    assert guards == {pair.goes.person_id if moment == "before" else pair.stays.person_id}
    finish(request_id)
    assert pair.who_comes() == pair.stays.person_id
