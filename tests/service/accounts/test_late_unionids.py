"""A unionid that WeChat tells after the binding is kept at the next log-in, and never taken from another account."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.accounts.errors import NotBound
from chalicelib.accounts.service import bindings, identities
from chalicelib.accounts.tables.bindings import WechatBindingRow, binding_of
from chalicelib.consent.service import withdraw_consent
from tests.support.accounts import Member, caller
from tests.support.bindings import agreeing, bind_wechat, come_by_wechat
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties

HERE, THERE, UNION = "o" + "a" * 27, "o" + "b" * 27, "u" + "1" * 27
Says = Callable[[str, str | None], None]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """Have WeChat say who a code belongs to; the code is asked for all the same."""
    honest = identities.wechat.code_to_session

    def say(openid: str, unionid: str | None) -> None:
        def answer(code: str, **how: Any) -> Any:
            return type(honest(code, **how))(openid, unionid)

        monkeypatch.setattr("chalicelib.accounts.service.identities.wechat.code_to_session", answer)

    return say


@pytest.fixture
def who(counterparties: Counterparties, says: Says) -> Member:
    """Give a member who bound WeChat before it told a unionid."""
    member = agreeing(counterparties)
    says(HERE, None)
    bind_wechat(counterparties, member, "anna")
    return member


def kept(who: Member) -> str | None:
    row = binding_of(who.person_id, "wechat")
    assert isinstance(row, WechatBindingRow)
    return None if row.unionid is None else row.unionid.reveal()


def guards(cloud: TestCloud) -> list[str]:
    return [item["person_id"]["S"] for item in cloud.items("people") if item["kind"]["S"] == "wechat_guard"]


@pytest.mark.promise("A5", "B4.1")
def test_another_app_finds_the_account_once_a_log_in_told_the_unionid(who, says, counterparties, cloud):
    says(THERE, UNION)
    with pytest.raises(NotBound):
        come_by_wechat(counterparties, "anna")
    says(HERE, UNION)
    assert come_by_wechat(counterparties, "anna").merge_at is None
    assert (kept(who), guards(cloud)) == (UNION, [who.person_id] * 2)
    says(THERE, UNION)
    assert come_by_wechat(counterparties, "anna").person_id == who.person_id
    stored = str(cloud.items("people"))
    assert UNION not in stored


@pytest.mark.promise("B4.2", "J6.1")
def test_it_goes_with_the_binding(who, says, counterparties, cloud):
    says(HERE, UNION)
    come_by_wechat(counterparties, "anna")
    bindings.unbind_provider(caller(who, purpose="account.security"), "wechat")
    assert guards(cloud) == []
    with pytest.raises(NotBound):
        come_by_wechat(counterparties, "anna")


@pytest.mark.promise("A5", "B4.1", "K4.4")
def test_of_two_accounts_both_stay_and_the_answer_says_where_to_merge(who, says, counterparties, cloud):
    other = agreeing(counterparties)
    says(THERE, UNION)
    bind_wechat(counterparties, other, "anna")
    says(HERE, UNION)
    before = sorted(guards(cloud))
    view = come_by_wechat(counterparties, "anna")
    assert (view.person_id, view.merge_at) == (who.person_id, "/v1/merges")
    assert other.person_id not in str(view)
    assert (kept(who), sorted(guards(cloud))) == (None, before)
    says(THERE, UNION)
    view = come_by_wechat(counterparties, "anna")
    assert (view.person_id, view.merge_at) == (other.person_id, None)


@pytest.mark.promise("J6.1")
def test_nothing_is_learned_where_consent_was_withdrawn(who, says, counterparties, cloud):
    withdraw_consent(caller(who), "account.wechat")
    says(HERE, UNION)
    with pytest.raises(NotBound):
        come_by_wechat(counterparties, "anna")
    assert len(guards(cloud)) == 1


def test_of_many_log_ins_at_once_each_comes_in_and_one_guard_stands(who, says, counterparties, cloud):
    says(HERE, UNION)
    came: list[str] = []
    threads = [
        threading.Thread(target=lambda: came.append(come_by_wechat(counterparties, "anna").person_id)) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [who.person_id] * 5
    assert (kept(who), len(guards(cloud))) == (UNION, 2)
