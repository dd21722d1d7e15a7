"""Reports of fraud, with every query and condition on them."""

from datetime import datetime

from ...foundation.store.attributes import Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, INDEX, KEY, TIME, OnMerge, Personal, Technical
from ...foundation.store.row import Row
from ...foundation.store.write import Write, delete

REPORT = "FRAUD_REPORT"


class FraudReportRow(Row, table="cases", kind="fraud_report"):
    """What somebody reported. Who is known owns it; a guest's has a data key of its own and leads to nobody."""

    on_merge = OnMerge.MOVE

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    key_id = Text(Technical("id of the report's own data key, where nobody is known"), null=True)
    fraud_kind = Text(Personal("fraud.kind"))
    text = Sealed(Personal("fraud.report"))
    at = Instant(TIME)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)


def end_report(row: FraudReportRow, now: datetime) -> Write:
    """Delete a report whose time is over."""
    return delete(row, FraudReportRow.due_at <= now)
