"""WeChat and Apple accounts: bound after separate consent, found again by log-ins, cut."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.accounts.contracts.bindings import BindWechat
from chalicelib.accounts.errors import BindingExists, BoundElsewhere, LastWayIn, NotBound
from chalicelib.accounts.service import bindings
from chalicelib.accounts.tables.bindings import AppleBindingRow, binding_of
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.gateways.errors import (
    AppleCodeInvalid,
    CodeInvalid,
    DisclosureRefused,
    ProviderRefused,
    ProviderUnavailable,
)
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountFrozen
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.planner import read, traverse
from chalicelib.foundation.store.write import commit, delete, update
from tests.support.accounts import Member, caller, enrol
from tests.support.bindings import (
    NONCE,
    agree,
    bind_apple,
    bind_wechat,
    come_by_apple,
    come_by_wechat,
)
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.passwords import logins

BY = {"wechat": (bind_wechat, come_by_wechat), "apple": (bind_apple, come_by_apple)}


@pytest.fixture
def who(counterparties: Counterparties) -> Member:
    """Give a member who has agreed to both."""
    return agreeing(counterparties)


def agreeing(counterparties: Counterparties) -> Member:
    member = enrol(counterparties)
    for purpose in ("account.wechat", "account.apple"):
        agree(member, purpose)
    return member


def standing(member: Member, *actions: Any) -> None:
    commit([update((StandingRow, member.person_id, access.SK), list(actions))])


def listed(member: Member) -> list[tuple[str, str]]:
    return [(one.provider, one.channel) for one in bindings.list_bindings(caller(member)).data]


def apple_binding(member: Member) -> AppleBindingRow:
    row = binding_of(member.person_id, "apple")
    assert isinstance(row, AppleBindingRow)
    return row


def kinds(cloud: TestCloud) -> list[str]:
    return sorted(i["kind"]["S"] for i in cloud.items("people") if "guard" in i["kind"]["S"] + i["pk"]["S"])


def events(cloud: TestCloud, *names: str) -> list[str]:
    found = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    return [action for action in found if action.split(":")[-1] in names]


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
    with pytest.raises((ConsentRequired, DisclosureRefused)):
        BY[provider][0](counterparties, who)
    assert listed(who) == []
    assert kinds(cloud) == []


@pytest.mark.promise("K3.3")
def test_without_consent_nothing_goes_to_apple(counterparties: Counterparties, who: Member) -> None:
    withdraw_consent(caller(who), "account.apple")
    with pytest.raises(DisclosureRefused):
        bind_apple(counterparties, who)
    assert not any(code["used"] for code in counterparties.control("GET", "/state")["apple_codes"].values())


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


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage", "lost", "error"])
@pytest.mark.parametrize(("provider", "operation"), [("wechat", "wechat.jscode2session"), ("apple", "apple.token")])
def test_a_hostile_answer_leaves_nothing_half_written(
    counterparties: Counterparties, cloud: TestCloud, who: Member, *, provider: str, operation: str, mode: str
) -> None:
    before = len(cloud.items("people"))
    for attempt in BY[provider]:
        counterparties.plan(operation, mode, times=2)
        with pytest.raises((ProviderRefused, ProviderUnavailable)):
            attempt(*((counterparties, who) if attempt is BY[provider][0] else (counterparties, "anna")))
        counterparties.control("DELETE", "/faults")
    assert len(cloud.items("people")) == before
    assert events(cloud, "bound", "begun_by_wechat", "begun_by_apple") == []


def test_a_code_that_was_used_is_clearly_refused(counterparties: Counterparties, who: Member) -> None:
    code = counterparties.login_code("anna")
    call = caller(who, purpose="account.wechat")
    bindings.bind_wechat(call, BindWechat(code=code))
    with pytest.raises(CodeInvalid):
        bindings.bind_wechat(call, BindWechat(code=code))


def test_an_apple_code_is_no_good_to_who_lacks_the_nonce(
    counterparties: Counterparties, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    stolen = counterparties.apple_code("m" * 43, "anna")
    monkeypatch.setattr(Counterparties, "apple_code", lambda *_: stolen)
    with pytest.raises(AppleCodeInvalid):
        bind_apple(counterparties, who, "anna")


@pytest.mark.promise("K4.1", "J2.1")
def test_ids_lie_sealed_and_are_shown_in_a_copy_but_no_token(
    counterparties: Counterparties, cloud: TestCloud, who: Member
) -> None:
    bind_wechat(counterparties, who, "anna")
    bind_apple(counterparties, who, "anna")
    state = counterparties.control("GET", "/state")
    openid, subject, token = state["payers"]["anna"], state["apple_people"]["anna"], next(iter(state["apple_tokens"]))
    stored = str(cloud.items("people"))
    assert [plain for plain in (openid, f"u{openid[1:]}", subject, token) if plain in stored] == []
    shown = {row.row_kind: values_of(row) for row in read(traverse(who.person_id))}
    assert (shown["wechat_binding"]["openid"], shown["wechat_binding"]["unionid"]) == (openid, f"u{openid[1:]}")
    assert shown["apple_binding"]["subject"] == subject
    assert token not in str(shown)


@pytest.mark.promise("B4.2")
def test_the_token_kept_is_the_one_of_the_latest_log_in(counterparties: Counterparties, who: Member) -> None:
    """Whoever ended the authorization in Apple's own settings and agreed anew has another one."""
    bind_apple(counterparties, who, "anna")
    counterparties.world.ledger.clear()
    with counterparties.world.ledger.writing() as books:
        books.apple_people["anna"] = apple_binding(who).subject.reveal()
    come_by_apple(counterparties, "anna")
    (latest,) = counterparties.control("GET", "/state")["apple_tokens"]
    assert apple_binding(who).token.reveal() == latest


@pytest.mark.promise("I2.3", "K3.3")
def test_what_left_for_apple_is_on_record_with_the_notice_it_rests_on(
    counterparties: Counterparties, cloud: TestCloud, who: Member
) -> None:
    bind_apple(counterparties, who, "anna")
    come_by_apple(counterparties, "anna")
    sent = [item for item in cloud.items("evidence") if item.get("recipient", {}).get("S") == "apple"]
    assert {(item["items"]["S"], item["purpose"]["S"]) for item in sent} == {("account.apple_code", "account.apple")}
    shown = [i for i in cloud.items("evidence") if i["pk"]["S"] == "RECIPIENT#apple" and i.get("step")]
    assert sorted(item["step"]["S"] for item in shown) == ["answered", "shown"]
    assert {item["text_sha256"]["S"] for item in shown} == {lookup.notice("account.apple").sha256["zh-CN"]}


@pytest.mark.promise("K4.2")
def test_no_session_key_is_stored_or_logged(
    counterparties: Counterparties,
    cloud: TestCloud,
    who: Member,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infra.local.counterparties.wechat.token_bytes", lambda _: b"canary-of-16-byt")
    bind_wechat(counterparties, who, "anna")
    come_by_wechat(counterparties, "anna")
    everything = "".join(str(cloud.items(noun)) for noun in ("people", "ephemeral", "outbox", "evidence"))
    assert "Y2FuYXJ5" not in everything + capsys.readouterr().out


@pytest.mark.promise("K3.2")
@pytest.mark.parametrize("missing", ["abroad", "audit_until", "filed_on"])
def test_nothing_goes_abroad_while_anything_for_it_is_missing(
    counterparties: Counterparties, who: Member, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    import msgspec

    known, honest = lookup.recipient("apple"), lookup.recipient
    assert known.abroad is not None
    day = datetime.now(UTC).date()
    later, before = day.replace(year=day.year + 1), day.replace(year=day.year - 1)
    spoilt = {
        "abroad": None,
        "audit_until": msgspec.structs.replace(known.abroad, audit_until=before),
        "filed_on": msgspec.structs.replace(known.abroad, filed_on=later),
    }[missing]
    other = msgspec.structs.replace(known, abroad=spoilt)
    monkeypatch.setattr(lookup, "recipient", lambda name: other if name == "apple" else honest(name))
    code = counterparties.apple_code(NONCE, "anna")
    for attempt in BY["apple"]:
        with pytest.raises(DisclosureRefused):
            attempt(*((counterparties, who) if attempt is bind_apple else (counterparties, "anna")))
    assert not any(one["used"] for one in counterparties.control("GET", "/state")["apple_codes"].values()), code
