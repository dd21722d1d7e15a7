"""One-time codes over the real protocol: adapter and counterparty check each other."""

import pytest

from chalicelib.foundation.gateways import sms
from chalicelib.foundation.gateways.errors import (
    DisclosureRefused,
    ProviderRefused,
    ProviderUnavailable,
    SmsLimited,
    SmsUndeliverable,
)
from chalicelib.foundation.kernel.config import reset_config
from tests.support.counterparties import Counterparties, disclosed

MOBILE = "+8613800138000"
UNDER = disclosed("sms", "account.mobile", "account.code")


def send(mobile: str = MOBILE, code: str = "482913") -> None:
    sms.send_code(mobile, code, 5, under=UNDER)


@pytest.mark.promise("B1.2")
def test_a_code_arrives_at_the_number_it_was_sent_to(counterparties: Counterparties) -> None:
    send()
    assert counterparties.sms(MOBILE) == "482913"
    assert counterparties.sms("+8613800138001") is None


def test_the_last_notice_arrives_without_a_code(counterparties: Counterparties) -> None:
    sms.send_closed(MOBILE, under=disclosed("sms", "notice.destination", purpose="rights.answer"))
    (arrived,) = counterparties.control("GET", "/state")["sms"]
    assert (arrived["mobile"], arrived["code"]) == (MOBILE, "")
    with pytest.raises(DisclosureRefused):
        sms.send_closed(MOBILE, under=UNDER)


@pytest.mark.promise("I2.2")
@pytest.mark.parametrize(
    "under",
    [disclosed("sms", "account.mobile"), disclosed("moderation", "account.mobile", "account.code"), disclosed("sms")],
)
def test_nothing_leaves_without_its_disclosure(counterparties: Counterparties, under) -> None:
    with pytest.raises(DisclosureRefused):
        sms.send_code(MOBILE, "482913", 5, under=under)
    assert counterparties.sms(MOBILE) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENCENT_SECRET_KEY", "another"),
        ("TENCENT_SECRET_ID", "AKIDanother"),
        ("SMS_APP_ID", "1"),
        ("SMS_SIGN", "别家"),
        ("SMS_TEMPLATE_CODE", "1"),
    ],
)
def test_wrong_credentials_are_refused_by_the_other_side(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    reset_config()
    with pytest.raises(ProviderRefused):
        send()
    assert counterparties.sms(MOBILE) is None


def test_a_number_that_gets_no_text_messages_is_told_apart(counterparties: Counterparties) -> None:
    with pytest.raises(SmsUndeliverable):
        send("+12025550100")
    assert counterparties.sms("+12025550100") is None


def test_the_providers_own_limit_is_told_apart(counterparties: Counterparties) -> None:
    counterparties.plan("sms.SendSms", "limited")
    with pytest.raises(SmsLimited):
        send()
    assert counterparties.sms(MOBILE) is None


@pytest.mark.parametrize("mode", ["error", "throttle", "lost", "slow"])
def test_a_message_goes_out_at_most_once_however_the_call_ends(
    counterparties: Counterparties, impatient: float, mode: str
) -> None:
    counterparties.plan("sms.SendSms", mode, seconds=impatient)
    with pytest.raises(ProviderUnavailable):
        send()
    arrived = counterparties.control("GET", "/state")["sms"]
    assert len(arrived) == (1 if mode in {"lost", "slow"} else 0)


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_an_answer_that_no_provider_gives_is_refused(counterparties: Counterparties, mode: str) -> None:
    counterparties.plan("sms.SendSms", mode)
    with pytest.raises(ProviderRefused):
        send()


def test_nobody_listening_is_unavailable(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_ENDPOINT", "127.0.0.1:9")
    reset_config()
    with pytest.raises(ProviderUnavailable):
        send()


@pytest.mark.promise("K4.2")
@pytest.mark.parametrize("mode", ["error", "lost", "redirect", "garbage"])
def test_failures_are_logged_without_number_code_or_secret(
    counterparties: Counterparties, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    caplog.set_level(0)
    counterparties.plan("sms.SendSms", mode)
    with pytest.raises((ProviderUnavailable, ProviderRefused)):
        send()
    written = capsys.readouterr().out + caplog.text
    assert '"event":"provider_fault"' in written
    secrets = [counterparties.settings[name] for name in ("TENCENT_SECRET_KEY", "TENCENT_SECRET_ID")]
    assert not any(text in written for text in (MOBILE, "13800138000", "482913", *secrets))
