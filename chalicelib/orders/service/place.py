"""Placing an order: prices read, goods held, recipient sealed, all in one transaction."""

import msgspec

from chalicelib.catalog.contracts import Quoted, Wanted
from chalicelib.catalog.errors import StockMoved
from chalicelib.catalog.service import stock
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import put_new
from chalicelib.foundation.web import idempotency

from .. import rules, tables
from ..contracts import OrderState, OrderView, PlaceOrder
from .moves import TRIES, wanted_of
from .show import view_of

GIFT_NOTICE = "order.gift"


def place_order(call: Call, body: PlaceOrder) -> OrderView:
    """Place an order under the id that this person and key always give.

    Keeps: D1.1, D4

    Raises:
        AffirmationRequired, LinesRepeated, InvalidInput, AmountTooLarge: what is asked can't be ordered so.
        VariantUnknown, NeedsMore, OutOfStock: a line can't be had.
        Replayed: it was placed before.
        KeyReused: another order was placed under this key, however long ago.
        Busy: stock kept moving.
    """
    rules.refuse_unaffirmed(for_other=body.for_other, affirmed=body.affirmed)
    rules.refuse_repeated(body.lines)
    wanted = [Wanted(line.variant_id, line.quantity) for line in body.lines]
    for _ in range(TRIES):
        lines = stock.quote(wanted)
        row = _order(call, body, lines)
        try:
            _commit(call, row, lines)
        except StockMoved:
            continue
        except idempotency.Replayed:
            _refuse_another(row, body)
            raise
        return view_of(row)
    raise Busy(retry_after_s=1)


def _order(call: Call, body: PlaceOrder, lines: list[Quoted]) -> tables.OrderRow:
    order_id, keys, to = idempotency.resource_id(call, "ord"), call.who.keys, body.recipient
    return tables.OrderRow(
        pk=order_id,
        sk=tables.ORDER,
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        state=str(OrderState.UNPAID),
        version=1,
        placed_at=call.now,
        history=[tables.step(OrderState.UNPAID, call.now, "person")],
        goods=tables.OrderRow.goods.seal(keys, msgspec.json.encode(lines).decode()),
        amount_fen=tables.OrderRow.amount_fen.seal(keys, str(rules.amount_of(lines))),
        recipient_name=tables.OrderRow.recipient_name.seal(keys, to.name),
        recipient_mobile=tables.OrderRow.recipient_mobile.seal(keys, to.mobile),
        recipient_address=tables.OrderRow.recipient_address.seal(keys, to.address),
        affirmation=_affirmation(call) if body.for_other else None,
        **tables.first_due(order_id, call.now),
    )


def _refuse_another(row: tables.OrderRow, body: PlaceOrder) -> None:
    """Stop a key that placed another order: the key's own record is gone after a day, the order is not."""
    placed = tables.order(row.pk)
    if placed is not None and _asked(placed) != _said(body):
        raise idempotency.KeyReused


def _asked(row: tables.OrderRow) -> tuple[object, ...]:
    to = (row.recipient_name.reveal(), row.recipient_mobile.reveal(), row.recipient_address.reveal())
    return ([(one.variant_id, one.quantity) for one in wanted_of(row)], to, bool(row.affirmation))


def _said(body: PlaceOrder) -> tuple[object, ...]:
    to = (body.recipient.name, body.recipient.mobile, body.recipient.address)
    return ([(line.variant_id, line.quantity) for line in body.lines], to, body.for_other)


def _affirmation(call: Call) -> dict[str, str | int]:
    notice = lookup.notice(GIFT_NOTICE)
    return {"notice": notice.id, "version": notice.version, "at": clock.rfc3339(call.now)}


def _commit(call: Call, row: tables.OrderRow, lines: list[Quoted]) -> None:
    writes = [
        put_new(row, idempotency.Replayed(row.pk)),
        idempotency.claim(call, row.pk),
        *stock.reserve_writes(lines),
        tables.new_pointer(row),
        record(call, "person:order:placed", subject_id=row.pk),
    ]
    if row.affirmation:
        writes.append(record(call, "person:recipient:affirmed", subject_id=row.pk))
    access.commit(call, writes)
