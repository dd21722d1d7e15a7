"""What every change of an order writes: the state, the evidence, and the message to its person."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from chalicelib.catalog.contracts import Quoted, Wanted
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write
from chalicelib.notifications.contracts import NoticeOrdered, OrderedTemplate

from .. import tables
from ..contracts import OrderState as State
from ..rules import Actor

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

GROUND: Final = "settlement"
TRIES: Final = 5
_ACTORS: Final[dict[Actor, str]] = {
    "person": "self",
    "clock": "system",
    "provider": "provider:wechatpay",
    "warehouse": "system",
}
_NOTICES: Final[dict[State, OrderedTemplate]] = {
    State.PAID: "order_paid",
    State.SHIPPED: "order_shipped",
    State.RECEIVED: "order_received",
    State.CLOSED: "order_closed",
    State.CANCELLED: "order_closed",
    State.REFUNDED: "order_refunded",
}


class PersonGone(RuntimeError):
    """An order that is still open belongs to nobody, though it should have stood against the erasure."""


def own(call: Call, order_id: str) -> tables.Trade:
    """Read an order of the caller's, with payment and refund.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = tables.trade(order_id)
    if found is None or found.order.person_id != call.who.person_id:
        raise NotFound
    return found


def whose(row: tables.OrderRow) -> Person:
    """Read the person of an order and open their trade key, in one call.

    Raises:
        PersonGone: there is nobody any more.
    """
    standing = access.load(row.person_id, row.goods.key_id) if row.person_id else None
    if standing is None:
        raise PersonGone
    return access.person_of(standing)


def goods_of(row: tables.OrderRow) -> list[Quoted]:
    """Open the lines of an order."""
    return msgspec.json.decode(row.goods.reveal(), type=list[Quoted])


def wanted_of(row: tables.OrderRow) -> list[Wanted]:
    """Open what stock an order moves."""
    return [Wanted(line.variant_id, line.quantity) for line in goods_of(row)]


def amount_of(row: tables.OrderRow) -> int:
    """Open an order's amount, in fen."""
    return int(row.amount_fen.reveal())


def ending_of(row: tables.OrderRow) -> tuple[State, Actor]:
    """Say where a closing order ends, by who had it closed."""
    by_person = row.history[-1][2] == "person"
    return (State.CANCELLED, "person") if by_person else (State.CLOSED, "clock")


def moved(
    call: Call,
    row: tables.OrderRow,
    after: State,
    *,
    actor: Actor,
    person: Person,
    due: datetime | None = None,
    extra: Sequence["Action"] = (),
) -> list[Write]:
    """Move an order, on record, and tell its person where there is something to tell."""
    writes = [
        tables.move(row, after, actor, now=call.now, due=due, extra=extra),
        record(call, f"{actor}:order:{after}", reference=person.ref, subject_id=row.pk, actor=_ACTORS[actor]),
    ]
    template = _NOTICES.get(after)
    if template is not None:
        notice = NoticeOrdered(template=template, subject_id=row.pk)
        writes.append(announce(call, "notices", notice, person=person))
    return writes
