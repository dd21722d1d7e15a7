"""Giving money back the way it came. "Accepted" is not "refunded": an order waits until the provider says so."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import wechatpay
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.gateways.errors import ProviderRefused
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import ConditionFailed, Write, put_new

from .. import tables
from ..contracts import OrderState as State
from ..errors import OrderMoved, PaymentMismatch
from .moves import GROUND, amount_of, moved, whose

PURPOSE: Final = "order.payment"
ASK_AGAIN: Final = timedelta(minutes=1)
ASK_A_HUMAN: Final = timedelta(hours=1)
REQUESTED, PROCESSING, SUCCESS, FAILED = "requested", "processing", "success", "failed"
_REASONS: Final = {"cancelled": "订单已取消", "late": "订单已关闭，款项退回"}
_ITEMS: Final = ("order.number", "order.amount", "order.refund")


class Terms(msgspec.Struct, frozen=True):
    """What a refund is: its number is fixed before the provider is first asked, and used for every try."""

    out_refund_no: str
    amount_fen: int
    reason: str


def refund_writes(call: Call, row: tables.OrderRow, reason: str) -> list[Write]:
    """Fix an order's one refund; it is asked for by the sweep, within a minute."""
    terms = Terms(row.pk.replace("ord_", "rfd_"), amount_of(row), reason)
    sealed = tables.RefundRow.refund.seal({"trade": row.goods.key_id}, msgspec.json.encode(terms).decode())
    return [
        put_new(
            tables.RefundRow(
                pk=row.pk,
                sk=tables.REFUND,
                person_id=row.person_id,
                epoch=row.epoch,
                state=REQUESTED,
                refund=sealed,
                begun_at=call.now,
            ),
            OrderMoved,
        )
    ]


def pursue_refund(call: Call, found: tables.Trade) -> None:
    """Ask for a refund, or how it stands, and finish it when the money is back.

    Keeps: D9.1

    Raises:
        ProviderUnavailable: no answer; the same number is used next time.
    """
    if found.refund is None:
        raise PaymentMismatch
    person, terms = whose(found.order), terms_of(found.refund)
    under = disclose(wechatpay.RECIPIENT, _ITEMS, purpose=PURPOSE, at=call.now)
    on_record = disclosed(call, under, reference=person.ref, subject_id=found.order.pk)
    access.commit(call, [on_record], legal_ground=GROUND)
    try:
        answer = wechatpay.refund(
            out_refund_no=terms.out_refund_no,
            out_trade_no=found.order.pk,
            refund_fen=terms.amount_fen,
            total_fen=terms.amount_fen,
            under=under,
            reason=_REASONS[terms.reason],
        )
    except ProviderRefused:
        state = "REFUSED"
    else:
        state = answer.state
    take_refund_state(call, found, state)


def take_refund_state(call: Call, found: tables.Trade, state: str, *, also: Sequence[Write] = ()) -> None:
    """Act on what the provider says about a refund; saying it again changes nothing.

    One that is refused or stuck needs a human, whom a line in the log calls; it is asked for again meanwhile.
    """
    if found.refund is None or found.order.state != State.REFUNDING:
        return
    if state == "SUCCESS":
        _finish(call, found, found.refund, also=also)
        return
    stuck = state != "PROCESSING"
    if stuck:
        log.event(log.Event.REFUND_STUCK, order_id=found.order.pk, reason=state.lower())
    _unless_moved(
        call,
        [
            tables.put_off(found.order, call.now + (ASK_A_HUMAN if stuck else ASK_AGAIN)),
            tables.change(found.refund, FAILED if stuck else PROCESSING),
            *also,
        ],
    )


def terms_of(row: tables.RefundRow) -> Terms:
    """Open what a refund is."""
    return msgspec.json.decode(row.refund.reveal(), type=Terms)


def _finish(call: Call, found: tables.Trade, noted: tables.RefundRow, *, also: Sequence[Write]) -> None:
    order, payment, _ = found
    refund = tables.RefundRow
    _unless_moved(
        call,
        [
            *moved(call, order, State.REFUNDED, actor="provider", person=whose(order)),
            *tables.complete(payment, call.now),
            tables.change(noted, SUCCESS, refund.completed_at.set(call.now)),
            *also,
        ],
    )


def _unless_moved(call: Call, writes: list[Write]) -> None:
    """Write, unless somebody else has brought the same news meanwhile."""
    try:
        access.commit(call, writes, legal_ground=GROUND)
    except (OrderMoved, ConditionFailed):
        return
