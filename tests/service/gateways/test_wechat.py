"""The mini-program's log-in code over the real protocol."""

import time

import pytest

from chalicelib.foundation.gateways import wechat
from chalicelib.foundation.gateways.errors import CodeInvalid, DisclosureRefused, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import TooMany
from tests.support.counterparties import Counterparties, disclosed

UNDER = disclosed("wechat", "order.login_code", purpose="order.payment")


def exchange(code: str) -> wechat.Payer:
    return wechat.code_to_session(code, under=UNDER)


def test_a_code_tells_who_the_payer_is_and_no_session_key(counterparties: Counterparties) -> None:
    payer = exchange(counterparties.login_code("anna"))
    assert payer.openid == counterparties.openid("anna")
    assert payer.openid != counterparties.openid("ben")
    assert payer.__struct_fields__ == ("openid", "unionid")


def test_a_code_is_good_once(counterparties: Counterparties) -> None:
    code = counterparties.login_code()
    exchange(code)
    with pytest.raises(CodeInvalid):
        exchange(code)


def test_a_code_of_six_minutes_ago_is_not_good(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> None:
    code = counterparties.login_code()
    later = time.time() + 360
    monkeypatch.setattr("infra.local.counterparties.wechat.time.time", lambda: later)
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.parametrize("code", ["", "made-up", "a&appid=other", "代码", "x" * 2000])
def test_a_made_up_code_is_not_good(counterparties: Counterparties, code: str) -> None:
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.parametrize("name", ["WECHAT_APP_ID", "WECHAT_APP_SECRET"])
def test_wrong_credentials_are_refused_and_leave_the_code_unused(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    code = counterparties.login_code()
    with monkeypatch.context() as wrong:
        wrong.setenv(name, "wx0000000000000000")
        reset_config()
        with pytest.raises(ProviderRefused):
            exchange(code)
    reset_config()
    assert exchange(code).openid == counterparties.openid()


def test_busy_is_asked_again_once_then_unavailable(counterparties: Counterparties) -> None:
    counterparties.plan("wechat.jscode2session", "error")
    assert exchange(counterparties.login_code()).openid
    counterparties.plan("wechat.jscode2session", "error", times=2)
    with pytest.raises(ProviderUnavailable):
        exchange(counterparties.login_code())


def test_too_many_of_one_person_are_too_many(counterparties: Counterparties) -> None:
    counterparties.plan("wechat.jscode2session", "throttle")
    with pytest.raises(TooMany):
        exchange(counterparties.login_code())


@pytest.mark.parametrize("mode", ["lost", "slow"])
def test_a_lost_answer_uses_the_code_up_and_is_not_asked_for_twice(
    counterparties: Counterparties, impatient: float, mode: str
) -> None:
    counterparties.plan("wechat.jscode2session", mode, seconds=impatient)
    code = counterparties.login_code()
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_an_answer_that_wechat_does_not_give_is_refused(counterparties: Counterparties, mode: str) -> None:
    counterparties.plan("wechat.jscode2session", mode)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.login_code())


@pytest.mark.promise("I2.2")
def test_no_code_leaves_without_its_disclosure(counterparties: Counterparties) -> None:
    code = counterparties.login_code()
    with pytest.raises(DisclosureRefused):
        wechat.code_to_session(code, under=disclosed("wechat", "order.payment"))
    assert exchange(code).openid


@pytest.mark.promise("K4.2")
def test_neither_code_nor_secret_is_logged(
    counterparties: Counterparties, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    code = counterparties.login_code()
    counterparties.plan("wechat.jscode2session", "lost")
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    written = capsys.readouterr().out + caplog.text
    assert '"event":"provider_fault"' in written
    assert code not in written
    assert counterparties.settings["WECHAT_APP_SECRET"] not in written
