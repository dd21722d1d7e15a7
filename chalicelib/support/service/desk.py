"""Cases as staff look after them: opened for a caller, taken, answered, closed; each step is on record."""

from typing import cast

from chalicelib.accounts.service.reports import show_reports
from chalicelib.foundation.audit.approvals import ApprovalRequired
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.paging import Page, open_cursor, seal_cursor
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.batch import delete_keys
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.outbox import announce, shard
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.vault.wrapping import secret
from chalicelib.notifications.contracts import NoticeOrdered

from .. import rules, tables
from ..contracts.cases import (
    CaseState,
    DeskCard,
    DeskCaseView,
    DeskQuery,
    IdentifiedHow,
    OpenForCaller,
    Topic,
    WriteMessage,
)
from ..errors import CaseClosed, NotAssigned
from ..tables import CaseRow
from . import reading
from .cases import message, message_views, nobodys_case, one_more


def list_desk(call: Call, asked: DeskQuery) -> Page[DeskCard]:
    """List the cases or the letters that are not closed, oldest first, without a word of what is in them.

    Raises:
        InvalidInput: the cursor is not one of this list, source and reader.
    """
    key, scope = secret("cursor"), f"desk:{call.officer.staff_id}:{asked.source}"
    after = open_cursor(key, scope, asked.cursor)["sk"] if asked.cursor else ""
    rows, last = tables.on_the_desk(asked.source, limit=asked.limit, after=after)
    return Page(
        data=[_card(call, row) for row in rows],
        has_more=bool(last),
        next_cursor=seal_cursor(key, scope, {"sk": last}) if last else None,
    )


def open_for_caller(call: Call, command: OpenForCaller) -> DeskCaseView:
    """Open a case for somebody who called; it is the opener's to look after, and nobody's account until checked."""
    row, writes = nobodys_case(call, command, by="staff")
    row.officer = call.officer.ref
    access.commit(call, [put_new(row), *writes, *on_record(call, row, "opened", whose=None)])
    return _view(row)


def take_case(call: Call, case_id: str) -> DeskCard:
    """Look after a case from now on, whoever did before.

    Raises:
        NotFound: no such case.
        CaseClosed: it is over.
        CaseMoved: it was changed at the same moment.
    """
    row = tables.case(case_id)
    if row is None:
        raise NotFound
    if row.state == rules.CLOSED:
        raise CaseClosed
    access.commit(
        call,
        [
            tables.move(row, [CaseRow.officer.set(call.officer.ref)]),
            *on_record(call, row, "taken", whose=person_of_case(row)),
        ],
    )
    row.officer = call.officer.ref
    return _card(call, row)


def read_case(call: Call, case_id: str) -> DeskCaseView:
    """Read a case that one looks after, while it is not closed; that it was read is on record before it is shown.

    Keeps: K4.6, K4.7, M2.5

    Raises:
        NotFound: no such case.
        NotAssigned: it is not the caller's to look after.
        CaseClosed: it is over.
        ApprovalRequired: its person is under age, and no second person has approved that it is read.
    """
    row = assigned(call, case_id)
    if row.state == rules.CLOSED:
        raise CaseClosed
    whose = person_of_case(row)
    seen = _read(call, row, whose)
    if seen:
        access.commit(call, seen)
    return _view(row)


def read_identified(call: Call, case_id: str) -> DeskCaseView:
    """Read a case whose person was just found; of somebody under age nothing is shown that was said.

    Keeps: M2.5
    """
    try:
        return read_case(call, case_id)
    except ApprovalRequired:
        return _view(assigned(call, case_id), withheld=True)


def answer_case(call: Call, case_id: str, command: WriteMessage) -> DeskCaseView:
    """Answer in a case; whoever has an account is told that there is an answer.

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed, CaseFull: it takes no more.
        CaseMoved: it was changed at the same moment.
        ApprovalRequired: its person is under age, and no second person has approved that it is read.
    """
    row = assigned(call, case_id)
    whose = person_of_case(row)
    seen = [] if whose is None else reading.read_writes(call, row, whose, actor=acting(call))
    keys = {"main": row.key_id} if whose is None else whose.keys
    said = message(call, row, command.text, keys=keys, by="staff")
    writes = [*one_more(row, said), *seen, *on_record(call, row, "answered", whose=whose), *_told(call, row, whose)]
    access.commit(call, writes)
    return _view(row)


def close_case(call: Call, case_id: str) -> DeskCard:
    """Close a case; it ends with its years, counted from now.

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over already.
        CaseMoved: it was changed at the same moment.
    """
    row = assigned(call, case_id)
    if row.state == rules.CLOSED:
        raise CaseClosed
    ends = end_of(lookup.retention(lookup.item("support.text").retention).period, call.now)
    closing = [
        CaseRow.state.set(rules.CLOSED),
        CaseRow.closed_at.set(call.now),
        CaseRow.due_shard.set(shard(row.pk)),
        CaseRow.due_at.set(ends),
    ]
    access.commit(
        call,
        [tables.move(row, closing), tables.clear_desk(row), *on_record(call, row, "closed", whose=person_of_case(row))],
    )
    row.state = rules.CLOSED
    return _card(call, row)


def end_old_cases(call: Call, deadline: Deadline) -> int:
    """Delete the cases whose years are over, with all that was said in them, and keys that seal nothing any more.

    Keeps: K1.2
    """
    count = 0
    for row in tables.over(call.now):
        if deadline.passed():
            break
        delete_keys("cases", [(one.pk, one.sk) for one in tables.messages(row.pk)])
        access.commit(call, [tables.forget(row), *([destroy_key(row.key_id)] if row.key_id else [])])
        count += 1
    for key_id in tables.spent_keys(call.now):
        if deadline.passed():
            break
        access.commit(call, tables.destroy_spent(key_id))
        count += 1
    return count


def assigned(call: Call, case_id: str) -> CaseRow:
    """Read a case that the caller looks after.

    Raises:
        NotFound: no such case.
        NotAssigned: it is not the caller's to look after.
    """
    row = tables.case(case_id)
    if row is None:
        raise NotFound
    if row.officer != call.officer.ref:
        raise NotAssigned
    return row


def person_of_case(row: CaseRow) -> Person | None:
    """Give whose case it is, whatever the state of their account; None while nobody knows.

    Raises:
        NotFound: they are gone, and with them the case, whatever is still to be seen of it.
    """
    if row.person_id is None:
        return None
    whose = access.person(row.person_id)
    if whose is None or whose.epoch != row.epoch:
        raise NotFound
    return whose


def on_record(call: Call, row: CaseRow, verb: str, *, whose: Person | None) -> list[Write]:
    """Put on record what a member of staff does in a case: under themselves, and under whose case it is."""
    done = f"staff:case:{verb}"
    under = [record(call, done, reference=call.officer.ref, subject_id=row.pk)]
    if whose is not None:
        under += [
            record(call, done, reference=whose.ref, subject_id=row.pk, actor=acting(call)),
            access.still_there(whose, otherwise=NotFound),
        ]
    return under


def acting(call: Call) -> str:
    """Name a member of staff by their role, as a person's evidence does."""
    return f"staff:{next(role for role in rules.SERVICE if role in call.officer.roles)}"


def _told(call: Call, row: CaseRow, whose: Person | None) -> list[Write]:
    if whose is None:
        return []
    return [announce(call, "notices", NoticeOrdered(template="case_answered", subject_id=row.pk), person=whose)]


def _read(call: Call, row: CaseRow, whose: Person | None) -> list[Write]:
    """Put a reading on record: as a look where it is known at whom, else under whoever reads."""
    if whose is None:
        return on_record(call, row, "read", whose=None)
    seen = reading.read_writes(call, row, whose, actor=acting(call))
    return [*seen, access.still_there(whose, otherwise=NotFound)] if seen else []


def _card(call: Call, row: CaseRow) -> DeskCard:
    return DeskCard(
        case_id=row.pk,
        topic=cast("Topic", row.topic),
        state=cast("CaseState", row.state),
        opened_at=row.opened_at,
        answer_by=rules.answer_by(row.opened_at),
        taken=row.officer is not None,
        mine=row.officer == call.officer.ref,
    )


def _view(row: CaseRow, *, withheld: bool = False) -> DeskCaseView:
    return DeskCaseView(
        case_id=row.pk,
        topic=cast("Topic", row.topic),
        state=cast("CaseState", row.state),
        order_id=row.order_id,
        opened_at=row.opened_at,
        answer_by=rules.answer_by(row.opened_at),
        closed_at=row.closed_at,
        contact=None if row.contact is None or withheld else row.contact.reveal(),
        identified_how=cast("IdentifiedHow | None", row.identified_how),
        messages=[] if withheld else message_views(tables.messages(row.pk)),
        reports=show_reports(row.report_ids) if row.report_ids and not withheld else [],
        withheld=withheld,
    )
