"""Cases as whoever asks sees them: with an account, or through the contact form without one."""

from typing import TYPE_CHECKING, cast

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.vault.keyring import new_data_key
from chalicelib.foundation.web import idempotency
from chalicelib.orders.service.show import show_order

from .. import rules, tables
from ..contracts.cases import (
    CaseCard,
    CaseListView,
    CaseState,
    CaseView,
    ContactView,
    MessageView,
    OpenCase,
    OpenForCaller,
    SendContact,
    Speaker,
    Topic,
    WriteMessage,
)
from ..errors import CaseClosed, CaseFull
from ..tables import CASE, CaseRow, MessageRow

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


def open_case(call: Call, command: OpenCase) -> CaseView:
    """Open a case; whoever is logged in has been identified by that.

    Keeps: E1.1

    Raises:
        NotFound: the order is not one of the caller's.
    """
    if command.order_id is not None:
        show_order(call, command.order_id)
    who = call.who
    row = new_case(call, command, by="person")
    row.state, row.identified_how, row.order_id = rules.IDENTIFIED, rules.SESSION, command.order_id
    row.person_id, row.epoch = who.person_id, who.epoch
    said = message(call, row, command.text, keys=who.keys, by="person")
    writes = [
        idempotency.claim(call, row.pk),
        put_new(row),
        put_new(said),
        tables.new_entry(row),
        record(call, "person:case:opened", subject_id=row.pk),
    ]
    commit(call, writes)
    return _view(row, [said])


def list_cases(call: Call) -> CaseListView:
    """List the caller's cases, newest first."""
    rows = sorted(tables.cases_of(call.who.person_id), key=lambda row: row.opened_at, reverse=True)
    return CaseListView(data=[_card(row) for row in rows])


def show_case(call: Call, case_id: str) -> CaseView:
    """Show one of the caller's cases.

    Keeps: K4.4

    Raises:
        NotFound: none, or somebody else's.
    """
    row = _own(call, case_id)
    return _view(row, tables.messages(row.pk))


def write_message(call: Call, case_id: str, command: WriteMessage) -> CaseView:
    """Say something in a case of one's own.

    Raises:
        NotFound: none, or somebody else's.
        CaseClosed, CaseFull: it takes no more.
        CaseMoved: it was changed at the same moment.
    """
    row = _own(call, case_id)
    said = message(call, row, command.text, keys=call.who.keys, by="person")
    writes = [
        idempotency.claim(call, case_id),
        *one_more(row, said),
        record(call, "person:case:said", subject_id=row.pk),
    ]
    commit(call, writes)
    return show_case(call, case_id)


def send_contact(call: Call, command: SendContact) -> ContactView:
    """Take a letter from anybody: what it says, and where the answer goes; nothing more is asked or kept.

    Keeps: N1.1
    """
    row, writes = nobodys_case(call, command, by="visitor")
    row.contact = CaseRow.contact.seal({"main": row.key_id}, command.contact)
    commit(call, [put_new(row), *writes])
    return ContactView(case_id=row.pk, answer_by=rules.answer_by(row.opened_at))


def nobodys_case(call: Call, command: SendContact | OpenForCaller, *, by: Speaker) -> tuple[CaseRow, list[Write]]:
    """Make a case of which it is not known whose it is, under a key of its own; the caller puts the row."""
    key = new_data_key()
    row = new_case(call, command, by=by)
    row.key_id = key.key_id
    said = message(call, row, command.text, keys={"main": key.key_id}, by=by)
    return row, [store_key(key, "main"), put_new(said), tables.new_entry(row)]


def new_case(call: Call, command: OpenCase | SendContact | OpenForCaller, *, by: Speaker) -> CaseRow:
    """Make the row of a case."""
    return CaseRow(
        pk=new_id("cas"),
        sk=CASE,
        state=rules.OPEN,
        version=1,
        messages=1,
        topic=command.topic,
        opened_at=call.now,
        opened_by=by,
    )


def message(call: Call, row: CaseRow, text: str, *, keys: dict[str, str], by: Speaker) -> MessageRow:
    """Make the row of a message."""
    return MessageRow(
        pk=row.pk,
        sk=tables.message_place(call.now, new_id("cmg")),
        person_id=row.person_id,
        epoch=row.epoch,
        at=call.now,
        by=by,
        text=MessageRow.text.seal(keys, text),
    )


def one_more(row: CaseRow, said: MessageRow, *changes: "Action") -> list[Write]:
    """Put a message into a case that is not closed and has room, and change the case besides.

    Raises:
        CaseClosed, CaseFull: it takes no more.
    """
    if row.state == rules.CLOSED:
        raise CaseClosed
    if not rules.has_room(row.state, row.messages):
        raise CaseFull
    return [tables.move(row, [CaseRow.messages.set(row.messages + 1), *changes]), put_new(said)]


def message_views(rows: list[MessageRow]) -> list[MessageView]:
    """Show what was said."""
    return [MessageView(at=one.at, by=cast("Speaker", one.by), text=one.text.reveal()) for one in rows]


def _own(call: Call, case_id: str) -> CaseRow:
    row = tables.case(case_id)
    if row is None or row.person_id != call.who.person_id:
        raise NotFound
    return row


def _card(row: CaseRow) -> CaseCard:
    return CaseCard(
        case_id=row.pk,
        topic=cast("Topic", row.topic),
        state=cast("CaseState", row.state),
        opened_at=row.opened_at,
        answer_by=rules.answer_by(row.opened_at),
        closed_at=row.closed_at,
    )


def _view(row: CaseRow, said: list[MessageRow]) -> CaseView:
    return CaseView(
        case_id=row.pk,
        topic=cast("Topic", row.topic),
        state=cast("CaseState", row.state),
        order_id=row.order_id,
        opened_at=row.opened_at,
        answer_by=rules.answer_by(row.opened_at),
        closed_at=row.closed_at,
        messages=message_views(said),
    )
