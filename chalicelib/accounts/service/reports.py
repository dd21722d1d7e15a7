"""Reports of fraud: taken from anyone, sealed, ended after a year."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, cast

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.keys import destroy_key, store_key
from chalicelib.foundation.store.outbox import shard
from chalicelib.foundation.store.row import get, rows_by_key
from chalicelib.foundation.store.write import ConditionFailed, Write, put_new
from chalicelib.foundation.vault.keyring import WrappedKey, new_data_key

from ..contracts.reports import FraudKind, FraudReportedView, FraudReportShown, ReportFraud
from ..rules.reports import report_text
from ..tables.reports import REPORT, FraudReportRow, end_report

GROUND: Final = "retention"
Also = Callable[[str], Sequence[Write]]


def _nothing(_report_id: str) -> Sequence[Write]:
    return ()


def report_fraud(call: Call, command: ReportFraud, *, also: Also = _nothing) -> FraudReportedView:
    """Take a report from somebody unknown: it lies under a key of its own, and leads to nobody.

    `also` gives, for the report's id, what is written with it.

    Keeps: K6.3, K4.1

    Raises:
        InvalidInput: nothing was said.
    """
    key = new_data_key()
    row = _row(call, command, keys={"main": key.key_id}, own_key=key)
    commit(call, [put_new(row), store_key(key, "cases"), *also(row.pk)])
    return FraudReportedView(report_id=row.pk)


def report_fraud_as_self(call: Call, command: ReportFraud, *, also: Also = _nothing) -> FraudReportedView:
    """Take a report from a person: it is theirs, in their copy, and goes with their account.

    `also` gives, for the report's id, what is written with it.

    Keeps: K6.3, K4.1

    Raises:
        InvalidInput: nothing was said.
    """
    row = _row(call, command, keys=call.who.keys)
    commit(call, [put_new(row), record(call, "person:fraud:reported", subject_id=row.pk), *also(row.pk)])
    return FraudReportedView(report_id=row.pk)


def show_reports(report_ids: Iterable[str]) -> list[FraudReportShown]:
    """Show reports that there still are, oldest first, to whoever looks after their case.

    Keeps: K6.3
    """
    found = rows_by_key([(FraudReportRow, one, REPORT) for one in report_ids])
    rows = sorted((row for row in found if isinstance(row, FraudReportRow)), key=lambda row: row.at)
    return [
        FraudReportShown(report_id=row.pk, kind=cast("FraudKind", row.fraud_kind), text=row.text.reveal(), at=row.at)
        for row in rows
    ]


def end_old_reports(call: Call, deadline: Deadline) -> int:
    """Delete every report whose time is over, with the key that nobody else has; gives how many.

    Keeps: K1.2
    """
    ended = 0
    for pk, sk in due("cases", call.now, frozenset({REPORT})):
        if deadline.passed():
            break
        row = get(FraudReportRow, pk, sk)
        if row is not None and row.due_at <= call.now:
            ended += _ended(call, row)
    return ended


def _ended(call: Call, row: FraudReportRow) -> bool:
    writes: list[Write] = [end_report(row, call.now)]
    if row.key_id is not None:
        writes.append(destroy_key(row.key_id))
    try:
        commit(call, writes, legal_ground=GROUND)
    except ConditionFailed:
        return False
    return True


def _row(
    call: Call, command: ReportFraud, *, keys: dict[str, str], own_key: WrappedKey | None = None
) -> FraudReportRow:
    report_id, who = new_id("frd"), call.person
    return FraudReportRow(
        pk=report_id,
        sk=REPORT,
        person_id=None if who is None else who.person_id,
        epoch=None if who is None else who.epoch,
        key_id=None if own_key is None else own_key.key_id,
        fraud_kind=command.kind,
        text=FraudReportRow.text.seal(keys, report_text(command.text)),
        at=call.now,
        due_shard=shard(report_id),
        due_at=end_of(lookup.retention(lookup.item("fraud.report").retention).period, call.now),
    )
