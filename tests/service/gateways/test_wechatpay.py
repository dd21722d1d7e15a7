"""WeChat Pay over the real protocol: signed both ways, encrypted, safe to repeat."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.foundation.gateways import wechatpay
from chalicelib.foundation.gateways.errors import DisclosureRefused, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.gateways.wechatpay import Closing, PrepayParams
from chalicelib.foundation.kernel.config import reset_config
from tests.support.counterparties import Counterparties, disclosed

UNDER = disclosed("wechatpay", "order.number", "order.amount", "order.payment", "order.refund", purpose="order.payment")
NUMBER = "ord_k3v9q2mzx8t7r6w5y4a1b2c3d4"


def prepay(counterparties: Counterparties, **other: Any) -> PrepayParams:
    now = datetime.now(UTC)
    asked = {
        "out_trade_no": NUMBER,
        "amount_fen": 12_900,
        "openid": counterparties.openid(),
        "description": "聚乐部落订单",
        "expires_at": now + timedelta(minutes=30),
        "now": now,
        "under": UNDER,
        **other,
    }
    return wechatpay.prepay(**asked)


def paid(counterparties: Counterparties) -> None:
    prepay(counterparties)
    counterparties.control("POST", "/wechatpay/approve", {"number": NUMBER, "notify": False})


def refund(fen: int, number: str = "rfd_1") -> wechatpay.Refund:
    return wechatpay.refund(out_refund_no=number, out_trade_no=NUMBER, refund_fen=fen, total_fen=12_900, under=UNDER)


@pytest.mark.promise("D8.1")
def test_a_payment_from_prepay_to_paid(counterparties: Counterparties) -> None:
    params = prepay(counterparties)
    before = wechatpay.query(NUMBER, under=UNDER)
    assert before is not None
    assert (before.state, before.transaction_id, before.success_at) == ("NOTPAY", None, None)
    opened = counterparties.control(
        "POST",
        "/wechatpay/open",
        {
            "appId": params.app_id,
            "timeStamp": params.time_stamp,
            "nonceStr": params.nonce_str,
            "package": params.package,
            "signType": params.sign_type,
            "paySign": params.pay_sign,
        },
    )
    assert opened["out_trade_no"] == NUMBER
    counterparties.control("POST", "/wechatpay/approve", {"number": opened["prepay_id"], "notify": False})
    after = wechatpay.query(NUMBER, under=UNDER)
    assert after is not None
    assert (after.state, after.amount_fen, after.currency) == ("SUCCESS", 12_900, "CNY")
    assert (after.mchid, after.appid) == (
        counterparties.settings["WECHATPAY_MCHID"],
        counterparties.settings["WECHAT_APP_ID"],
    )
    assert after.transaction_id
    assert after.success_at is not None
    assert abs(after.success_at - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("field", ["appId", "timeStamp", "nonceStr", "package", "paySign"])
def test_the_phone_opens_no_payment_with_changed_parameters(counterparties: Counterparties, field: str) -> None:
    params = prepay(counterparties)
    given = dict(
        zip(("appId", "timeStamp", "nonceStr", "package", "signType", "paySign"), _values(params), strict=True)
    )
    given[field] = given[field][:-1] + ("A" if given[field][-1] != "A" else "B")
    assert counterparties.ask("POST", "/_control/wechatpay/open", given).status == 409


def _values(params: PrepayParams) -> tuple[str, ...]:
    return tuple(str(getattr(params, name)) for name in params.__struct_fields__)


def test_a_repeated_prepay_is_the_same_payment(counterparties: Counterparties) -> None:
    assert prepay(counterparties).package == prepay(counterparties).package


@pytest.mark.parametrize("mode", ["error", "throttle", "lost"])
def test_prepay_is_asked_for_again_once(counterparties: Counterparties, mode: str) -> None:
    counterparties.plan("wechatpay.prepay", mode)
    assert prepay(counterparties).package.startswith("prepay_id=")
    counterparties.plan("wechatpay.prepay", mode, times=2)
    with pytest.raises(ProviderUnavailable):
        prepay(counterparties)
    assert len(counterparties.control("GET", "/state")["trades"]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount_fen": 1},
        {"amount_fen": 0},
        {"openid": "o-nobody-we-know-of-at-all"},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_prepay_that_does_not_fit_is_refused(counterparties: Counterparties, other: dict[str, Any]) -> None:
    prepay(counterparties)
    with pytest.raises(ProviderRefused):
        prepay(counterparties, **other)


@pytest.mark.parametrize("number", ["a/../../x", "ord?mchid=1", "", "订单", "x" * 65])
def test_what_is_no_number_of_ours_never_reaches_a_path(counterparties: Counterparties, number: str) -> None:
    with pytest.raises(ValueError, match=r"str|length|pattern"):
        wechatpay.query(number, under=UNDER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHATPAY_MCHID", "1900000001"),
        ("WECHATPAY_SERIAL", "00"),
        ("WECHAT_APP_ID", "wx0000000000000000"),
        ("WECHATPAY_PUBLIC_KEY_ID", "PUB_KEY_ID_OTHER"),
    ],
)
def test_another_account_is_refused_by_the_other_side(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    reset_config()
    with pytest.raises(ProviderRefused):
        prepay(counterparties)
    assert counterparties.control("GET", "/state")["trades"] == {}


def test_another_private_key_is_refused_by_the_other_side(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    from infra.local.counterparties.secrets import ensure

    other = ensure(tmp_path, base_url=counterparties.base_url, notify_url="http://127.0.0.1:9/")
    monkeypatch.setenv("WECHATPAY_PRIVATE_KEY", other["WECHATPAY_PRIVATE_KEY"])
    reset_config()
    with pytest.raises(ProviderRefused):
        prepay(counterparties)


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("mode", ["unsigned", "redirect", "oversize", "garbage"])
def test_an_answer_that_wechat_pay_did_not_sign_or_would_not_give_is_refused(
    counterparties: Counterparties, mode: str
) -> None:
    paid(counterparties)
    counterparties.plan("wechatpay.query", mode)
    with pytest.raises(ProviderRefused):
        wechatpay.query(NUMBER, under=UNDER)


@pytest.mark.promise("D8.1")
def test_an_answer_signed_with_a_key_we_do_not_know_is_refused(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    from infra.local.counterparties.secrets import ensure

    prepay(counterparties)
    other = ensure(tmp_path, base_url=counterparties.base_url, notify_url="http://127.0.0.1:9/")
    monkeypatch.setenv("WECHATPAY_PUBLIC_KEY", other["WECHATPAY_PUBLIC_KEY"])
    reset_config()
    with pytest.raises(ProviderRefused):
        wechatpay.query(NUMBER, under=UNDER)


def test_an_unheard_of_payment_is_none(counterparties: Counterparties) -> None:
    assert wechatpay.query("ord_unheard_of", under=UNDER) is None
    assert wechatpay.query_refund("rfd_unheard_of", under=UNDER) is None
    assert wechatpay.close("ord_unheard_of", under=UNDER) is Closing.UNKNOWN


@pytest.mark.parametrize("lost", [0, 1])
def test_a_closed_payment_cannot_be_paid(counterparties: Counterparties, lost: int) -> None:
    prepay(counterparties)
    counterparties.plan("wechatpay.close", "lost", times=lost)
    assert wechatpay.close(NUMBER, under=UNDER) is Closing.CLOSED
    assert wechatpay.close(NUMBER, under=UNDER) is Closing.CLOSED
    assert counterparties.ask("POST", "/_control/wechatpay/approve", {"number": NUMBER}).status == 409
    with pytest.raises(ProviderRefused):
        prepay(counterparties)


def test_a_paid_payment_cannot_be_closed(counterparties: Counterparties) -> None:
    paid(counterparties)
    assert wechatpay.close(NUMBER, under=UNDER) is Closing.PAID


@pytest.mark.promise("D9.1")
def test_a_refund_is_paid_back_once_however_often_it_is_asked_for(counterparties: Counterparties) -> None:
    paid(counterparties)
    counterparties.plan("wechatpay.refund", "lost")
    first = refund(5_000)
    assert (first.state, first.refund_fen, first.total_fen) == ("PROCESSING", 5_000, 12_900)
    assert refund(5_000).refund_id == first.refund_id
    assert len(counterparties.control("GET", "/state")["trades"][NUMBER]["refunds"]) == 1
    for _ in range(100):
        told = wechatpay.query_refund("rfd_1", under=UNDER)
        if told is not None and told.state == "SUCCESS":
            break
        time.sleep(0.02)
    assert told is not None
    assert (told.state, told.out_trade_no, told.currency) == ("SUCCESS", NUMBER, "CNY")
    trade = wechatpay.query(NUMBER, under=UNDER)
    assert trade is not None
    assert trade.state == "REFUND"


def test_more_than_was_paid_is_not_refunded(counterparties: Counterparties) -> None:
    paid(counterparties)
    refund(10_000)
    for fen, number in ((2_901, "rfd_2"), (9_999, "rfd_1"), (0, "rfd_3")):
        with pytest.raises(ProviderRefused):
            refund(fen, number)
    assert refund(2_900, "rfd_4").refund_fen == 2_900


def test_an_unpaid_payment_is_not_refunded(counterparties: Counterparties) -> None:
    prepay(counterparties)
    with pytest.raises(ProviderRefused):
        refund(1)


@pytest.mark.promise("I2.2")
def test_nothing_is_asked_without_its_disclosure(counterparties: Counterparties) -> None:
    paid(counterparties)
    little = disclosed("wechatpay", "order.transaction")
    with pytest.raises(DisclosureRefused):
        prepay(counterparties, under=disclosed("wechatpay", "order.number", "order.amount"))
    with pytest.raises(DisclosureRefused):
        wechatpay.refund(out_refund_no="rfd_1", out_trade_no=NUMBER, refund_fen=1, total_fen=12_900, under=little)
    for ask in (wechatpay.query, wechatpay.close, wechatpay.query_refund):
        with pytest.raises(DisclosureRefused):
            ask(NUMBER, under=little)
    assert counterparties.control("GET", "/state")["trades"][NUMBER]["refunds"] == []


def test_a_hung_answer_ends_in_time(counterparties: Counterparties, impatient: float) -> None:
    counterparties.plan("wechatpay.query", "slow", times=2, seconds=impatient)
    with pytest.raises(ProviderUnavailable):
        wechatpay.query("ord_unheard_of", under=UNDER)
    assert wechatpay.query("ord_unheard_of", under=UNDER) is None
