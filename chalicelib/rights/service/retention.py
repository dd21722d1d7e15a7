"""Endings that come with time: kept records, their key, files of copies, closed requests, messages, uploads."""

from collections.abc import Callable
from datetime import datetime

from ...accounts.service.growing_up import celebrate_birthdays
from ...accounts.service.recovered import end_old_recoveries
from ...accounts.service.reports import end_old_reports
from ...accounts.service.staff_members import end_old_members
from ...accounts.service.verification import end_old_records
from ...foundation.kernel import log
from ...foundation.kernel.call import Call
from ...foundation.kernel.config import config
from ...foundation.kernel.deadlines import Deadline
from ...foundation.kernel.errors import Failure
from ...foundation.register import lookup
from ...foundation.register.periods import end_of
from ...foundation.standing.access import commit
from ...foundation.store.batch import delete_keys
from ...foundation.store.due import due
from ...foundation.store.keys import DataKeyRow
from ...foundation.store.planner import owner_of, row_class
from ...foundation.store.row import Row, get
from ...foundation.store.write import ConditionFailed, Write, delete
from ...foundation.vault.clients import client
from ...media.service import sweep_unused
from ...notifications.service import end_old_messages
from ...support.service.desk import end_old_cases
from ...support.service.guardians import open_disputes
from ..tables import CANCELLATION_SK, COPY_SK, CancellationRow, CopyRow, drop_file, end_case
from .files import remove_file

GROUND = "retention"


def sweep_retention(call: Call, deadline: Deadline) -> None:
    """End what is over, kind by kind; a kind that fails stops no other, and fails the run once all had their turn.

    Keeps: K1.2
    """
    faults: list[Exception] = []
    for name, sweep in _SWEEPS.items():
        if deadline.passed():
            break
        try:
            log.event(log.Event.SWEEP_DONE, sweep=name, count=sweep(call, deadline), failed=0)
        except Exception as fault:  # noqa: BLE001 - raised below
            log.event(
                log.Event.JOB_FAULT,
                job="sweep_retention",
                message_id=name,
                kind=fault.code if isinstance(fault, Failure) else type(fault).__name__,
                where=log.where(fault),
                request_id=call.request_id,
            )
            faults.append(fault)
    if faults:
        raise faults[0]


def _kept_records(call: Call, deadline: Deadline) -> int:
    """Delete trade records that were cut loose from their person and whose years are over."""
    count = 0
    for pk, sk in due("trade", call.now):
        if deadline.passed():
            break
        row = _trade_row(pk, sk)
        if row is not None and owner_of(row) is None and _is_over(getattr(row, "due_at", None), call.now):
            count += delete_keys("trade", [(pk, sk)])
    return count


def _keys(call: Call, deadline: Deadline) -> int:
    """Destroy data keys whose last record is over; a key whose date was moved meanwhile stays."""
    count = 0
    for pk, sk in due("keys", call.now):
        if deadline.passed():
            break
        count += _ended(call, delete((DataKeyRow, pk, sk), DataKeyRow.due_at <= call.now))
    return count


def _copies(call: Call, deadline: Deadline) -> int:
    """Remove files that were fetched or waited a week, and records of requests whose years are over."""
    count = 0
    for pk, sk in due("cases", call.now, frozenset({COPY_SK})):
        if deadline.passed():
            break
        row = get(CopyRow, pk, sk)
        if row is None or not _is_over(row.due_at, call.now):
            continue
        if row.object_key is None:
            count += _ended(call, end_case(row))
        else:
            remove_file(row.object_key)
            count += _ended(call, drop_file(row, _record_ends(row.due_at)))
    return count


def _cases(call: Call, deadline: Deadline) -> int:
    """Delete cases of cancellations whose years are over."""
    count = 0
    for pk, sk in due("cases", call.now, frozenset({CANCELLATION_SK})):
        if deadline.passed():
            break
        row = get(CancellationRow, pk, sk)
        if row is not None and row.step == "done" and _is_over(row.due_at, call.now):
            count += _ended(call, end_case(row))
    return count


def _ended(call: Call, write: Write) -> bool:
    """Carry out one ending; a change since it was read leaves it to the next sweep."""
    try:
        commit(call, [write], legal_ground=GROUND)
    except ConditionFailed:
        return False
    return True


def _is_over(due_at: datetime | None, now: datetime) -> bool:
    """Decide again on the row itself: the index is behind by moments."""
    return due_at is not None and due_at <= now


def _record_ends(closed_at: datetime) -> datetime:
    return end_of(lookup.retention(lookup.item("request.record").retention).period, closed_at)


def _trade_row(pk: str, sk: str) -> Row | None:
    item = (
        client("dynamodb")
        .get_item(TableName=config().table("trade"), Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True)
        .get("Item")
    )
    entry = next((e for e in lookup.rows() if item and e.table == "trade" and e.kind == item["kind"]["S"]), None)
    return row_class(entry).from_item(item) if entry is not None else None


_SWEEPS: dict[str, Callable[[Call, Deadline], int]] = {
    "kept_records": _kept_records,
    "keys": _keys,
    "copies": _copies,
    "cases": _cases,
    "inbox": end_old_messages,
    "uploads": sweep_unused,
    "reports": end_old_reports,
    "staff": end_old_members,
    "support": end_old_cases,
    "birthdays": celebrate_birthdays,
    "guardians": open_disputes,
    "verifications": end_old_records,
    "recoveries": end_old_recoveries,
}
