"""Inbox rows: a code, an id and times; no words."""

from chalicelib.foundation.store.attributes import Instant, Integer, Text
from chalicelib.foundation.store.declare import EPOCH, INDEX, KEY, OnMerge, Personal
from chalicelib.foundation.store.row import Row, get, query
from chalicelib.foundation.store.write import Write, update

SK = "NOTICE#"


class InboxRow(Row, table="people", kind="inbox"):
    """One service message. It is due when its retention ends."""

    on_merge = OnMerge.MOVE

    comes_by_itself = True

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    message_id = Text(Personal("inbox.state"))
    template = Text(Personal("inbox.message"))
    subject_id = Text(Personal("inbox.message"), null=True)
    at = Instant(Personal("inbox.state"))
    read_at = Instant(Personal("inbox.state"), null=True)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)


def message_of(person_id: str, place: str) -> InboxRow | None:
    """Read the message at a place of its owner's inbox."""
    return get(InboxRow, person_id, f"{SK}{place}")


def page_of(person_id: str, *, limit: int, before: str, unread: bool) -> tuple[list[InboxRow], bool]:
    """Read messages, newest first, older than a sort key; says whether there are more."""
    rows, _ = query(
        InboxRow,
        person_id,
        InboxRow.sk.startswith(SK),
        limit=limit + 1,
        forward=False,
        after={"pk": person_id, "sk": before} if before else None,
        strong=True,
        where=InboxRow.read_at.does_not_exist() if unread else None,
    )
    return rows[:limit], len(rows) > limit


def mark_read(row: InboxRow) -> Write:
    """Write when a message was read, the first time."""
    return update(row, [InboxRow.read_at.set(row.read_at)], InboxRow.read_at.does_not_exist())
