"""Reading what was said in a case: a look like any other, and of somebody under age a second person's to allow."""

from datetime import timedelta

import msgspec

from chalicelib.foundation.audit.approvals import ApprovalRequired
from chalicelib.foundation.audit.looks import looked
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, put

from .. import rules, tables
from ..tables import CaseRow, ReadingRow

_ITEMS = (rules.TEXT, "support.record")
_KEPT = timedelta(minutes=1)


def read_writes(call: Call, row: CaseRow, whose: Person, *, actor: str) -> list[Write]:
    """Put on record that a case is read; nothing more while the look that began with it lasts.

    Keeps: K4.7, M2.5

    Raises:
        ApprovalRequired: its person is under age, and no approval of a second person stands for this case.
    """
    known = _known(call, row, whose)
    allowed = known is not None and known.until is not None and known.until > call.now
    if not allowed and stage_of(whose.minor, call.now) is not None:
        raise ApprovalRequired
    if known is not None and known.seen_until is not None and known.seen_until > call.now:
        return []
    named = known.purpose if known is not None and allowed else None
    on_record = looked(
        msgspec.structs.replace(call, purpose=named or rules.purpose_of(row.topic)),
        whose.ref,
        look_id=new_id("lok"),
        case_id=row.pk,
        actor=actor,
        items=(*_ITEMS, "order.number") if row.order_id else _ITEMS,
    )
    seen = _row(call, row, whose)
    seen.purpose, seen.until = (known.purpose, known.until) if known is not None else (None, None)
    seen.seen_until = call.now + rules.READING
    seen.expires_at = max(seen.seen_until, seen.until or seen.seen_until) + _KEPT
    return [put(seen), *on_record]


def allow_writes(call: Call, row: CaseRow, whose: Person, *, purpose: str) -> Write:
    """Let the caller read and answer a case for the hours that an approval stands."""
    granted = _row(call, row, whose)
    granted.purpose, granted.until = purpose, call.now + rules.TEXT_LIFE
    granted.expires_at = granted.until + _KEPT
    return put(granted)


def _known(call: Call, row: CaseRow, whose: Person) -> ReadingRow | None:
    """Give what the caller may read and has read, as long as it is about whoever the case belongs to now."""
    found = get(*tables.reading_key(row.pk, call.officer.ref))
    if found is None or (found.person_id, found.epoch) != (whose.person_id, whose.epoch):
        return None
    return found


def _row(call: Call, row: CaseRow, whose: Person) -> ReadingRow:
    _, pk, sk = tables.reading_key(row.pk, call.officer.ref)
    return ReadingRow(pk=pk, sk=sk, person_id=whose.person_id, epoch=whose.epoch)
