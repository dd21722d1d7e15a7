"""A person's orders as they see them."""

from datetime import datetime

from chalicelib.catalog.contracts import Quoted
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.paging import Page, open_cursor, seal_cursor
from chalicelib.foundation.standing import access
from chalicelib.foundation.vault.wrapping import secret
from chalicelib.foundation.web import idempotency

from .. import tables
from ..contracts import (
    LineView,
    ListOrders,
    OrderCard,
    OrderState,
    OrderView,
    PaymentMethod,
    RecipientView,
    ShipmentView,
    StepView,
)
from ..errors import OrderMoved, OrderNotFinished
from ..rules import OPEN, pay_until
from .moves import TRIES, amount_of, goods_of, own


def list_orders(call: Call, asked: ListOrders) -> Page[OrderCard]:
    """List the caller's orders, newest first, in two calls.

    Keeps: D5.1

    Raises:
        InvalidInput: the cursor is of another list or reader.
    """
    who, key = call.who.person_id, secret("cursor")
    scope = f"orders#{who}"
    after = open_cursor(key, scope, asked.cursor)["sk"] if asked.cursor else ""
    found = tables.pointers(who, asked.limit + 1, after)
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    cards = [_card(row) for row in tables.orders([one.order_id for one in shown])] if shown else []
    return Page(cards, has_more=more, next_cursor=seal_cursor(key, scope, {"sk": shown[-1].sk}) if more else None)


def latest_orders(call: Call, most: int) -> list[OrderView]:
    """Show a person's latest orders in full, newest first, in two calls; what they hid stays hidden."""
    found = tables.pointers(call.who.person_id, most, "")
    return [view_of(row) for row in tables.orders([one.order_id for one in found])] if found else []


def show_order(call: Call, order_id: str) -> OrderView:
    """Show one of the caller's orders.

    Keeps: D5.1, K4.4

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = tables.order(order_id)
    if row is None or row.person_id != call.who.person_id:
        raise NotFound
    return view_of(row)


def hide_order(call: Call, order_id: str) -> OrderView:
    """Take an order that is over off the caller's list; it is still there for whoever knows its number.

    Keeps: D5.1

    Raises:
        NotFound: there is none, or it is somebody else's.
        OrderNotFinished: it is not over.
        Replayed: it is hidden already.
        Busy: it kept moving.
    """
    for _ in range(TRIES):
        row = own(call, order_id).order
        if row.state in OPEN:
            raise OrderNotFinished
        hiding = tables.hide(row, idempotency.Replayed(order_id))
        evidence = record(call, "person:order:hidden", subject_id=order_id)
        try:
            access.commit(call, [idempotency.claim(call, order_id), *hiding, evidence])
        except OrderMoved:
            continue
        return view_of(row)
    raise Busy(retry_after_s=1)


def view_of(row: tables.OrderRow) -> OrderView:
    """Show an order in full; its sealed values are opened.

    Keeps: D3
    """
    state = OrderState(row.state)
    return OrderView(
        order_id=row.pk,
        state=state,
        placed_at=row.placed_at,
        pay_until=pay_until(row.placed_at) if state is OrderState.UNPAID else None,
        amount=Money(amount_of(row)),
        method=_method(row),
        lines=[_line(line) for line in goods_of(row)],
        recipient=RecipientView(
            name=row.recipient_name.reveal(),
            mobile=row.recipient_mobile.reveal(),
            address=row.recipient_address.reveal(),
        ),
        for_other=bool(row.affirmation),
        shipment=_shipment(row),
        history=[StepView(state=OrderState(name), at=datetime.fromisoformat(at)) for name, at, _ in row.history],
    )


def _card(row: tables.OrderRow) -> OrderCard:
    return OrderCard(
        order_id=row.pk,
        state=OrderState(row.state),
        placed_at=row.placed_at,
        amount=Money(amount_of(row)),
        method=_method(row),
        lines=[_line(line) for line in goods_of(row)],
    )


def _line(line: Quoted) -> LineView:
    return LineView(
        variant_id=line.variant_id,
        product_id=line.product_id,
        title=line.title,
        variant_title=line.variant_title,
        quantity=line.quantity,
        price=Money(line.price_fen),
    )


def _method(row: tables.OrderRow) -> PaymentMethod | None:
    return "wechatpay" if row.method is not None and row.method.reveal() == "wechatpay" else None


def _shipment(row: tables.OrderRow) -> ShipmentView | None:
    if row.carrier is None:
        return None
    return ShipmentView(carrier=row.carrier.reveal(), tracking_number=row.tracking_number.reveal())
