"""What do we hold about this person, and what becomes of each piece?

One traversal over the declarations of all rows, by the `by_person` indexes. Preview, access, export, erasure and
retention are this traversal with another verb. The index of row classes is generated (`make register`); this is
the only import by name.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any, Literal

import msgspec
from pynamodb.expressions.condition import Condition

from ..kernel.config import config
from ..register import lookup
from ..register.model import RowEntry
from ..register.periods import end_of
from ..vault.clients import client
from .batch import MOST_READS, batch_get
from .declare import Ending, Personal
from .row import Row

PASSING = frozenset({"ephemeral", "outbox"})
"""Tables of things that pass within days: they go with the person, but a plan's hash does not hang on them."""
PAGE = 1000
"""Keys read from an index at a time, so that memory does not depend on how much there is."""
Verb = Literal["delete", "cut"]


class Undeclared(Exception):
    """A person has something of a kind that this version of the product does not declare: a later one stored it."""


class Found(msgspec.Struct, frozen=True):
    """One stored item of a person, as the index told; the item itself may have gone or changed hands since."""

    row: type[Row]
    pk: str
    sk: str
    person_id: str


class Fate(msgspec.Struct, frozen=True):
    """What erasure does to one item: `delete` it, or `cut` it loose and keep the rest until a date.

    `still` lets it pass only while the item is what it was when this was decided.
    """

    found: Found
    verb: Verb
    until: date | None = None
    retention: str = ""
    blocks: str = ""
    objects: tuple[tuple[str, str], ...] = ()
    still: Condition | None = None


class Line(msgspec.Struct, frozen=True, order=True):
    """One line of a plan: so many records of a kind meet this fate; None where nothing leads to them to count them."""

    kind: str
    verb: Verb
    until: str
    retention: str
    items: tuple[str, ...]
    kept_items: tuple[str, ...]
    count: int | None


def row_class(entry: RowEntry) -> type[Row]:
    """Import a row class by the name that the index gives."""
    module, _, name = entry.path.partition(":")
    found: type[Row] = getattr(import_module(module), name)
    return found


@cache
def owned() -> dict[tuple[str, str], type[Row]]:
    """Give every row class that belongs to a person, by table and kind."""
    return {
        (entry.table, entry.kind): row_class(entry)
        for entry in lookup.rows()
        if any(a.stored_as == "person_id" for a in entry.attributes)
    }


def ranked() -> list[type[Row]]:
    """Give the person-owned row classes in the order erasure takes them."""
    return sorted(owned().values(), key=lambda row: (-row.erase_rank, row.table, row.row_kind))


def told() -> list[type[Row]]:
    """Give the person-owned row classes that a copy shows."""
    return [row for row in ranked() if row.told]


def traverse(person_id: str, rows: list[type[Row]] | None = None) -> Iterator[Found]:
    """Find every stored item of a person, children first, page by page.

    Keeps: J1.1, J2.1, J3.2
    """
    for row in ranked() if rows is None else rows:
        yield from _found(row.table, person_id, {row.row_kind: row}, kind=row.row_kind)


def survey(person_id: str) -> Iterator[Found]:
    """Find every stored item of a person, table by table: one query for each, where no order is asked for.

    Keeps: J7.1, J7.2

    Raises:
        Undeclared: better no answer than one that leaves something out.
    """
    for noun in sorted({table for table, _ in owned()}):
        yield from _found(noun, person_id, {kind: row for (table, kind), row in owned().items() if table == noun})


def read(found: Iterator[Found]) -> Iterator[Row]:
    """Read what was found, a hundred at a time.

    What went meanwhile is left out, and what is somebody else's by now: the index lags, and a guard's key is made
    of its value, so the next owner's row may stand where this person's was.
    """
    batch: list[Found] = []
    for one in found:
        batch.append(one)
        if len(batch) == MOST_READS:
            yield from _rows(batch)
            batch = []
    yield from _rows(batch)


def fates(person_id: str, now: datetime, rows: list[type[Row]] | None = None) -> Iterator[Fate]:
    """Say for every stored item of a person, children first, what erasure does to it."""
    for row in ranked() if rows is None else rows:
        yield from _fates(traverse(person_id, [row]), now)


def fate_of(row: Row, now: datetime) -> Fate:
    """Decide one row's fate by its own declaration.

    Keeps: K1.2, K2.1
    """
    found = Found(type(row), row.pk, row.sk, owner_of(row) or "")
    since = row.kept_from()
    kept = kept_until(type(row), since) if since is not None else None
    if kept is None or kept[0] <= now:
        return Fate(found, "delete", blocks=row.blocks(now), objects=row.objects(), still=row.as_read())
    return Fate(found, "cut", last_day(kept[0]), kept[1], row.blocks(now), row.objects(), row.as_read())


def kept_until(row: type[Row], since: datetime) -> tuple[datetime, str] | None:
    """Say until when, and by which rule, the last kept attribute of a class stays; None when it keeps nothing."""
    rules = {lookup.item(said.item).retention for _, said in personal(row) if said.ending is Ending.KEEP}
    ends = ((end_of(lookup.retention(rule).period, since), rule) for rule in rules)
    return max(ends, default=None)


def last_day(ends: datetime) -> date:
    """Give the date with whose midnight (UTC) something is over for sure, whatever the hour it ends at."""
    return (ends + timedelta(days=1) - timedelta(microseconds=1)).date()


def must_be_read(row: type[Row]) -> bool:
    """Say whether rows of a class have a say in their fate beyond their key."""
    return any(getattr(row, hook) is not getattr(Row, hook) for hook in ("kept_from", "blocks", "objects"))


def may_stay(row: type[Row]) -> bool:
    """Say whether rows of a class may have to be kept beyond the person."""
    return row.kept_from is not Row.kept_from


def owner_of(row: Row) -> str | None:
    """Say whose a row is; None once it was cut loose."""
    owner: str | None = getattr(row, "person_id", None)
    return owner


@cache
def personal(row: type[Row]) -> tuple[tuple[str, Personal], ...]:
    """List the personal attributes of a row class with what they say."""
    said = [(name, getattr(attribute, "says", None)) for name, attribute in row.get_attributes().items()]
    return tuple((name, says) for name, says in said if isinstance(says, Personal))


def plan(person_id: str, now: datetime) -> tuple[list[Line], list[str]]:
    """Preview an erasure: its lines, and the codes of what blocks it.

    Keeps: J7.1, J7.2
    """
    counts: dict[tuple[type[Row], Verb, str, str], int] = {}
    blocks: set[str] = set()
    for fate in _fates(survey(person_id), now):
        key = (fate.found.row, fate.verb, fate.until.isoformat() if fate.until else "", fate.retention)
        counts[key] = counts.get(key, 0) + 1
        if fate.blocks:
            blocks.add(fate.blocks)
    lines = [_line(*key, count=count) for key, count in counts.items()]
    return sorted(lines), sorted(blocks)


def plan_hash(lines: list[Line]) -> str:
    """Digest a plan, so that what is executed is what was shown; sessions, messages, postings come and go beside it.

    Keeps: J7.3
    """
    lasting = {
        kind for (table, kind), row in owned().items() if table not in PASSING and row.told and not row.comes_by_itself
    }
    return hashlib.sha256(msgspec.json.encode([line for line in lines if line.kind in lasting])).hexdigest()


def kept_line(row: type[Row], since: datetime, count: int) -> Line:
    """Describe records that stay though no traversal finds them, as a plan's line does."""
    ends, rule = kept_until(row, since) or (since, "")
    return _line(row, "cut", last_day(ends).isoformat(), rule, count=count)


def _found(table: str, person_id: str, rows: dict[str, type[Row]], *, kind: str = "") -> Iterator[Found]:
    """Page through one person's part of a table's index, or through one kind of it; `rows` are known by kind."""
    after: dict[str, Any] = {}
    of_kind = {":k": {"S": kind}} if kind else {}
    while True:
        page = client("dynamodb").query(
            TableName=config().table(table),
            IndexName="by_person",
            KeyConditionExpression="person_id = :p AND kind = :k" if kind else "person_id = :p",
            ExpressionAttributeValues={":p": {"S": person_id}, **of_kind},
            Limit=PAGE,
            **after,
        )
        for item in page["Items"]:
            if item["kind"]["S"] not in rows:
                raise Undeclared
            yield Found(rows[item["kind"]["S"]], item["pk"]["S"], item["sk"]["S"], person_id)
        if "LastEvaluatedKey" not in page:
            return
        after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _fates(found: Iterator[Found], now: datetime) -> Iterator[Fate]:
    """Decide what becomes of what was found; reads only rows that have a say in it."""
    unread: list[Found] = []
    for one in found:
        if not must_be_read(one.row):
            yield Fate(one, "delete")
            continue
        unread.append(one)
        if len(unread) == MOST_READS:
            yield from (fate_of(row, now) for row in _rows(unread))
            unread = []
    yield from (fate_of(row, now) for row in _rows(unread))


def _line(row: type[Row], verb: Verb, *ends: str, count: int) -> Line:
    said = personal(row)
    kept = {s.item for _, s in said if s.ending is Ending.KEEP} if verb == "cut" else set()
    items = {s.item for _, s in said}
    until, rule = ends
    return Line(row.row_kind, verb, until, rule, tuple(sorted(items - kept)), tuple(sorted(kept)), count)


def _rows(batch: list[Found]) -> list[Row]:
    rows = batch_get([(one.row, one.pk, one.sk) for one in batch]) if batch else []
    return [row for row, one in zip(rows, batch, strict=True) if row is not None and owner_of(row) == one.person_id]
