"""What is due among orders: closing what was not paid, confirming receipt, refunds under way, the end of the years."""

from datetime import timedelta
from typing import Final

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.write import ConditionFailed

from .. import tables
from ..contracts import OrderState as State
from ..errors import OrderMoved
from ..rules import COMPLETED
from .close import close_overdue, finish_closing
from .deliver import receive_overdue
from .moves import GROUND, whose
from .refund import pursue_refund

TRY_AGAIN: Final = timedelta(minutes=2)
_PURPOSE: Final = "order.fulfil"


def sweep_orders(call: Call, deadline: Deadline) -> None:
    """Do for each order that is due what its state asks for; one that fails is put off and stops no other."""
    call = msgspec.structs.replace(call, purpose=_PURPOSE)
    count = failed = 0
    for order_id, _ in due("trade", call.now, frozenset({tables.ORDER})):
        if deadline.passed():
            break
        found = tables.trade(order_id)
        if found is None or found.order.due_at is None or found.order.due_at > call.now:
            continue
        count += 1
        try:
            _take_up(call, found)
        except (OrderMoved, ConditionFailed):
            continue
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must not hold up other people's orders
            failed += 1
            _put_off(call, order_id, fault)
    if count:
        log.event(log.Event.SWEEP_DONE, sweep="orders", count=count, failed=failed)


def _take_up(call: Call, found: tables.Trade) -> None:
    state = State(found.order.state)
    if state is State.UNPAID:
        close_overdue(call, found)
    elif state is State.CLOSING:
        finish_closing(call, found.order.pk)
    elif state is State.SHIPPED:
        receive_overdue(call, found)
    elif state is State.REFUNDING:
        pursue_refund(call, found)
    elif state in COMPLETED and found.order.person_id:
        _end(call, found)


def _end(call: Call, found: tables.Trade) -> None:
    """Delete what the law wanted kept, once its years are over, from an account that still lives.

    Keeps: K1.2
    """
    person = whose(found.order)
    ended = record(
        call, "system:order:retention_ended", reference=person.ref, subject_id=found.order.pk, actor="system"
    )
    access.commit(call, [*tables.forget(found), ended], legal_ground=GROUND)


def _put_off(call: Call, order_id: str, fault: Exception) -> None:
    log.event(
        log.Event.JOB_FAULT,
        job="close_unpaid",
        message_id=order_id,
        kind=fault.code if isinstance(fault, Failure) else type(fault).__name__,
        where=log.where(fault),
        request_id=call.request_id,
    )
    row = tables.order(order_id)
    if row is None:
        return
    try:
        access.commit(call, [tables.put_off(row, call.now + TRY_AGAIN)], legal_ground=GROUND)
    except OrderMoved:
        return
