"""A copy of thousands of records: all of them, in flat memory, by pages of the index and of the evidence."""

import gc
import tracemalloc
from collections import Counter
from typing import Any

import pytest

from chalicelib.foundation.audit.evidence import AuditRow
from chalicelib.foundation.store.batch import put_rows
from chalicelib.notifications.tables import SK, InboxRow
from chalicelib.rights.service import export
from chalicelib.rights.service.archive import PER_FILE, stream
from tests.support.cloud import TestCloud
from tests.support.copies import ask, fetched, make
from tests.support.people import Someone, make_person

MANY, ENTRIES = 3000, 1200
PADDING = "x" * 900
"""Long keys, so that an index of keys only needs more than one page of a megabyte."""


def messages(who: Someone, count: int) -> list[InboxRow]:
    """Make messages in somebody's inbox."""
    now = who.call().now
    return [
        InboxRow(
            pk=who.person_id,
            sk=f"{SK}{number:06d}#{PADDING}",
            person_id=who.person_id,
            epoch=1,
            message_id=f"ntf_{number:06d}",
            template="order_paid",
            at=now,
            due_shard="due#0",
            due_at=now,
        )
        for number in range(count)
    ]


def entries(who: Someone, count: int) -> list[AuditRow]:
    """Make entries of evidence about somebody, half a kilobyte and more each."""
    call = who.call()
    made = [AuditRow.entry(call, who.ref, action=f"test:entry:{n:06d}", actor="self") for n in range(count)]
    for row in made:
        row.subject_id = PADDING
    return made


def pages_of(calls: list[Any], table: str) -> int:
    return sum(1 for one in calls if one.operation == "Query" and one.params["TableName"].endswith(table))


@pytest.mark.promise("J1.1", "J2.1")
def test_three_thousand_messages_and_entries_over_many_pages_are_all_in_it(cloud: TestCloud, aws_calls: list[Any]):
    owner, other = make_person(), make_person()
    put_rows(messages(owner, MANY))
    put_rows(messages(other, 3))
    put_rows(entries(owner, ENTRIES))
    request_id = ask(owner)
    aws_calls.clear()
    assert make(cloud) == []
    assert pages_of(aws_calls, "evidence") > 1
    copy = fetched(cloud, request_id)
    ids = Counter(one["message_id"] for one in copy.of("inbox"))
    assert ids == Counter({f"ntf_{number:06d}": 1 for number in range(MANY)})
    actions = Counter(one["action"] for one in copy.of("audit") if one["action"].startswith("test:"))
    assert actions == Counter({f"test:entry:{number:06d}": 1 for number in range(ENTRIES)})
    files = [name for name in copy.files("data") if name.endswith("-inbox.json")]
    assert len(files) == MANY // PER_FILE


@pytest.mark.promise("J2")
def test_memory_stays_flat_however_much_is_held(cloud: TestCloud):
    """Two pages of the index, a batch of rows and a file are in memory, of two thousand records as of three."""
    owner = make_person()
    rows = messages(owner, MANY)
    put_rows(rows[:2000])
    spent = peak(owner)
    put_rows(rows[2000:])
    assert peak(owner) - spent < 500_000


def peak(who: Someone) -> int:
    """Make a copy and give the most memory that took."""
    gc.collect()
    tracemalloc.start()
    written = sum(len(chunk) for chunk in stream(export._files(who.call())))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written
    return most
