"""Beginning a payment: who pays within WeChat, and what their phone needs to approve it."""

from typing import Final

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways import wechat, wechatpay
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.web import idempotency

from .. import rules, tables
from ..contracts import OrderView, PayOrder, WechatPayParams
from ..errors import OrderMoved, OrderNotPayable, PayerDiffers
from .moves import GROUND, TRIES, amount_of, own
from .settle import settle
from .show import show_order

PURPOSE: Final = "order.payment"
DESCRIPTION: Final = "聚乐部落订单"
PENDING: Final = "pending"
_ITEMS: Final = ("order.number", "order.amount", "order.payment")


def begin_payment(call: Call, order_id: str, body: PayOrder) -> WechatPayParams:
    """Begin an order's payment, or go on with it; the amount comes from the order alone.

    Keeps: D7.1, I2.3

    Raises:
        NotFound: there is no such order of the caller's.
        OrderNotPayable: paid, closed, or too late.
        CodeInvalid, UserBlocked: WeChat does not take the code.
        PayerDiffers: another WeChat account began it.
        Replayed: this key was used; the same payment is offered again.
        ProviderUnavailable, ProviderRefused: WeChat does not answer, or says no.
    """
    found = _payable(call, order_id)
    if found.payment is not None and idempotency.earlier(call):
        raise idempotency.Replayed(order_id)
    to_wechat = disclose(wechat.RECIPIENT, ("order.login_code",), purpose=PURPOSE, at=call.now)
    access.commit(call, [disclosed(call, to_wechat, subject_id=order_id)])
    openid = wechat.code_to_session(body.code, under=to_wechat).openid
    under = disclose(wechatpay.RECIPIENT, _ITEMS, purpose=PURPOSE, at=call.now)
    for _ in range(TRIES):
        try:
            _commit(call, found, openid, under=under)
        except OrderMoved:
            found = _payable(call, order_id)
            continue
        return _prepay(call, found.order, openid, under=under)
    raise Busy(retry_after_s=1)


def offer_payment(call: Call, order_id: str) -> WechatPayParams:
    """Give the phone what it needs once more, for the payer who began the payment.

    Raises:
        OrderNotPayable: paid, closed, or too late.
    """
    found = _payable(call, order_id)
    if found.payment is None:
        raise OrderNotPayable
    under = disclose(wechatpay.RECIPIENT, _ITEMS, purpose=PURPOSE, at=call.now)
    access.commit(call, [disclosed(call, under, subject_id=order_id)])
    return _prepay(call, found.order, found.payment.openid.reveal(), under=under)


def sync_payment(call: Call, order_id: str) -> OrderView:
    """Ask the provider how an order's payment stands, and settle it where it was paid.

    Keeps: D8.1, D8.2

    Raises:
        NotFound: there is no such order of the caller's.
        PaymentMismatch: what the provider says does not fit the order.
        ProviderUnavailable, ProviderRefused: no answer, or a no.
    """
    found = own(call, order_id)
    if found.payment is not None and found.payment.transaction_id is None:
        under = disclose(wechatpay.RECIPIENT, ("order.number",), purpose=PURPOSE, at=call.now)
        on_record = disclosed(call, under, subject_id=order_id)
        access.commit(call, [on_record], legal_ground=GROUND)
        settle_if_paid(call, order_id, under)
    return show_order(call, order_id)


def settle_if_paid(call: Call, order_id: str, under: Disclosure) -> bool:
    """Query a payment and settle it if money came; says whether it did."""
    told = wechatpay.query(order_id, under=under)
    if told is None or told.state != "SUCCESS":
        return False
    fields = {name: getattr(told, name) for name in rules.Facts.__struct_fields__}
    settle(call, msgspec.convert(fields, type=rules.Facts))
    return True


def _payable(call: Call, order_id: str) -> tables.Trade:
    found = own(call, order_id)
    if not rules.payable(found.order.state, found.order.placed_at, call.now):
        raise OrderNotPayable
    return found


def _commit(call: Call, found: tables.Trade, openid: str, *, under: Disclosure) -> None:
    """Note who pays before the provider hears of it, so that whatever it says later finds its order."""
    writes: list[Write] = [
        idempotency.claim(call, found.order.pk),
        disclosed(call, under, subject_id=found.order.pk),
        record(call, "person:payment:begun", subject_id=found.order.pk),
    ]
    if found.payment is None:
        access.commit(
            call, [put_new(_payment(call, found.order, openid), OrderMoved), tables.touch(found.order), *writes]
        )
        return
    if found.payment.openid.reveal() != openid:
        raise PayerDiffers
    access.commit(call, [tables.still_unpaid(found.order.pk), *writes])


def _payment(call: Call, row: tables.OrderRow, openid: str) -> tables.PaymentRow:
    return tables.PaymentRow(
        pk=row.pk,
        sk=tables.PAYMENT,
        person_id=row.person_id,
        epoch=row.epoch,
        state=PENDING,
        openid=tables.PaymentRow.openid.seal(call.who.keys, openid),
        begun_at=call.now,
    )


def _prepay(call: Call, row: tables.OrderRow, openid: str, *, under: Disclosure) -> WechatPayParams:
    given = wechatpay.prepay(
        out_trade_no=row.pk,
        amount_fen=amount_of(row),
        openid=openid,
        description=DESCRIPTION,
        expires_at=row.placed_at + rules.PAY_WITHIN,
        now=call.now,
        under=under,
    )
    return WechatPayParams(
        app_id=given.app_id,
        time_stamp=given.time_stamp,
        nonce_str=given.nonce_str,
        package=given.package,
        sign_type=given.sign_type,
        pay_sign=given.pay_sign,
    )
