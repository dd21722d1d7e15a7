"""That guardians disagree, until a case is open for whoever decides, with every query and condition."""

from collections.abc import Iterator
from datetime import datetime

from ...foundation.kernel.call import Person
from ...foundation.store.attributes import Instant, Integer, Text
from ...foundation.store.declare import EPOCH, INDEX, KEY, TIME, OnMerge, Personal
from ...foundation.store.due import due
from ...foundation.store.outbox import shard
from ...foundation.store.row import Row, get
from ...foundation.store.write import Write, delete, put

DISPUTE = "DISPUTE"


class DisputeRow(Row, table="people", kind="guardian_dispute"):
    """That guardians disagree about somebody, and that nobody has a case of it yet: due until somebody has."""

    on_merge = OnMerge.DROP

    told = False

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    at = Instant(TIME)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)


def new_dispute(who: Person, now: datetime) -> Write:
    """Lay a disagreement before whoever opens cases."""
    row = DisputeRow(pk=who.person_id, sk=DISPUTE, person_id=who.person_id, epoch=who.epoch, at=now)
    row.due_shard, row.due_at = shard(who.person_id), now
    return put(row)


def waiting(now: datetime) -> Iterator[DisputeRow]:
    """Read the disagreements that have no case yet."""
    for pk, sk in due("people", now, frozenset({DISPUTE})):
        row = get(DisputeRow, pk, sk)
        if row is not None:
            yield row


def has_case(row: DisputeRow) -> Write:
    """Take a disagreement off, in the transaction that opens its case."""
    return delete(row, DisputeRow.at == row.at)
