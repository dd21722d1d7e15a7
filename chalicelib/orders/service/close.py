"""Ending an order that was not paid, or not sent. The provider closes first, then the stock goes back."""

from datetime import timedelta
from typing import Final

from chalicelib.catalog.service import stock
from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import wechatpay
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel import clock, log
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import ConditionFailed, Write
from chalicelib.foundation.web import idempotency

from .. import tables
from ..contracts import OrderState as State
from ..contracts import OrderView
from ..errors import OrderMoved, OrderNotCancellable
from ..rules import Actor, closable_at
from .moves import GROUND, TRIES, ending_of, moved, own, wanted_of, whose
from .pay import PURPOSE, settle_if_paid
from .refund import refund_writes
from .show import show_order

CLOSED: Final = "closed"
ASK_AGAIN: Final = timedelta(hours=1)
_OVER: Final = frozenset({State.CANCELLED, State.CLOSED, State.REFUNDING, State.REFUNDED})


def cancel_order(call: Call, order_id: str) -> OrderView:
    """Cancel an order: unpaid, it is closed at the provider before stock goes back; paid, the money goes back.

    It may stay in `closing` or `refunding` for a while, which the sweep brings to their end. Money that comes while
    it closes goes back too: whoever cancelled gets no goods.

    Keeps: D5.1, D9.1

    Raises:
        NotFound: there is no such order of the caller's.
        OrderNotCancellable: the goods are on their way.
        Replayed: it is cancelled or closed already.
        Busy: it kept moving.
    """
    for _ in range(TRIES):
        found = own(call, order_id)
        state = State(found.order.state)
        if state in _OVER:
            raise idempotency.Replayed(order_id)
        if state in {State.SHIPPED, State.RECEIVED}:
            raise OrderNotCancellable
        try:
            if state is not State.CLOSING or ending_of(found.order)[1] == "clock":
                claim = idempotency.claim(call, order_id)
                access.commit(call, [claim, *_cancelling(call, found, call.who)])
            _finish_if_possible(call, order_id)
        except OrderMoved:
            continue
        return show_order(call, order_id)
    raise Busy(retry_after_s=1)


def close_overdue(call: Call, found: tables.Trade) -> None:
    """Close an order whose time to pay is over."""
    person = whose(found.order)
    writes = _closing(call, found, actor="clock", person=person)
    access.commit(call, writes, legal_ground=GROUND)
    finish_closing(call, found.order.pk)


def finish_closing(call: Call, order_id: str) -> None:
    """Bring a closing order to its end: closed at the provider and stock back, or settled if it was paid after all.

    What it is too soon to close stays in `closing` for the sweep. So does, for a human and with a line in the log,
    what the provider neither closes nor says was paid, such as a payment given back on its own pages.

    Raises:
        ProviderUnavailable, ProviderRefused: no answer, or a no; the order stays in `closing`.
        OrderMoved: somebody else is at it.
    """
    found = tables.trade(order_id)
    if found is None or found.order.state != State.CLOSING or found.payment is None:
        return
    since = clock.parse(found.order.history[-1][1])
    if call.now < closable_at(found.payment.begun_at, since, found.order.placed_at):
        return
    person = whose(found.order)
    under = disclose(wechatpay.RECIPIENT, ("order.number",), purpose=PURPOSE, at=call.now)
    on_record = disclosed(call, under, reference=person.ref, subject_id=order_id)
    access.commit(call, [on_record], legal_ground=GROUND)
    if wechatpay.close(order_id, under=under) is wechatpay.Closing.PAID:
        if not settle_if_paid(call, order_id, under):
            log.event(log.Event.PAYMENT_MISMATCH, order_id=order_id, reason="not_closable")
            access.commit(call, [tables.put_off(found.order, call.now + ASK_AGAIN)], legal_ground=GROUND)
        return
    after, actor = ending_of(found.order)
    access.commit(
        call,
        [
            *moved(call, found.order, after, actor=actor, person=person),
            *stock.release_writes(wanted_of(found.order)),
            tables.change(found.payment, CLOSED),
        ],
        legal_ground=GROUND,
    )


def _finish_if_possible(call: Call, order_id: str) -> None:
    """Go on at once; where the provider does not answer now, the sweep goes on within a minute."""
    try:
        finish_closing(call, order_id)
    except (ProviderUnavailable, ProviderRefused, ConditionFailed):
        return


def _cancelling(call: Call, found: tables.Trade, person: Person) -> list[Write]:
    if found.order.state in {State.UNPAID, State.CLOSING}:
        return _closing(call, found, actor="person", person=person)
    return [
        *moved(call, found.order, State.REFUNDING, actor="person", person=person),
        *refund_writes(call, found.order, "cancelled"),
        *stock.take_back_writes(wanted_of(found.order)),
    ]


def _closing(call: Call, found: tables.Trade, *, actor: Actor, person: Person) -> list[Write]:
    """Begin to close; an order whose payment never began ends at once, and none can begin any more."""
    if found.payment is not None:
        due = closable_at(found.payment.begun_at, call.now, found.order.placed_at)
        return moved(call, found.order, State.CLOSING, actor=actor, person=person, due=due)
    after = State.CANCELLED if actor == "person" else State.CLOSED
    return [
        *moved(call, found.order, after, actor=actor, person=person),
        *stock.release_writes(wanted_of(found.order)),
        tables.never_begun(found.order.pk),
    ]
