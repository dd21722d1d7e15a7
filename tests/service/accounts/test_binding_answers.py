"""What comes back from WeChat and Apple, what of it is kept and on record, and what goes abroad."""

from datetime import UTC, datetime

import msgspec
import pytest

from chalicelib.accounts.contracts.bindings import BindWechat
from chalicelib.accounts.service import bindings
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.gateways.errors import (
    AppleCodeInvalid,
    CodeInvalid,
    DisclosureRefused,
    ProviderRefused,
    ProviderUnavailable,
)
from chalicelib.foundation.kernel.errors import ConsentRequired
from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.planner import read, traverse
from tests.support.accounts import Member, caller
from tests.support.bindings import (
    BY,
    NONCE,
    agreeing,
    apple_binding,
    bind_apple,
    bind_wechat,
    come_by_apple,
    come_by_wechat,
    events,
)
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties


@pytest.fixture
def who(counterparties: Counterparties) -> Member:
    """Give a member who has agreed to both."""
    return agreeing(counterparties)


@pytest.mark.promise("K3.3")
def test_without_consent_nothing_goes_to_apple(counterparties: Counterparties, who: Member) -> None:
    withdraw_consent(caller(who), "account.apple")
    with pytest.raises(ConsentRequired):
        bind_apple(counterparties, who)
    assert not any(code["used"] for code in counterparties.control("GET", "/state")["apple_codes"].values())


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
