"""Sweeps of the house itself: messages that were not sent or not dealt with, and the daily seal."""

from datetime import date, timedelta

import msgspec

from ..audit.sealer import last_sealed, seal_day
from ..gateways import queue
from ..kernel import log
from ..kernel.call import Call
from ..kernel.deadlines import Deadline
from ..store import outbox
from ..store.due import due
from ..store.row import get
from ..store.write import ConditionFailed, commit
from .job import Jobs

SETTLE = timedelta(hours=1)
_FIRST_DAYS = 30
jobs = Jobs(__name__)


@jobs.on_schedule("rate(1 minute)")
def resend_outbox(call: Call, deadline: Deadline) -> None:
    """Send again what nobody has marked as done a minute after it was written."""
    sent = 0
    for pk, sk in due("outbox", call.now):
        if deadline.passed():
            break
        row = get(outbox.OutboxRow, pk, sk)
        if row is not None and not row.done and _resent(row):
            sent += 1
            _put_off(call, row)
    if sent:
        log.event(log.Event.OUTBOX_RESENT, count=sent)


@jobs.on_schedule("rate(1 day)")
def seal_evidence(call: Call, deadline: Deadline) -> None:
    """Seal every recent day that is over and not sealed yet, oldest first.

    Keeps: J11.1
    """
    for day in _unsealed((call.now - SETTLE).date() - timedelta(days=1)):
        if deadline.passed():
            return
        count = seal_day(msgspec.structs.replace(call, purpose="evidence.keep"), day)
        log.event(log.Event.EVIDENCE_SEALED, day=day.isoformat(), count=count)


def _unsealed(last: date) -> list[date]:
    """List the days after the last sealed one, however long ago that was; at the very start, the last month."""
    done = last_sealed() or last - timedelta(days=_FIRST_DAYS)
    return [done + timedelta(days=ahead + 1) for ahead in range((last - done).days)]


def _resent(row: outbox.OutboxRow) -> bool:
    try:
        unsent = queue.send(row.queue, [row.body.encode()])
    except Exception:  # noqa: BLE001 - one message that can't be sent must not hold up those behind it
        unsent = [0]
    if unsent:
        log.event(log.Event.OUTBOX_DEFERRED, queue=row.queue, count=1)
    return not unsent


def _put_off(call: Call, row: outbox.OutboxRow) -> None:
    try:
        commit([outbox.again(row, call.now)])
    except ConditionFailed:
        return
