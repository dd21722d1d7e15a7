"""Rows of customer service in the table `cases`, with every query and condition on them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.attributes import Expiry, Instant, Integer, Sealed, Text, Texts
from chalicelib.foundation.store.declare import EPOCH, EXPIRY, INDEX, KEY, STATE, TIME, OnMerge, Personal, Technical
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.outbox import shard
from chalicelib.foundation.store.row import Row, get, query, rows_by_key
from chalicelib.foundation.store.write import Write, delete, put, put_new, update
from chalicelib.foundation.vault.blind import blind

from .errors import CaseMoved

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

CASE = "CASE"
MESSAGE = "MESSAGE#"
_DESKS: Final = {"cases": "DESK", "letters": "DESK#LETTERS"}
SPENT = "SPENT_KEY"
_REPORTED_FOR: Final = timedelta(days=1)


class CaseRow(Row, table="cases", kind="case"):
    """A case. Until it is known whose it is, what is said in it is sealed under a key of its own (`key_id`).

    `officer` is the reference, in the evidence, of the member of staff who looks after it. It is due when its years
    after closing are over.
    """

    on_merge = OnMerge.MOVE

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    state = Text(Personal("support.record"))
    version = Integer(STATE)
    messages = Integer(STATE)
    topic = Text(Personal("support.record"))
    order_id = Text(Personal("order.number"), null=True)
    contact = Sealed(Personal("support.text"), null=True)
    opened_at = Instant(Personal("support.record"))
    opened_by = Text(Personal("support.record"))
    identified_how = Text(Personal("support.record"), null=True)
    closed_at = Instant(Personal("support.record"), null=True)
    officer = Text(Personal("evidence.reference", whose="other"), null=True)
    key_id = Text(Technical("id of the case's own data key"), null=True)
    report_ids = Texts(Technical("ids of the reports of fraud that it is about"), null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)


class MessageRow(Row, table="cases", kind="case_message"):
    """Something said in a case."""

    on_merge = OnMerge.MOVE

    erase_rank = 1

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    at = Instant(Personal("support.record"))
    by = Text(Personal("support.record"))
    text = Sealed(Personal("support.text"))


class DeskRow(Row, table="cases", kind="desk_entry"):
    """That a case is not closed, in the order of opening; letters from the contact form lie on a pile of their own."""

    on_merge = OnMerge.MOVE

    told = False

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    case_id = Text(Technical("id of the case"))


class GrantRow(Row, table="ephemeral", kind="look_grant"):
    """That a member of staff may see some fields of a case's account, until it expires; all else is in the evidence."""

    on_merge = OnMerge.DROP

    told = False

    pk = Text(KEY, hash_key=True)
    sk = Text(Personal("evidence.reference", whose="other"), range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    fields = Texts(Technical("ids of data items"))
    purpose = Text(Technical("id of the purpose that was named"))
    until = Instant(TIME)
    expires_at = Expiry(EXPIRY)


class ReadingRow(Row, table="ephemeral", kind="case_reading"):
    """That a member of staff may read a minor's case (`until`), and that they read it is on record (`seen_until`).

    `purpose` is what a second person has approved it for.
    """

    on_merge = OnMerge.DROP

    told = False

    pk = Text(KEY, hash_key=True)
    sk = Text(Personal("evidence.reference", whose="other"), range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    purpose = Text(Technical("id of the purpose that was named"), null=True)
    until = Instant(TIME, null=True)
    seen_until = Instant(TIME, null=True)
    expires_at = Expiry(EXPIRY)


class ReportedRow(Row, table="ephemeral", kind="reported"):
    """That somebody unknown reported just this today, and which report it became."""

    pk = Text(Technical("keyed hash of what was reported"), hash_key=True)
    sk = Text(KEY, range_key=True)
    report_id = Text(Technical("id of the report"))
    expires_at = Expiry(EXPIRY)


class SpentKeyRow(Row, table="cases", kind="spent_key"):
    """That a case's own key seals nothing any more. A sweep destroys it: what answers requests may destroy no key."""

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)


def grant_key(case_id: str, officer: str) -> tuple[type[GrantRow], str, str]:
    """Give the key of what a member of staff may see in a case."""
    return GrantRow, f"LOOK#{case_id}", officer


def reading_key(case_id: str, officer: str) -> tuple[type[ReadingRow], str, str]:
    """Give the key of what a member of staff may read, and has read, in a case."""
    return ReadingRow, f"READ#{case_id}", officer


def reported_place(kind: str, text: str) -> tuple[type[ReportedRow], str, str]:
    """Give the key of what was reported, in these words."""
    return ReportedRow, f"REPORTED#{blind('fraud_report', f'{kind} {text}')}", "REPORTED"


def note_reported(place: tuple[type[ReportedRow], str, str], report_id: str, now: datetime) -> Write:
    """Note what was reported, unless it was today."""
    row = ReportedRow(pk=place[1], sk=place[2], report_id=report_id, expires_at=now + _REPORTED_FOR)
    return put(row, ReportedRow.kind.does_not_exist() | (ReportedRow.expires_at <= now))


def case(case_id: str) -> CaseRow | None:
    """Read a case."""
    return get(CaseRow, case_id, CASE)


def messages(case_id: str) -> list[MessageRow]:
    """Read what was said in a case, in order."""
    rows, more = query(MessageRow, case_id, MessageRow.sk.startswith(MESSAGE), strong=True)
    while more is not None:
        page, more = query(MessageRow, case_id, MessageRow.sk.startswith(MESSAGE), strong=True, after=more)
        rows += page
    return rows


def cases_of(person_id: str) -> list[CaseRow]:
    """Read a person's cases."""
    found = planner.read(planner.traverse(person_id, [CaseRow]))
    return [row for row in found if isinstance(row, CaseRow)]


def on_the_desk(source: str, *, limit: int, after: str) -> tuple[list[CaseRow], str]:
    """Read the cases of a source that are not closed, oldest first, after a place; gives where the next page begins."""
    pk = _DESKS[source]
    start = {"pk": pk, "sk": after} if after else None
    found, _ = query(DeskRow, pk, limit=limit + 1, after=start, strong=True)
    entries = found[:limit]
    rows = rows_by_key([(CaseRow, entry.case_id, CASE) for entry in entries]) if entries else []
    return [row for row in rows if isinstance(row, CaseRow)], entries[-1].sk if len(found) > limit else ""


def message_place(at: datetime, message_id: str) -> str:
    """Say where a message stands in its case."""
    return f"{MESSAGE}{clock.rfc3339(at)}#{message_id}"


def new_entry(row: CaseRow) -> Write:
    """Lay a case on the desk."""
    return put_new(DeskRow(pk=_desk(row), sk=_place(row), person_id=row.person_id, epoch=row.epoch, case_id=row.pk))


def move(row: CaseRow, actions: "Sequence[Action]") -> Write:
    """Change a case, only while it is what was read."""
    raised = [*actions, CaseRow.version.set(row.version + 1)]
    return update((CaseRow, row.pk, CASE), raised, CaseRow.version == row.version, otherwise=CaseMoved)


def clear_desk(row: CaseRow) -> Write:
    """Take a case off the desk."""
    return delete((DeskRow, _desk(row), _place(row)))


def make_theirs(row: CaseRow, said: list[MessageRow], *, person_id: str, epoch: int, now: datetime) -> list[Write]:
    """Note whose case it is, on everything that belongs to it; its own key is spent.

    Args:
        row: the case, its contact sealed anew by the caller.
        said: its messages, sealed anew by the caller.
        person_id: whose it is.
        epoch: of their standing.
        now: from when on its own key may be destroyed.
    """
    desk = (DeskRow, _desk(row), _place(row))
    owned = [
        update((MessageRow, one.pk, one.sk), [
            MessageRow.person_id.set(person_id), MessageRow.epoch.set(epoch), MessageRow.text.set(one.text)
        ], otherwise=CaseMoved)
        for one in said
    ]  # fmt: skip
    entry = update(desk, [DeskRow.person_id.set(person_id), DeskRow.epoch.set(epoch)], otherwise=CaseMoved)
    return [*owned, entry, *([_spent(row.key_id, now)] if row.key_id else [])]


def over(now: datetime) -> Iterator[CaseRow]:
    """Read the cases whose years are over."""
    for pk, sk in due("cases", now, frozenset({CASE})):
        row = get(CaseRow, pk, sk)
        if row is not None and row.due_at is not None and row.due_at <= now:
            yield row


def spent_keys(now: datetime) -> Iterator[str]:
    """Name the keys that seal nothing any more."""
    return (key_id for key_id, _ in due("cases", now, frozenset({SPENT})))


def destroy_spent(key_id: str) -> list[Write]:
    """Destroy such a key; safe to run twice."""
    return [destroy_key(key_id), delete((SpentKeyRow, key_id, SPENT))]


def forget(row: CaseRow) -> Write:
    """Delete a case whose years are over."""
    return delete(row, CaseRow.due_at == row.due_at)


def _spent(key_id: str, now: datetime) -> Write:
    return put_new(SpentKeyRow(pk=key_id, sk=SPENT, due_shard=shard(key_id), due_at=now), CaseMoved)


def _desk(row: CaseRow) -> str:
    """Name the pile that a case lies on: letters lie apart, for anybody may send as many as they like."""
    return _DESKS["letters" if row.opened_by == "visitor" else "cases"]


def _place(row: CaseRow) -> str:
    return f"{clock.rfc3339(row.opened_at)}#{row.pk}"
