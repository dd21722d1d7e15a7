"""Reports of fraud become cases in the transaction that takes them, so that somebody reads them; a flood is joined."""

from collections.abc import Callable
from typing import Final

from chalicelib.accounts.contracts.reports import FraudReportedView, ReportFraud
from chalicelib.accounts.service import reports
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, Write, put_new

from .. import rules, tables
from ..contracts.cases import OpenForCaller
from ..tables import CaseRow
from .cases import message, new_case, nobodys_case, one_more

TOPIC: Final = "fraud"


def report_fraud(call: Call, command: ReportFraud) -> FraudReportedView:
    """Take a report from somebody unknown, and lay it on the desk; the same words again that day are one report.

    Keeps: K6.3

    Raises:
        InvalidInput: nothing was said.
    """
    row, writes = nobodys_case(call, OpenForCaller(topic=TOPIC, text=rules.reported(command.kind)), by="visitor")
    place = tables.reported_place(command.kind, command.text)

    def laid(report_id: str) -> list[Write]:
        row.report_ids = {report_id}
        return [put_new(row), *writes, tables.note_reported(place, report_id, call.now)]

    try:
        return reports.report_fraud(call, command, also=laid)
    except ConditionFailed:
        seen = get(*place)
        if seen is None:
            raise
        return FraudReportedView(report_id=seen.report_id)


def report_fraud_as_self(call: Call, command: ReportFraud) -> FraudReportedView:
    """Take a report from a person into their open case of this kind, or a new one; they follow it there.

    Keeps: K6.3

    Raises:
        InvalidInput: nothing was said.
        CaseMoved: the case was changed at the same moment.
    """
    mine = (row for row in tables.cases_of(call.who.person_id) if rules.takes_report(row.state, row.report_ids))
    row = next(mine, None)
    return reports.report_fraud_as_self(
        call, command, also=_opened(call, command) if row is None else _joined(call, command, row)
    )


def _opened(call: Call, command: ReportFraud) -> Callable[[str], list[Write]]:
    def laid(report_id: str) -> list[Write]:
        row = new_case(call, OpenForCaller(topic=TOPIC, text=rules.reported(command.kind)), by="person")
        row.state, row.identified_how, row.report_ids = rules.IDENTIFIED, rules.SESSION, {report_id}
        row.person_id, row.epoch = call.who.person_id, call.who.epoch
        said = message(call, row, rules.reported(command.kind), keys=call.who.keys, by="person")
        opened = record(call, "person:case:opened", subject_id=row.pk)
        return [put_new(row), put_new(said), tables.new_entry(row), opened]

    return laid


def _joined(call: Call, command: ReportFraud, row: CaseRow) -> Callable[[str], list[Write]]:
    def laid(report_id: str) -> list[Write]:
        said = message(call, row, rules.reported(command.kind), keys=call.who.keys, by="person")
        reported = {*(row.report_ids or ()), report_id}
        return one_more(row, said, CaseRow.report_ids.set(reported))

    return laid
