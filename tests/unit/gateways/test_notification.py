"""WeChat Pay's notifications: the genuine one is read, and every way to spoil one is noticed before it is opened."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.gateways.errors import (
    NotificationForged,
    NotificationKeyUnknown,
    NotificationLate,
    NotificationMalformed,
)
from chalicelib.foundation.gateways.wechatpay import Notification, read_notification
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure, Kind
from infra.local.counterparties.cashier import delivery
from infra.local.counterparties.ledger import Refund, Trade
from infra.local.counterparties.notices import Tamper
from infra.local.counterparties.secrets import ensure
from infra.local.counterparties.world import World

pytestmark = pytest.mark.promise("D8.1")

NUMBER = "ord_k3v9q2mzx8t7r6w5y4a1b2c3d4"
WITHIN_S = 290
BEYOND_S = 310


class Desk:
    """Writes notifications of one paid and partly refunded payment."""

    def __init__(self, directory: Path) -> None:
        self.settings = ensure(directory, base_url="http://127.0.0.1:9", notify_url="http://127.0.0.1:9/")
        self.world = World(directory)
        refund = Refund("5030001", "rfd_1", 2_000, "", "", "2026-11-22T10:00:00+08:00", 0.0, "SUCCESS")
        refund.success_at = "2026-11-22T10:00:01+08:00"
        self.trade = Trade(
            prepay_id="wx1",
            out_trade_no=NUMBER,
            appid=self.settings["WECHAT_APP_ID"],
            mchid=self.settings["WECHATPAY_MCHID"],
            description="订单",
            total=12_900,
            currency="CNY",
            openid="o1",
            notify_url="http://127.0.0.1:9/",
            expires_at="",
            created_at="",
            state="SUCCESS",
            transaction_id="4200001",
            success_at="2026-11-22T09:00:00+08:00",
            refunds=[refund],
        )
        with self.world.ledger.writing() as books:
            books.trades[NUMBER] = self.trade

    def write(self, event: str = "TRANSACTION.SUCCESS", **spoilt: Any) -> tuple[dict[str, str], bytes]:
        """Write one, spoilt as told."""
        number = "" if event.startswith("TRANSACTION") else "rfd_1"
        what = delivery(event, self.trade, out_refund_no=number)
        notice = self.world.scribe.write(what, Tamper(**spoilt))
        return notice.headers, notice.body.encode()


@pytest.fixture(scope="module")
def made(provider_secrets: Path) -> Desk:
    return Desk(provider_secrets)


@pytest.fixture
def desk(made: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    reset_config()
    yield made
    reset_config()


def read(headers: dict[str, str], body: bytes) -> Notification:
    return read_notification(headers, body, datetime.now(UTC))


def test_a_payment_is_told_with_its_types(desk: Desk) -> None:
    headers, body = desk.write()
    told = read(headers, body)
    assert told.kind == "payment"
    assert told.notification_id.startswith("EV-")
    assert told.nonce == headers["Wechatpay-Nonce"]
    assert (told.mchid, told.appid) == (desk.settings["WECHATPAY_MCHID"], desk.settings["WECHAT_APP_ID"])
    assert (told.out_trade_no, told.transaction_id, told.state) == (NUMBER, "4200001", "SUCCESS")
    assert (told.amount_fen, told.currency) == (12_900, "CNY")
    assert told.success_at == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert (told.out_refund_no, told.refund_fen) == (None, None)


def test_a_refund_is_told_with_its_types(desk: Desk) -> None:
    told = read(*desk.write("REFUND.SUCCESS"))
    assert (told.kind, told.state, told.out_trade_no) == ("refund", "SUCCESS", NUMBER)
    assert (told.out_refund_no, told.refund_fen, told.amount_fen) == ("rfd_1", 2_000, 12_900)
    assert (told.appid, told.currency) == (None, "CNY")


def test_a_refund_must_be_in_the_state_that_its_event_names(desk: Desk) -> None:
    with pytest.raises(NotificationMalformed):
        read(*desk.write("REFUND.SUCCESS", content={"refund_status": "ABNORMAL"}))


def test_the_payers_id_is_not_handed_on(desk: Desk) -> None:
    assert "o1" not in repr(read(*desk.write()))


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_header_names_come_in_any_case(desk: Desk, change: Any) -> None:
    headers, body = desk.write()
    assert read({change(name): value for name, value in headers.items()}, body).out_trade_no == NUMBER


@pytest.mark.parametrize(
    ("spoilt", "failure"),
    [
        ({"forged": True}, NotificationForged),
        ({"flipped": True}, NotificationForged),
        ({"serial": "PUB_KEY_ID_0000"}, NotificationKeyUnknown),
        ({"serial": "5157F09EFDC096DE15EBE81A47057A7200000000"}, NotificationKeyUnknown),
        ({"offset_s": -BEYOND_S}, NotificationLate),
        ({"offset_s": BEYOND_S}, NotificationLate),
        ({"foreign_key": True}, NotificationMalformed),
        ({"algorithm": "AEAD_SM4_GCM"}, NotificationMalformed),
        ({"event_type": "REFUND.SUCCESS"}, NotificationMalformed),
        ({"event_type": "PAYSCORE.USER_PAID"}, NotificationMalformed),
        ({"content": {"trade_state": "NOTPAY"}}, NotificationMalformed),
        ({"content": {"trade_state": "made up"}}, NotificationMalformed),
        ({"content": {"amount": "12900"}}, NotificationMalformed),
        ({"content": {"amount": -1}}, NotificationMalformed),
        ({"content": {"transaction_id": ""}}, NotificationMalformed),
        ({"content": {"out_trade_no": "../x"}}, NotificationMalformed),
        ({"content": {"success_time": "yesterday"}}, NotificationMalformed),
        *[({"drop": [name]}, NotificationMalformed) for name in ("Wechatpay-Signature", "Wechatpay-Timestamp")],
        *[({"drop": [name]}, NotificationMalformed) for name in ("Wechatpay-Nonce", "Wechatpay-Serial")],
        ({"drop": ["Wechatpay-Signature-Type"]}, NotificationMalformed),
    ],
)
def test_a_spoilt_one_is_refused_for_what_is_wrong_with_it(
    desk: Desk, spoilt: dict[str, Any], failure: type[Failure]
) -> None:
    with pytest.raises(failure) as refused:
        read(*desk.write(**spoilt))
    assert refused.value.kind in {Kind.UNAUTHENTICATED, Kind.INVALID}


@pytest.mark.parametrize("offset_s", [-WITHIN_S, WITHIN_S])
def test_clocks_may_differ_by_less_than_five_minutes(desk: Desk, offset_s: int) -> None:
    assert read(*desk.write(offset_s=offset_s)).out_trade_no == NUMBER


def test_a_genuine_one_kept_back_is_late(desk: Desk) -> None:
    headers, body = desk.write()
    with pytest.raises(NotificationLate):
        read_notification(headers, body, datetime.now(UTC) + timedelta(seconds=BEYOND_S))


@pytest.mark.parametrize(
    ("name", "value", "failure"),
    [
        ("Wechatpay-Signature", "not base64!", NotificationForged),
        ("Wechatpay-Signature", "", NotificationForged),
        ("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc", NotificationForged),
        ("Wechatpay-Nonce", "another", NotificationForged),
        ("Wechatpay-Timestamp", "soon", NotificationMalformed),
        ("Wechatpay-Timestamp", "١٧٦٣٨٠٠٠٠٠", NotificationMalformed),
        ("Wechatpay-Timestamp", "99999999999999999999", NotificationMalformed),
        ("Wechatpay-Timestamp", "0000000000", NotificationLate),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3", NotificationKeyUnknown),
        ("Wechatpay-Serial", "", NotificationKeyUnknown),
    ],
)
def test_a_changed_header_is_noticed(desk: Desk, name: str, value: str, failure: type[Failure]) -> None:
    headers, body = desk.write()
    with pytest.raises(failure):
        read({**headers, name: value}, body)


def test_a_shifted_timestamp_within_the_tolerance_breaks_the_signature(desk: Desk) -> None:
    headers, body = desk.write()
    shifted = str(int(headers["Wechatpay-Timestamp"]) + 1)
    with pytest.raises(NotificationForged):
        read({**headers, "Wechatpay-Timestamp": shifted}, body)


def test_a_header_that_came_twice_is_refused(desk: Desk) -> None:
    headers, body = desk.write()
    with pytest.raises(NotificationMalformed):
        read({**headers, "wechatpay-serial": headers["Wechatpay-Serial"]}, body)


@pytest.mark.parametrize("change", [b" %b", b"%b ", b"%b\n", b"\xef\xbb\xbf%b", b"\xff%b"])
def test_the_exact_bytes_count(desk: Desk, change: bytes) -> None:
    headers, body = desk.write()
    with pytest.raises(NotificationForged):
        read(headers, change % body)


@given(data=st.data())
def test_no_single_changed_byte_goes_unnoticed(desk: Desk, data: st.DataObject) -> None:
    headers, body = desk.write()
    at = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != body[at]))
    with pytest.raises(NotificationForged):
        read(headers, body[:at] + bytes([other]) + body[at + 1 :])


def test_a_huge_body_is_refused_unread(desk: Desk) -> None:
    headers, _ = desk.write()
    with pytest.raises(NotificationMalformed):
        read(headers, b"[" * 100_000)


def test_no_unknown_serial_makes_the_sdk_fetch_certificates(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from wechatpayv3.core import Core

    asked: list[object] = []
    monkeypatch.setattr(Core, "_update_certificates", asked.append)
    with pytest.raises(NotificationKeyUnknown):
        read(*desk.write(serial="AB12"))
    assert asked == []
