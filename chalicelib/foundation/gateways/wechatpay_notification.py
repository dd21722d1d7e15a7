"""WeChat Pay's signed and encrypted notifications, read only after everything about them has been checked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from .errors import NotificationForged, NotificationKeyUnknown, NotificationLate, NotificationMalformed
from .transport import CAP_BYTES
from .wechatpay_wire import HEADERS, Account, Envelope, RefundNotice, Trade, account, client, trusted

_DIGITS: Final = 10
TOLERANCE: Final = timedelta(seconds=300)
_CANONICAL: Final = {name.lower(): name for name in HEADERS}


class Notification(msgspec.Struct, frozen=True):
    """What WeChat Pay tells us. It proves who says so; whether it fits the order is for the caller to check.

    `appid` is told of payments, `out_refund_no` and `refund_fen` of refunds.
    `nonce` is to be kept for ten minutes and refused when it comes again with another `notification_id`.
    """

    kind: Literal["payment", "refund"]
    notification_id: str
    nonce: str
    mchid: str
    out_trade_no: str
    transaction_id: str
    amount_fen: int
    state: str
    success_at: datetime | None
    appid: str | None = None
    currency: str | None = None
    out_refund_no: str | None = None
    refund_fen: int | None = None


def read_notification(headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notification:
    """Verify, decrypt and read a notification.

    The order is: headers, time, key, signature over the exact bytes, and only then the content.

    Args:
        headers: of the request, in any case.
        raw_body: the exact bytes that came.
        now: the time of the call.

    Raises:
        NotificationLate: signed more than 300 s before or after now.
        NotificationKeyUnknown: signed with a key that is not WeChat Pay's public key in our settings.
        NotificationForged: the signature does not fit the bytes.
        NotificationMalformed: a header is missing, or what it holds has not the documented shape.

    Keeps: D8.1
    """
    marks = _marks(headers)
    signed_at = _instant(marks["Wechatpay-Timestamp"])
    if abs(now - signed_at) > TOLERANCE:
        raise NotificationLate
    ours = account()
    if not trusted(ours, marks):
        raise NotificationKeyUnknown
    plain = _open(ours, marks, raw_body)
    try:
        envelope = msgspec.json.decode(raw_body, type=Envelope)
        if envelope.event_type == "TRANSACTION.SUCCESS":
            return _payment(envelope.id, marks, msgspec.json.decode(plain, type=Trade))
        return _refund(envelope, marks, msgspec.json.decode(plain, type=RefundNotice))
    except (msgspec.DecodeError, RecursionError):
        raise NotificationMalformed from None


def _marks(headers: Mapping[str, str]) -> dict[str, str]:
    marks: dict[str, str] = {}
    for name, value in headers.items():
        canonical = _CANONICAL.get(name.lower())
        if canonical is None:
            continue
        if canonical in marks:
            raise NotificationMalformed
        marks[canonical] = value
    if marks.keys() != set(HEADERS):
        raise NotificationMalformed
    return marks


def _instant(text: str) -> datetime:
    if len(text) != _DIGITS or not (text.isascii() and text.isdigit()):
        raise NotificationMalformed
    return datetime.fromtimestamp(int(text), UTC)


def _open(ours: Account, marks: dict[str, str], raw_body: bytes) -> str:
    if len(raw_body) > CAP_BYTES:
        raise NotificationMalformed
    pay = client(ours)
    try:
        body = raw_body.decode()
    except UnicodeDecodeError:
        raise NotificationForged from None
    if not pay.core.signed(marks, body):
        raise NotificationForged
    try:
        plain = pay.decrypt_callback(marks, body)
    except Exception as fault:  # the SDK raises bare `Exception` for an algorithm it does not know
        raise NotificationMalformed from fault
    if not isinstance(plain, str):
        raise NotificationMalformed
    return plain


def _payment(notification_id: str, marks: dict[str, str], trade: Trade) -> Notification:
    if trade.trade_state != "SUCCESS" or trade.transaction_id is None or trade.amount is None:
        raise NotificationMalformed
    return Notification(
        kind="payment",
        notification_id=notification_id,
        nonce=marks["Wechatpay-Nonce"],
        mchid=trade.mchid,
        appid=trade.appid,
        out_trade_no=trade.out_trade_no,
        transaction_id=trade.transaction_id,
        amount_fen=trade.amount.total,
        currency=trade.amount.currency,
        state=trade.trade_state,
        success_at=trade.success_time,
    )


def _refund(envelope: Envelope, marks: dict[str, str], told: RefundNotice) -> Notification:
    if envelope.event_type != f"REFUND.{told.refund_status}":
        raise NotificationMalformed
    return Notification(
        kind="refund",
        notification_id=envelope.id,
        nonce=marks["Wechatpay-Nonce"],
        mchid=told.mchid,
        out_trade_no=told.out_trade_no,
        transaction_id=told.transaction_id,
        amount_fen=told.amount.total,
        currency=told.amount.currency,
        state=told.refund_status,
        success_at=told.success_time,
        out_refund_no=told.out_refund_no,
        refund_fen=told.amount.refund,
    )
