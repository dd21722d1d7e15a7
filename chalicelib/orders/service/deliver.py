"""From the warehouse to the recipient."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.standing import access
from chalicelib.foundation.web import idempotency

from .. import tables
from ..contracts import OrderState as State
from ..contracts import OrderView, ShipmentReported
from ..errors import OrderMoved, OrderNotReceivable, ShipmentConflict
from .moves import GROUND, TRIES, moved, own, whose
from .show import show_order


def record_shipment(call: Call, told: ShipmentReported) -> None:
    """Note who carries an order; the same report again changes nothing.

    Raises:
        NotFound: there is no such order.
        ShipmentConflict: it is not waiting to be sent, or was sent under another number.
        OrderMoved: it changed meanwhile; the message comes again.
    """
    row = tables.order(told.order_id)
    if row is None:
        raise NotFound
    if row.tracking_number is not None and row.tracking_number.reveal() == told.tracking_number:
        return
    if row.state != State.PAID:
        raise ShipmentConflict
    person, keys = whose(row), {"trade": row.goods.key_id}
    order = tables.OrderRow
    extra = [
        order.carrier.set(order.carrier.seal(keys, told.carrier)),
        order.tracking_number.set(order.tracking_number.seal(keys, told.tracking_number)),
    ]
    writes = moved(call, row, State.SHIPPED, actor="warehouse", person=person, extra=extra)
    access.commit(call, writes, legal_ground=GROUND)


def receive_order(call: Call, order_id: str) -> OrderView:
    """Confirm receipt, which completes the order.

    Keeps: D5.1

    Raises:
        NotFound: there is no such order of the caller's.
        OrderNotReceivable: it was not sent.
        Replayed: it is received already.
        Busy: it kept moving.
    """
    for _ in range(TRIES):
        found = own(call, order_id)
        if found.order.state == State.RECEIVED:
            raise idempotency.Replayed(order_id)
        if found.order.state != State.SHIPPED:
            raise OrderNotReceivable
        writes = moved(call, found.order, State.RECEIVED, actor="person", person=call.who)
        try:
            claim = idempotency.claim(call, order_id)
            access.commit(call, [claim, *writes, *tables.complete(found.payment, call.now)])
        except OrderMoved:
            continue
        return show_order(call, order_id)
    raise Busy(retry_after_s=1)


def receive_overdue(call: Call, found: tables.Trade) -> None:
    """Complete an order that nobody confirmed for ten days."""
    writes = moved(call, found.order, State.RECEIVED, actor="clock", person=whose(found.order))
    access.commit(call, [*writes, *tables.complete(found.payment, call.now)], legal_ground=GROUND)
