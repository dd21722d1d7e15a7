"""WeChat Pay's notifications: verified before anything else, then settled like any other news."""

from chalicelib.foundation.gateways.nonces import spend_nonce
from chalicelib.foundation.gateways.wechatpay import RECIPIENT, Notification, read_notification
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.ids import is_id
from chalicelib.foundation.kernel.money import CURRENCY
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.web.route import Raw

from .. import tables
from ..errors import NotificationReplayed
from ..rules import Facts
from .refund import take_refund_state, terms_of
from .settle import mismatch, settle


def take_notification(call: Call, raw: Raw) -> None:
    """Take a notification, exactly once however often it comes; a forged one writes nothing.

    Keeps: D8.1

    Raises:
        NotificationForged, NotificationLate, NotificationKeyUnknown, NotificationMalformed: not WeChat Pay's word.
        NotificationReplayed: another notification used its nonce.
        PaymentMismatch: it does not fit the order.
    """
    told = read_notification(raw.headers, raw.body, call.now)
    mark = (told.nonce, told.notification_id)
    nonce = spend_nonce(RECIPIENT, *mark, now=call.now, otherwise=NotificationReplayed)
    if told.kind == "refund":
        _take_refund(call, told, nonce)
        return
    facts = Facts(
        mchid=told.mchid,
        appid=told.appid,
        out_trade_no=told.out_trade_no,
        transaction_id=told.transaction_id,
        amount_fen=told.amount_fen,
        currency=told.currency,
        state=told.state,
    )
    settle(call, facts, (nonce,))


def _take_refund(call: Call, told: Notification, nonce: Write) -> None:
    found = tables.trade(told.out_trade_no) if is_id("ord", told.out_trade_no) else None
    if found is None or found.refund is None or found.payment is None:
        raise mismatch(told.out_trade_no, "unknown_refund")
    terms = terms_of(found.refund)
    fits = (
        told.mchid == config().setting("WECHATPAY_MCHID")
        and told.transaction_id == found.payment.transaction_id
        and told.out_refund_no == terms.out_refund_no
        and (told.refund_fen, told.amount_fen, told.currency) == (terms.amount_fen, terms.amount_fen, CURRENCY)
    )
    if not fits:
        raise mismatch(told.out_trade_no, "refund")
    take_refund_state(call, found, told.state, also=(nonce,))
