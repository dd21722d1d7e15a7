"""WeChat Pay v3 for the mini-program (JSAPI): prepay, query, close, refund.

Every call is safe to repeat: WeChat Pay does each thing once per order number or refund number.
"""

import secrets
from datetime import datetime, timedelta, timezone
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from .disclosure import Disclosure, demand
from .errors import ProviderRefused
from .transport import checked, report
from .wechatpay_notification import Notification, read_notification
from .wechatpay_wire import (
    PROVIDER,
    Fault,
    Number,
    Prepaid,
    RefundAnswer,
    RefundState,
    Trade,
    TradeState,
    account,
    client,
)

if TYPE_CHECKING:
    from .wechatpay_sdk import Client

__all__ = [
    "Closing",
    "Notification",
    "Payment",
    "PrepayParams",
    "Refund",
    "close",
    "prepay",
    "query",
    "query_refund",
    "read_notification",
    "refund",
]

RECIPIENT: Final = "wechatpay"
_CHINA: Final = timezone(timedelta(hours=8))
_T = TypeVar("_T")
_PAID: Final = frozenset({"ORDERPAID", "ORDER_PAID"})
_CLOSED: Final = frozenset({"ORDERCLOSED", "ORDER_CLOSED"})
_MISSING: Final = frozenset({"ORDERNOTEXIST", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})


class PrepayParams(msgspec.Struct, frozen=True, rename="camel"):
    """What the mini-program hands to `wx.requestPayment` as it is."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class Payment(msgspec.Struct, frozen=True):
    """A payment as WeChat Pay knows it. Only `state == "SUCCESS"` means that money came."""

    out_trade_no: str
    transaction_id: str | None
    mchid: str
    appid: str
    state: TradeState
    amount_fen: int | None
    currency: str | None
    success_at: datetime | None


class Closing(Enum):
    """How an attempt to close an order ended."""

    CLOSED = "closed"
    PAID = "paid"
    UNKNOWN = "unknown"


class Refund(msgspec.Struct, frozen=True):
    """A refund as WeChat Pay knows it. `PROCESSING` is not refunded yet."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    state: RefundState
    refund_fen: int
    total_fen: int
    currency: str
    success_at: datetime | None


def prepay(
    *,
    out_trade_no: str,
    amount_fen: int,
    openid: str,
    description: str,
    expires_at: datetime,
    now: datetime,
    under: Disclosure,
) -> PrepayParams:
    """Announce a payment and get what the payer's phone needs to approve it.

    Args:
        out_trade_no: our number, never used for another payment again.
        amount_fen: what is to be paid, in fen of CNY.
        openid: the payer within our mini-program.
        description: what the payer reads; it names no goods.
        expires_at: until when it can be paid.
        now: the time of the call, which the phone's parameters are signed with.
        under: the disclosure of `order.number`, `order.amount` and `order.payment` to this recipient.

    Raises:
        ProviderUnavailable: no answer; asking again with the same number is safe.
        ProviderRefused: anything it says no to, such as a number used with another amount.

    Keeps: D7.1, I2.2
    """
    demand(under, RECIPIENT, "order.number", "order.amount", "order.payment")
    ours = account()
    pay = client(ours)
    status, content = pay.pay(
        description=description,
        out_trade_no=_number(out_trade_no),
        amount={"total": amount_fen, "currency": "CNY"},
        payer={"openid": openid},
        time_expire=expires_at.astimezone(_CHINA).isoformat(timespec="seconds"),
    )
    return _phone_params(pay, ours.appid, _answer("prepay", (status, content), Prepaid), now=now)


def query(out_trade_no: str, *, under: Disclosure) -> Payment | None:
    """Ask how a payment stands; `None` where WeChat Pay never heard of it.

    Raises:
        ProviderUnavailable: no answer.
        ProviderRefused: anything else it says no to, or an answer about another order.

    Keeps: D8.1
    """
    demand(under, RECIPIENT, "order.number")
    status, content = client(account()).query(out_trade_no=_number(out_trade_no))
    if status != HTTPStatus.OK and _code("query", content) in _MISSING:
        return None
    trade = _answer("query", (status, content), Trade)
    if trade.out_trade_no != out_trade_no:
        raise _refusal("query", "other_order")
    amount = trade.amount
    return Payment(
        out_trade_no=trade.out_trade_no,
        transaction_id=trade.transaction_id,
        mchid=trade.mchid,
        appid=trade.appid,
        state=trade.trade_state,
        amount_fen=amount.total if amount else None,
        currency=amount.currency if amount else None,
        success_at=trade.success_time,
    )


def close(out_trade_no: str, *, under: Disclosure) -> Closing:
    """Close an order so that it can no longer be paid. `PAID` says that it was paid before: query and settle it.

    Raises:
        ProviderUnavailable: no answer; it may be closed or not.
        ProviderRefused: anything else it says no to.
    """
    demand(under, RECIPIENT, "order.number")
    status, content = client(account()).close(out_trade_no=_number(out_trade_no))
    if status == HTTPStatus.NO_CONTENT:
        return Closing.CLOSED
    code = _code("close", content)
    for codes, closing in ((_CLOSED, Closing.CLOSED), (_PAID, Closing.PAID), (_MISSING, Closing.UNKNOWN)):
        if code in codes:
            return closing
    raise _refusal("close", code)


def refund(
    *,
    out_refund_no: str,
    out_trade_no: str,
    refund_fen: int,
    total_fen: int,
    under: Disclosure,
    reason: str = "",
) -> Refund:
    """Ask for a refund; the same refund number asks for the same refund, whose state it tells.

    Args:
        out_refund_no: our number of this refund, fixed before the first try.
        out_trade_no: the payment to refund from.
        refund_fen: how much of it, in fen.
        total_fen: what was paid, in fen.
        under: the disclosure of `order.number`, `order.amount` and `order.refund` to this recipient.
        reason: what the payer reads; from a closed list, never free text.

    Raises:
        ProviderUnavailable: no answer; asking again with the same number is safe.
        ProviderRefused: anything it says no to, such as more than was paid.

    Keeps: D9.1, I2.2
    """
    demand(under, RECIPIENT, "order.number", "order.amount", "order.refund")
    status, content = client(account()).refund(
        out_refund_no=_number(out_refund_no),
        out_trade_no=_number(out_trade_no),
        amount={"refund": refund_fen, "total": total_fen, "currency": "CNY"},
        reason=reason or None,
    )
    return _refund(_answer("refund", (status, content), RefundAnswer), out_refund_no)


def query_refund(out_refund_no: str, *, under: Disclosure) -> Refund | None:
    """Ask how a refund stands; `None` where WeChat Pay never heard of it.

    Raises:
        ProviderUnavailable: no answer.
        ProviderRefused: anything else it says no to, or an answer about another refund.
    """
    demand(under, RECIPIENT, "order.refund")
    status, content = client(account()).query_refund(out_refund_no=_number(out_refund_no))
    if status != HTTPStatus.OK and _code("refund", content) in _MISSING:
        return None
    return _refund(_answer("refund", (status, content), RefundAnswer), out_refund_no)


def _phone_params(pay: "Client", appid: str, prepaid: Prepaid, *, now: datetime) -> PrepayParams:
    package = f"prepay_id={prepaid.prepay_id}"
    time_stamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    signature: str = pay.sign([appid, time_stamp, nonce, package])
    return PrepayParams(appid, time_stamp, nonce, package, "RSA", signature)


def _refund(answer: RefundAnswer, asked: str) -> Refund:
    if answer.out_refund_no != asked:
        raise _refusal("refund", "other_refund")
    return Refund(
        out_refund_no=answer.out_refund_no,
        refund_id=answer.refund_id,
        out_trade_no=answer.out_trade_no,
        transaction_id=answer.transaction_id,
        state=answer.status,
        refund_fen=answer.amount.refund,
        total_fen=answer.amount.total,
        currency=answer.amount.currency,
        success_at=answer.success_time,
    )


def _number(text: str) -> str:
    """Make sure that a number of ours is one: the SDK puts it into a path as it is."""
    return msgspec.convert(text, Number)


def _answer(operation: str, came: tuple[int, bytes], shape: type[_T]) -> _T:
    status, content = came
    if status != HTTPStatus.OK:
        raise _refusal(operation, _code(operation, content))
    return checked(content, shape, provider=PROVIDER, operation=operation)


def _code(operation: str, content: bytes) -> str:
    return checked(content, Fault, provider=PROVIDER, operation=operation).code


def _refusal(operation: str, code: str) -> ProviderRefused:
    report(PROVIDER, operation, code)
    return ProviderRefused()
