"""The number that WeChat verified, over the real protocol."""

import time

import pytest

from chalicelib.foundation.gateways import wechat_phone
from chalicelib.foundation.gateways.errors import CodeInvalid, DisclosureRefused, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import TooMany
from infra.local.counterparties.wire import Reply, Request
from tests.support.clocks import Hands
from tests.support.counterparties import Counterparties, disclosed

MOBILE = "+8613812345678"
UNDER = disclosed("wechat", "account.wechat_code")


def exchange(code: str) -> str:
    return wechat_phone.phone_number(code, under=UNDER)


def held(counterparties: Counterparties) -> str:
    return str(counterparties.control("GET", "/state")["access_token"]["token"])


def test_a_code_tells_the_number_that_wechat_verified(counterparties: Counterparties) -> None:
    assert exchange(counterparties.phone_code(MOBILE)) == MOBILE
    assert exchange(counterparties.phone_code("+447700900123")) == "+447700900123"


def test_a_code_is_good_once(counterparties: Counterparties) -> None:
    code = counterparties.phone_code(MOBILE)
    exchange(code)
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.parametrize("code", ["", "made-up", '","openid":"', "代码", "x" * 2000])
def test_a_made_up_code_is_not_good(counterparties: Counterparties, code: str) -> None:
    with pytest.raises(CodeInvalid):
        exchange(code)


def test_the_access_token_is_asked_for_once_and_not_forced(counterparties: Counterparties, hands: Hands) -> None:
    exchange(counterparties.phone_code(MOBILE))
    first = held(counterparties)
    counterparties.plan("wechat.stable_token", "garbage")
    exchange(counterparties.phone_code(MOBILE))
    counterparties.control("DELETE", "/faults")
    assert held(counterparties) == first
    assert counterparties.control("GET", "/state")["access_token"]["forced"] == 0


def test_a_token_that_somebody_else_replaced_is_learned_without_forcing_another(counterparties: Counterparties) -> None:
    exchange(counterparties.phone_code(MOBILE))
    counterparties.control("DELETE", "/wechat/token")
    assert exchange(counterparties.phone_code(MOBILE)) == MOBILE
    assert counterparties.control("GET", "/state")["access_token"]["forced"] == 0


def test_a_token_is_forced_anew_only_when_the_present_one_was_refused(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange(counterparties.phone_code(MOBILE))
    before, honest, refused = held(counterparties), "infra.local.counterparties.wechat._is_token", []

    def once(_books: object, token: str) -> bool:
        refused.append(token)
        return token != before

    monkeypatch.setattr(honest, once)
    assert exchange(counterparties.phone_code(MOBILE)) == MOBILE
    assert refused[0] == before
    assert held(counterparties) != before
    assert counterparties.control("GET", "/state")["access_token"]["forced"] == 1


@pytest.mark.parametrize("name", ["WECHAT_APP_ID", "WECHAT_APP_SECRET"])
def test_wrong_credentials_are_refused_and_leave_the_code_unused(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    code = counterparties.phone_code(MOBILE)
    with monkeypatch.context() as wrong:
        wrong.setenv(name, "wx0000000000000000")
        reset_config()
        with pytest.raises(ProviderRefused):
            exchange(code)
    reset_config()
    assert exchange(code) == MOBILE


def test_a_number_for_another_app_is_refused(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> None:
    office = counterparties.world.wechat
    honest = office._number

    def for_another(request: Request) -> Reply:
        reply = honest(request)
        return Reply(reply.status, reply.body.replace(b'"appid":"wx', b'"appid":"xx'), reply.headers)

    monkeypatch.setattr(office, "_number", for_another)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.phone_code(MOBILE))


def test_busy_is_asked_again_once_then_unavailable(counterparties: Counterparties) -> None:
    counterparties.plan("wechat.getuserphonenumber", "error")
    assert exchange(counterparties.phone_code(MOBILE)) == MOBILE
    counterparties.plan("wechat.getuserphonenumber", "error", times=2)
    with pytest.raises(ProviderUnavailable):
        exchange(counterparties.phone_code(MOBILE))


def test_too_many_are_too_many(counterparties: Counterparties) -> None:
    counterparties.plan("wechat.getuserphonenumber", "throttle")
    with pytest.raises(TooMany):
        exchange(counterparties.phone_code(MOBILE))


@pytest.mark.parametrize("mode", ["lost", "slow"])
def test_a_lost_answer_uses_the_code_up(counterparties: Counterparties, impatient: float, mode: str) -> None:
    counterparties.plan("wechat.getuserphonenumber", mode, seconds=impatient)
    code = counterparties.phone_code(MOBILE)
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.parametrize("operation", ["wechat.stable_token", "wechat.getuserphonenumber"])
@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_an_answer_that_wechat_does_not_give_is_refused(
    counterparties: Counterparties, operation: str, mode: str
) -> None:
    counterparties.plan(operation, mode)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.phone_code(MOBILE))


def test_a_code_of_six_minutes_ago_is_not_good(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> None:
    code = counterparties.phone_code(MOBILE)
    later = time.time() + 360
    monkeypatch.setattr("infra.local.counterparties.wechat.time.time", lambda: later)
    with pytest.raises(CodeInvalid):
        exchange(code)


@pytest.mark.promise("I2.2")
def test_no_code_leaves_without_its_disclosure(counterparties: Counterparties) -> None:
    code = counterparties.phone_code(MOBILE)
    with pytest.raises(DisclosureRefused):
        wechat_phone.phone_number(code, under=disclosed("wechat", "order.login_code"))
    assert exchange(code) == MOBILE


@pytest.mark.promise("K4.2")
def test_neither_number_nor_code_nor_token_is_logged(
    counterparties: Counterparties, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    code = counterparties.phone_code(MOBILE)
    counterparties.plan("wechat.getuserphonenumber", "lost")
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    written = capsys.readouterr().out + caplog.text
    assert '"event":"provider_fault"' in written
    secrets = (code, held(counterparties), MOBILE[3:], counterparties.settings["WECHAT_APP_SECRET"])
    assert [secret for secret in secrets if secret in written] == []
