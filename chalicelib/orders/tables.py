"""Rows of orders in the table `trade`, with every query and condition on them.

An order lives in a partition of its own and its person's list points at it, so that after an erasure the record
that the law demands holds no trace of whose it was: not in its attributes, not in its keys.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.store.attributes import Instant, Integer, Json, Sealed, Text
from chalicelib.foundation.store.declare import EPOCH, INDEX, KEY, STATE, Ending, OnMerge, Personal
from chalicelib.foundation.store.outbox import shard
from chalicelib.foundation.store.row import Row, get, query, rows_by_key
from chalicelib.foundation.store.write import Refusal, Write, check, delete, put, put_new, update

from .contracts import OrderState
from .errors import OrderMoved, OrderNotPayable, TransactionUsed
from .rules import COMPLETED, OPEN, PAY_WITHIN, Actor, check_move, due_at

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

ORDER, PAYMENT, REFUND, GUARD = "ORDER", "PAYMENT", "REFUND", "GUARD"
LISTED, HIDDEN = "ORDER#", "HIDDEN#"
OPEN_CODE = "order_open"
PENDING_CODE = "payment_pending"
KEPT = "trade.legal"
_KEEP: dict[str, Any] = {"ending": Ending.KEEP}
_KEPT_SEALED: dict[str, Any] = {**_KEEP, "ground": "trade"}


class TradeRow(Row):
    """What orders, payments and refunds have in common: all that is kept of them is kept from completion."""

    on_merge = OnMerge.MOVE
    pk = Text(Personal("order.number", **_KEEP), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    state = Text(Personal("order.state", **_KEEP))
    completed_at = Instant(Personal("order.times", **_KEEP), null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)

    def kept_from(self) -> datetime | None:
        """Keep from completion; what was never completed goes with the person.

        Keeps: K2.1
        """
        return self.completed_at

    def blocks(self, _now: datetime) -> str:
        """Stand against cancelling the account until it is completed."""
        return OPEN_CODE if self.completed_at is None else ""

    def as_read(self) -> Any:  # noqa: ANN401 - a PynamoDB condition
        """Let an erasure take it only in the state it was read in: money may come at any moment."""
        return type(self).state == self.state


class OrderRow(TradeRow, table="trade", kind="order"):
    """An order. `goods` is a sealed list of lines, `history` a list of [state, time, actor].

    The recipient leaves with the person: what the law wants kept are goods, amounts, times and the shipment that
    proves delivery (电子商务法 31, 网络交易监督管理办法 31), not where somebody lives. So that is sealed under `main`:
    the trade key lives on for years, and would open in a backup what was erased here.
    """

    version = Integer(STATE)
    placed_at = Instant(Personal("order.times", **_KEEP))
    history = Json(Personal("order.times", **_KEEP))
    goods = Sealed(Personal("order.goods", **_KEPT_SEALED))
    amount_fen = Sealed(Personal("order.amount", **_KEPT_SEALED))
    method = Sealed(Personal("order.method", **_KEPT_SEALED), null=True)
    recipient_name = Sealed(Personal("order.recipient"), null=True)
    recipient_mobile = Sealed(Personal("order.recipient"), null=True)
    recipient_address = Sealed(Personal("order.recipient"), null=True)
    affirmation = Json(Personal("order.affirmation", **_KEEP), null=True)
    carrier = Sealed(Personal("order.shipment", **_KEPT_SEALED), null=True)
    tracking_number = Sealed(Personal("order.shipment", **_KEPT_SEALED), null=True)

    def blocks(self, _now: datetime) -> str:
        """Stand against cancelling the account while the order is open."""
        return OPEN_CODE if self.state in OPEN else ""

    def as_read(self) -> Any:  # noqa: ANN401 - a PynamoDB condition
        """Let nothing pass that was decided on an earlier version."""
        return super().as_read() & (OrderRow.version == self.version)

    def others(self) -> frozenset[str]:
        """Leave a recipient who is somebody else out of what the buyer is shown of themselves."""
        return frozenset({"recipient_name", "recipient_mobile", "recipient_address"} if self.affirmation else ())


class PaymentRow(TradeRow, table="trade", kind="payment"):
    """The one payment of an order: the provider knows it by the order's number, so nothing can be paid twice."""

    openid = Sealed(Personal("order.payment"), null=True)
    transaction_id = Text(Personal("order.transaction", **_KEEP), null=True)
    begun_at = Instant(Personal("order.times", **_KEEP))
    paid_at = Instant(Personal("order.times", **_KEEP), null=True)

    def blocks(self, now: datetime) -> str:
        """Stand against it until completed; without money, as long as the provider could take some, closed or not."""
        if self.transaction_id is not None or self.completed_at is not None:
            return super().blocks(now)
        return PENDING_CODE if now < self.begun_at + PAY_WITHIN else ""


class RefundRow(TradeRow, table="trade", kind="refund"):
    """The one refund of an order; `refund` is its number, amount and reason, fixed before the provider is asked."""

    refund = Sealed(Personal("order.refund", **_KEPT_SEALED))
    begun_at = Instant(Personal("order.times", **_KEEP))


class PointerRow(Row, table="trade", kind="order_pointer"):
    """A line in a person's list of orders; its sort key says when, which, and whether it is hidden."""

    on_merge = OnMerge.MOVE
    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(Personal("order.number"), range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    order_id = Text(Personal("order.number"))


class TransactionRow(Row, table="trade", kind="transaction"):
    """That a provider's transaction has settled an order; no other can be settled by it."""

    on_merge = OnMerge.MOVE
    pk = Text(Personal("order.transaction"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    order_id = Text(Personal("order.number"))


class Trade(NamedTuple):
    """An order with its payment and refund, as far as there are any."""

    order: OrderRow
    payment: PaymentRow | None
    refund: RefundRow | None


def order(order_id: str) -> OrderRow | None:
    """Read an order."""
    return get(OrderRow, order_id, ORDER)


def trade(order_id: str) -> Trade | None:
    """Read an order with payment and refund in one call."""
    found = rows_by_key([(OrderRow, order_id, ORDER), (PaymentRow, order_id, PAYMENT), (RefundRow, order_id, REFUND)])
    match found:
        case [OrderRow() as row, PaymentRow() | None as payment, RefundRow() | None as refund]:
            return Trade(row, payment, refund)
    return None


def orders(order_ids: Sequence[str]) -> list[OrderRow]:
    """Read orders in the order asked; those gone are left out."""
    return [row for row in rows_by_key([(OrderRow, i, ORDER) for i in order_ids]) if isinstance(row, OrderRow)]


def pointers(person_id: str, limit: int, after: str) -> list[PointerRow]:
    """Read a page of a person's list, newest first, without what they hid."""
    last, kept = ({"pk": person_id, "sk": after} if after else None), PointerRow.sk.startswith(LISTED)
    rows, _ = query(PointerRow, person_id, kept, limit=limit, forward=False, after=last, strong=True)
    return rows


def new_pointer(row: OrderRow) -> Write:
    """Put an order on its person's list."""
    return put(_pointer(row, LISTED))


def hide(row: OrderRow, otherwise: Refusal) -> list[Write]:
    """Take an order off its person's list, once, and only while it is what it was when read (`OrderMoved`)."""
    return [
        delete(_pointer(row, LISTED), PointerRow.kind.exists(), otherwise),
        put(_pointer(row, HIDDEN)),
        check((OrderRow, row.pk, ORDER), row.as_read(), OrderMoved),
    ]


def relist(row: OrderRow) -> list[Write]:
    """Put an order back on its person's list, whether it was hidden or not."""
    return [new_pointer(row), delete(_pointer(row, HIDDEN))]


def move(
    row: OrderRow,
    after: OrderState,
    actor: Actor,
    *,
    now: datetime,
    due: datetime | None = None,
    extra: Sequence["Action"] = (),
) -> Write:
    """Move an order to another state, only from where and what it was when read (`OrderMoved`).

    `due` is when somebody must look at it, where that is not what the state alone says.
    """
    check_move(row.state, after, actor)
    if due is None:
        due = end_of(lookup.retention(KEPT).period, now) if after in COMPLETED else due_at(after, now)
    actions: list[Action] = [
        OrderRow.state.set(str(after)),
        OrderRow.version.set(row.version + 1),
        OrderRow.history.set([*row.history, step(after, now, actor)]),
        *(_due(row.pk, due) if due else (OrderRow.due_shard.remove(), OrderRow.due_at.remove())),
        *extra,
    ]
    if after in COMPLETED:
        actions.append(OrderRow.completed_at.set(now))
    return update(row, actions, row.as_read(), otherwise=OrderMoved)


def touch(row: OrderRow) -> Write:
    """Change an order's version, so that whoever read it before must look again."""
    return update(row, [OrderRow.version.set(row.version + 1)], row.as_read(), otherwise=OrderMoved)


def put_off(row: OrderRow, until: datetime) -> Write:
    """Have the sweep look at an order again later."""
    return update(row, [*_due(row.pk, until)], row.as_read(), otherwise=OrderMoved)


def still_unpaid(order_id: str) -> Write:
    """Let a transaction pass only while an order waits for its payment."""
    return check((OrderRow, order_id, ORDER), OrderRow.state == str(OrderState.UNPAID), OrderNotPayable)


def never_begun(order_id: str) -> Write:
    """Let a transaction pass only while an order has no payment: it may have begun since it was looked for."""
    return check((PaymentRow, order_id, PAYMENT), PaymentRow.kind.does_not_exist(), OrderMoved)


def change(row: PaymentRow | RefundRow, state: str, *extra: "Action") -> Write:
    """Change the state of a payment or refund, only from what it was when read."""
    return update(row, [type(row).state.set(state), *extra], row.as_read(), otherwise=OrderMoved)


def complete(row: PaymentRow | RefundRow | None, now: datetime) -> list[Write]:
    """Note on a payment or refund when its order was completed, for the years of the law run from there."""
    return [] if row is None else [update(row, [type(row).completed_at.set(now)])]


def guard(row: OrderRow, transaction_id: str) -> Write:
    """Let a provider's transaction settle one order, once (`TransactionUsed`)."""
    return put_new(
        TransactionRow(
            pk=f"GWTX#wechat#{transaction_id}",
            sk=GUARD,
            person_id=row.person_id,
            epoch=row.epoch,
            order_id=row.pk,
        ),
        TransactionUsed,
    )


def forget(found: Trade) -> list[Write]:
    """Delete an order with all that belongs to it."""
    row, payment, refund = found
    writes = [delete(row, OrderRow.version == row.version, OrderMoved)]
    writes += [delete(one) for one in (payment, refund) if one is not None]
    writes += [delete(_pointer(row, place)) for place in (LISTED, HIDDEN)]
    if payment is not None and payment.transaction_id:
        writes.append(delete((TransactionRow, f"GWTX#wechat#{payment.transaction_id}", GUARD)))
    return writes


def step(state: OrderState, now: datetime, actor: Actor) -> list[str]:
    """Write one step of an order's history."""
    return [str(state), clock.rfc3339(now), actor]


def first_due(order_id: str, now: datetime) -> dict[str, Any]:
    """Give the place of a new order in the `due` index."""
    return {"due_shard": shard(order_id), "due_at": due_at(OrderState.UNPAID, now)}


def _due(order_id: str, at: datetime) -> tuple["Action", "Action"]:
    return OrderRow.due_shard.set(shard(order_id)), OrderRow.due_at.set(at)


def _pointer(row: OrderRow, place: str) -> PointerRow:
    return PointerRow(
        pk=row.person_id,
        sk=f"{place}{clock.rfc3339(row.placed_at)}#{row.pk}",
        person_id=row.person_id,
        epoch=row.epoch,
        order_id=row.pk,
    )
