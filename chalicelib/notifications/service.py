"""Verbs of the inbox: deliver, list, mark as read, end what is over."""

from datetime import datetime

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.paging import Page, open_cursor, seal_cursor
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.batch import delete_keys
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.outbox import shard
from chalicelib.foundation.store.write import ConditionFailed, put_new
from chalicelib.foundation.vault.wrapping import secret

from . import rules, tables
from .contracts import InboxMessageView, InboxQuery
from .rules.templates import TEMPLATES
from .tables import InboxRow

SAFETY = "account_safety"
"""Why somebody who is frozen is told about the security of the account (Personal Information Protection Law, 51)."""
KIND = tables.SK.removesuffix("#")


def deliver(call: Call, template: str, subject_id: str) -> None:
    """Put a message into the caller's inbox; however often it is delivered, it lies there once.

    Keeps: G1.1, G1.2, G1.3

    Raises:
        TemplateUnknown: no such template, or it is not about such a thing.
    """
    rules.refuse_unknown(template, subject_id)
    at = call.announced_at or call.now
    message_id = rules.message_id(at, rules.tag_of(call.idempotency_key))
    row = InboxRow(
        pk=call.who.person_id,
        sk=f"{tables.SK}{rules.place_of(message_id)}",
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        message_id=message_id,
        template=template,
        subject_id=subject_id or None,
        at=at,
        due_shard=shard(message_id),
        due_at=end_of(_period(), at),
    )
    try:
        commit(call, [put_new(row)])
    except ConditionFailed:
        return


def list_inbox(call: Call, asked: InboxQuery) -> Page[InboxMessageView]:
    """List the caller's messages, newest first; what is past its retention is not shown.

    Keeps: G1.1, G1.2, G1.3, K1.2

    Raises:
        InvalidInput: the cursor is not one of this list, filter and reader.
    """
    person_id, key = call.who.person_id, secret("cursor")
    scope = f"inbox:{person_id}:{asked.unread}"
    before = open_cursor(key, scope, asked.cursor)["sk"] if asked.cursor else ""
    rows, more = tables.page_of(person_id, limit=asked.limit, before=before, unread=asked.unread)
    shown = [row for row in rows if not _is_over(row.at, call.now)]
    more = more and len(shown) == len(rows)
    return Page(
        data=[_view(call, row) for row in shown],
        has_more=more,
        next_cursor=seal_cursor(key, scope, {"sk": shown[-1].sk}) if more else None,
    )


def read_message(call: Call, message_id: str) -> InboxMessageView:
    """Mark a message of the caller as read; the time of the first reading stays.

    Keeps: G1.3

    Raises:
        NotFound: not in the caller's inbox, or past its retention.
    """
    row = tables.message_of(call.who.person_id, rules.place_of(message_id))
    if row is None or _is_over(row.at, call.now):
        raise NotFound
    if row.read_at is None:
        row.read_at = call.now
        try:
            commit(call, [tables.mark_read(row)])
        except ConditionFailed:
            row = tables.message_of(call.who.person_id, rules.place_of(message_id))
            if row is None:
                raise NotFound from None
    return _view(call, row)


def end_old_messages(call: Call, deadline: Deadline) -> int:
    """Delete every message whose retention is over; gives how many.

    Keeps: K1.2
    """
    ended = 0
    for pk, sk in due("people", call.now, frozenset({KIND})):
        if deadline.passed():
            break
        ended += delete_keys("people", [(pk, sk)])
    return ended


def _view(call: Call, row: InboxRow) -> InboxMessageView:
    words = rules.words_of(row.template, call.language)
    return InboxMessageView(
        message_id=row.message_id,
        topic=TEMPLATES[row.template].topic,
        template=row.template,
        title=words.title,
        text=words.text,
        subject_id=row.subject_id,
        at=row.at,
        read_at=row.read_at,
    )


def _period() -> str:
    return lookup.retention(lookup.item("inbox.message").retention).period


def _is_over(at: datetime, now: datetime) -> bool:
    return rules.is_over(at, _period(), now)
