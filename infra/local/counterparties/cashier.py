"""The payer's side of a payment: open it with the parameters the phone got, approve it, decline it."""

import time
from datetime import datetime
from secrets import randbelow, token_hex

import msgspec

from .ledger import Books, Delivery, Ledger, Trade, stamp
from .seals import Seals


class Unpayable(Exception):
    """This cannot be paid; says why, in a code."""


class PhoneParams(msgspec.Struct, rename="camel"):
    """What a mini-program hands to `wx.requestPayment`."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class Cashier:
    """Changes payments as payers do."""

    def __init__(self, ledger: Ledger, seals: Seals) -> None:
        self._ledger = ledger
        self._seals = seals

    def open(self, params: PhoneParams) -> Trade:
        """Find the payment that the phone's parameters open, their signature checked as WeChat does.

        Raises:
            Unpayable: the signature does not fit, or there is no such payment.
        """
        lines = (params.app_id, params.time_stamp, params.nonce_str, params.package)
        if params.sign_type != "RSA" or not self._seals.merchant_signed(lines, params.pay_sign):
            raise Unpayable("requestPayment:fail signature")
        return self.trade(params.package.removeprefix("prepay_id="))

    def trade(self, number: str) -> Trade:
        """Find a payment by prepay id or by the merchant's number.

        Raises:
            Unpayable: there is none.
        """
        with self._ledger.reading() as books:
            return _find(books, number)

    def approve(self, number: str, *, notify: bool = True, after_s: float = 0.0) -> Trade:
        """Pay; the merchant is notified, at once or later or not at all.

        Raises:
            Unpayable: there is no such payment, it is closed or paid, or its time is over.
        """
        with self._ledger.writing() as books:
            trade = _find(books, number)
            if trade.state != "NOTPAY":
                raise Unpayable(trade.state)
            if trade.expires_at and datetime.fromisoformat(trade.expires_at).timestamp() < time.time():
                raise Unpayable("EXPIRED")
            trade.state = "SUCCESS"
            trade.transaction_id = f"42{time.time_ns()}{randbelow(10**7):07}"
            trade.success_at = stamp()
            if notify:
                books.deliveries.append(delivery("TRANSACTION.SUCCESS", trade, after_s=after_s))
        return trade

    def decline(self, number: str) -> Trade:
        """Leave without paying; WeChat tells nobody, and the payment stays open."""
        with self._ledger.writing() as books:
            trade = _find(books, number)
            trade.declined = True
        return trade


def delivery(
    event_type: str, trade: Trade, *, out_refund_no: str = "", url: str = "", after_s: float = 0.0
) -> Delivery:
    """Prepare a notification."""
    return Delivery(
        id=f"EV-{token_hex(12)}",
        event_type=event_type,
        out_trade_no=trade.out_trade_no,
        out_refund_no=out_refund_no,
        url=url or trade.notify_url,
        created_at=stamp(),
        due_s=time.time() + after_s,
    )


def _find(books: Books, number: str) -> Trade:
    trade = books.trades.get(number) or books.trade_of(number)
    if trade is None:
        raise Unpayable("MISSING")
    return trade
