"""Making the copy: one traversal, straight from the tables into a multipart upload, in flat memory."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain

import msgspec

from ...foundation.audit.evidence import record
from ...foundation.audit.reading import about
from ...foundation.gateways import objects
from ...foundation.gateways.errors import ObjectMissing, ObjectTooLarge
from ...foundation.kernel import clock
from ...foundation.kernel.call import Call, Person
from ...foundation.kernel.errors import Unauthenticated
from ...foundation.kernel.shapes import Message
from ...foundation.standing import access
from ...foundation.standing.rows import ACTIVE, FROZEN
from ...foundation.store.outbox import announce
from ...foundation.store.planner import read, told, traverse
from ...foundation.store.row import Row, get
from ...foundation.store.write import ConditionFailed
from ...foundation.work.job import NotYet
from ...notifications.contracts import DoneInCase, NoticeOrdered
from ..rules import COPY_KEPT
from ..tables import COPY_SK, QUEUED, CopyRow, finish_copy, merges_of, take_copy
from .archive import (
    PER_FILE,
    Entry,
    Listed,
    data_file,
    entry,
    heading,
    index_page,
    page,
    picture_name,
    size_of,
    stream,
)
from .files import BUCKET, new_file, remove_file

MAKING = timedelta(minutes=16)
"""Longer than the function may run: whoever began and has not finished by then is gone."""
OF_RIGHT = "rights"
"""Why a copy is made for somebody frozen too (Personal Information Protection Law, 45): only they can fetch it."""
MOST_PICTURE_BYTES = 10 * 1024 * 1024


def export_copy(call: Call, request_id: str) -> None:
    """Make the copy of a request and tell its owner; a repeat of a finished one changes nothing.

    The file's random name stands on the request before the upload begins, so that whatever is left by a kill is
    found again and removed. The message may come many times while a long copy is being made: one delivery makes
    it, the others come back later.

    Keeps: J1.1, J2.1, J2.2, N2.2

    Raises:
        NotYet: another delivery is at it.
    """
    row = get(CopyRow, request_id, COPY_SK)
    if row is None or row.state != QUEUED or row.person_id != call.who.person_id:
        return
    if not _may_have(call.who, row):
        return
    _take(call, row)
    stored = objects.stream_put(BUCKET, row.object_key, stream(_files(call)), content_type="application/zip")
    _hand_over(call, row, stored.size_bytes)


def _take(call: Call, row: CopyRow) -> None:
    if row.making_until is not None and row.making_until > call.now:
        raise NotYet
    key, until, left = new_file(call.who.ref), call.now + MAKING, row.object_key
    try:
        access.commit(call, [take_copy(row, row.object_key or key, until)])
    except ConditionFailed:
        raise NotYet from None
    row.object_key, row.making_until = row.object_key or key, until
    if left is not None:
        remove_file(left)


def _hand_over(call: Call, row: CopyRow, size_bytes: int) -> None:
    """Note that the copy is there, for a person who still is; they may have left while it was made."""
    owner = access.person(call.who.person_id)
    if owner is None or owner.epoch != call.who.epoch or not _may_have(owner, row):
        remove_file(row.object_key)
        return
    owner = msgspec.structs.replace(owner, spoken_for=True)
    call = msgspec.structs.replace(call, person=owner)
    made = finish_copy(row, size_bytes, now=call.now, until=call.now + COPY_KEPT)
    told = announce(call, "notices", _ready(row))
    try:
        access.commit(call, [made, record(call, "system:copy:made", subject_id=row.pk, actor="system"), told])
    except (ConditionFailed, Unauthenticated):
        remove_file(row.object_key)


def _may_have(who: Person, row: CopyRow) -> bool:
    """Say whether a copy is made for somebody: while frozen, only the one asked for in a case that knew them."""
    return who.status == ACTIVE or (who.status == FROZEN and row.case_id is not None)


def _ready(row: CopyRow) -> Message:
    """Tell of it where its person reads: whoever had it asked for in a case may be frozen."""
    if row.case_id is None:
        return NoticeOrdered(template="copy_ready", subject_id=row.pk)
    return DoneInCase(template="case_copy_ready", subject_id=row.case_id)


def _files(call: Call) -> Iterator[tuple[str, bytes]]:
    """Give every file of the copy: records by kind, 200 to a file, pictures, and the front page.

    A picture that should be there and can't be read is named, so that its owner knows of it.
    """
    listed: list[Listed] = []
    pictures: list[str] = []
    unreadable: list[Entry] = []
    references = (call.who.ref, *(merge.reference for merge in merges_of(call.who.person_id)))
    held: Iterable[Row] = chain(read(traverse(call.who.person_id, told())), *map(about, references))
    for number, rows in enumerate(_grouped(held), 1):
        row, entries = type(rows[0]), [entry(one) for one in rows]
        name = f"{number:04d}-{row.row_kind}"
        listed.append(Listed(heading(row), row.row_kind, f"pages/{name}.html", len(entries)))
        yield f"data/{name}.json", data_file(entries)
        yield f"pages/{name}.html", page(row, entries)
        for one, key, content in _pictures(rows):
            if content:
                pictures.append(picture_name(one.pk, key, content))
                yield pictures[-1], content
            elif ("media", key) in one.lying():
                unreadable.append(Entry(kind="unreadable", id=one.pk, values={"file": size_of(key)}))
    if unreadable:
        yield "data/unreadable.json", data_file(unreadable)
    yield "index.html", index_page(clock.rfc3339(call.now), listed, pictures, unreadable=unreadable)


def _grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        if group and (row.row_kind != group[0].row_kind or len(group) == PER_FILE):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _pictures(rows: list[Row]) -> Iterator[tuple[Row, str, bytes]]:
    for row in rows:
        for bucket, key in row.objects():
            if bucket == "media":
                yield row, key, _picture(key)


def _picture(key: str) -> bytes:
    """Read a picture; an upload that was not dealt with yet, or refused, has none."""
    try:
        return objects.read("media", key, max_bytes=MOST_PICTURE_BYTES)
    except (ObjectMissing, ObjectTooLarge):
        return b""
