"""Rows: one client for all classes, the declarations they carry, pages, batches that lose nothing."""

import gc
import json
import time
import tracemalloc
from importlib.metadata import version
from typing import Any

import pytest
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import RowEntry
from chalicelib.foundation.store import batch
from chalicelib.foundation.store.attributes import Integer, Text
from chalicelib.foundation.store.declare import KEY, STATE
from chalicelib.foundation.store.planner import row_class
from chalicelib.foundation.store.row import Row, get, query, rows_by_key
from chalicelib.foundation.store.write import commit, put
from chalicelib.foundation.vault import clients
from tests.support.cloud import TestCloud
from tests.support.wire import Wire, answers


class NoteRow(Row, table="cases", kind="scratch_note"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    number = Integer(STATE)


class OtherRow(Row, table="trade", kind="scratch_other"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)


SAMPLES: dict[str, Any] = {
    "Text": "text",
    "Texts": ["a", "b"],
    "Flag": True,
    "Json": '[["paid", "2026-11-22T12:00:00Z", {"\\u6a21\\u578b": 1.5, "none": null}]]',
    "Bytes": b"\0\xff",
    "Integer": "12",
    "Instant": "2026-11-22T12:00:00.000Z",
    "Expiry": "1790000000",
    "Sealed": b"\x01\x03key" + bytes(40),
}


def fill(count: int) -> None:
    commit([put(NoteRow(pk="p", sk=f"{n:03d}", number=n)) for n in range(count)])


def row_like(number: int) -> type[Row]:
    class NumberedRow(Row, table="cases", kind=f"scratch_{number}"):
        pk = Text(KEY, hash_key=True)
        sk = Text(KEY, range_key=True)
        number = Integer(STATE)

    return NumberedRow


def test_all_row_classes_share_one_client(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    create = Session.create_client
    monkeypatch.setattr(clients, "_CLIENTS", {})
    monkeypatch.setattr(
        Session, "create_client", lambda self, name, **how: made.append(name) or create(self, name, **how)
    )
    classes = [row_class(entry) for entry in lookup.rows()] + [row_like(n) for n in range(5)]
    assert len(classes) > 20
    for row in classes:
        get(row, "nobody", "nothing")
    batch.batch_get([(row, "nobody", "nothing") for row in classes])
    assert made == ["dynamodb"]
    assert {row._get_connection().connection.client for row in classes} == {clients.client("dynamodb")}


def test_a_further_row_class_costs_little():
    """Goal P3: at most 2 ms and half a megabyte each; measured over twenty, first use included."""
    get(row_like(100), "nobody", "nothing")
    gc.collect()
    tracemalloc.start()
    before, began = tracemalloc.get_traced_memory()[0], time.process_time()
    classes = [row_like(n) for n in range(20)]
    for row in classes:
        row._get_connection()
    took_s, grown = time.process_time() - began, tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown / 20 < 500_000
    assert took_s / 20 < 0.02  # ten times the goal: tracing and a busy machine; the bench measures it alone


def test_the_seam_to_pynamodb_is_the_one_we_know():
    """Rows hang on two inner names of PynamoDB; another version needs another look."""
    assert version("pynamodb") == "6.1.0"
    assert "_get_connection" in vars(Model)
    assert isinstance(vars(Connection)["client"], property)
    assert NoteRow._get_connection().connection.client is clients.client("dynamodb")


def test_a_row_knows_its_table_and_kind_and_an_item_keeps_both(cloud: TestCloud):
    fill(1)
    assert cloud.items("cases")[0]["kind"]["S"] == "scratch_note"
    assert NoteRow._get_connection().table_name == "jule-test-cases"


@pytest.mark.parametrize("entry", lookup.rows(), ids=lambda entry: entry.kind)
def test_a_low_level_item_becomes_the_row_that_pynamodb_makes_of_it(entry: RowEntry):
    row = row_class(entry)
    defaults = {a.attr_name: a.default for a in row.get_attributes().values() if a.default is not None}
    item = {a.attr_name: {a.attr_type: SAMPLES[type(a).__name__]} for a in row.get_attributes().values()}
    for part in (item, {name: value for n, (name, value) in enumerate(item.items()) if n % 2}):
        ours, theirs = row.from_item(part), row.from_raw_data(part)
        assert type(ours) is type(theirs) is row
        assert {**defaults, **ours.attribute_values} == theirs.attribute_values


def test_pages_go_on_where_the_last_ended():
    fill(7)
    seen, after = [], None
    for _ in range(4):
        rows, after = query(NoteRow, "p", limit=2, after=after, strong=True)
        seen.append([row.number for row in rows])
    assert seen == [[0, 1], [2, 3], [4, 5], [6]]
    assert after is None
    rows, after = query(NoteRow, "p", limit=3, forward=False, strong=True)
    assert [row.number for row in rows] == [6, 5, 4]
    assert after == {"pk": "p", "sk": "004"}
    rows, _ = query(NoteRow, "p", NoteRow.sk >= "003", where=NoteRow.number != 5)
    assert [row.number for row in rows] == [3, 4, 6]


def test_an_exactly_full_page_tells_no_lie_about_the_next():
    fill(4)
    _, after = query(NoteRow, "p", limit=4, strong=True)
    rows, after = query(NoteRow, "p", limit=4, strong=True, after=after)
    assert (rows, after) == ([], None)


def test_a_batch_comes_back_in_the_order_asked_from_any_tables(aws_calls: list[Any]):
    fill(3)
    commit([put(OtherRow(pk="o", sk="1"))])
    aws_calls.clear()
    asked = [(NoteRow, "p", "002"), (OtherRow, "o", "1"), (NoteRow, "p", "none"), (NoteRow, "p", "000")]
    found = rows_by_key([*asked, asked[0]])
    assert [type(row) for row in found] == [NoteRow, OtherRow, type(None), NoteRow, NoteRow]
    assert [row.number for row in found if isinstance(row, NoteRow)] == [2, 0, 2]
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]


def test_more_than_a_hundred_are_read_in_hundreds(aws_calls: list[Any]):
    for start in (0, 60, 120, 180):
        commit([put(NoteRow(pk="p", sk=f"{n:03d}", number=n)) for n in range(start, start + 60)])
    aws_calls.clear()
    found = batch.batch_get([(NoteRow, "p", f"{n:03d}") for n in range(240)])
    assert [row.number for row in found if isinstance(row, NoteRow)] == list(range(240))
    assert [call.operation for call in aws_calls] == ["BatchGetItem"] * 3
    assert batch.batch_get([]) == []


def half_unprocessed(request: Any, send: Any) -> Any:
    """Do one half of a batch and give the other back, as DynamoDB does under load."""
    body = json.loads(request.body)
    (table, wanted), *_ = body["RequestItems"].items()
    whole = wanted["Keys"] if isinstance(wanted, dict) else wanted
    cut = len(whole) // 2
    rest = {**wanted, "Keys": whole[cut:]} if isinstance(wanted, dict) else whole[cut:]
    if cut == 0:
        return send()
    client, target = clients._CLIENTS["cloud"], request.headers["X-Amz-Target"].decode()
    if "BatchGet" in target:
        done = client.get_item  # each key of the first half, read through another client
        items = [done(TableName=table, Key=key, ConsistentRead=True).get("Item") for key in whole[:cut]]
        answer = {"Responses": {table: [i for i in items if i]}, "UnprocessedKeys": {table: rest}}
    else:
        for one in whole[:cut]:
            client.delete_item(TableName=table, Key=one["DeleteRequest"]["Key"])
        answer = {"UnprocessedItems": {table: rest}}
    return answers(answer)(request, send)


@pytest.fixture
def jammed(wire: Wire, cloud: TestCloud) -> Wire:
    clients._CLIENTS["cloud"] = cloud.client("dynamodb")
    for operation in ("BatchGetItem", "BatchWriteItem"):
        wire.plan(operation, *[half_unprocessed] * 5)
    return wire


def test_a_batch_read_completes_though_half_of_it_comes_back_five_times(jammed: Wire):
    fill(64)
    found = batch.batch_get([(NoteRow, "p", f"{n:03d}") for n in range(64)])
    assert [row.number for row in found if isinstance(row, NoteRow)] == list(range(64))
    asked = [len(body["RequestItems"]["jule-test-cases"]["Keys"]) for body in jammed.bodies("BatchGetItem")]
    assert asked == [64, 32, 16, 8, 4, 2]


def test_a_batch_delete_completes_though_half_of_it_comes_back_five_times(jammed: Wire, cloud: TestCloud):
    fill(60)
    assert batch.delete_keys("cases", [("p", f"{n:03d}") for n in range(60)]) == 60
    assert cloud.items("cases") == []


def test_what_stays_unprocessed_is_told_and_not_dropped(wire: Wire, cloud: TestCloud):
    fill(3)
    keys = [{"pk": {"S": "p"}, "sk": {"S": "000"}}]
    stuck = {"jule-test-cases": {"Keys": keys}}
    wire.always("BatchGetItem", answers({"Responses": {}, "UnprocessedKeys": stuck}))
    left = {"jule-test-cases": [{"DeleteRequest": {"Key": keys[0]}}]}
    wire.always("BatchWriteItem", answers({"UnprocessedItems": left}))
    with pytest.raises(Busy):
        batch.batch_get([(NoteRow, "p", "000")])
    with pytest.raises(Busy):
        batch.delete_keys("cases", [("p", "000")])
    with pytest.raises(Busy):
        batch.put_rows([NoteRow(pk="q", sk="000", number=1)])
    assert len(cloud.items("cases")) == 3
    assert [len(wire.bodies(name)) for name in ("BatchGetItem", "BatchWriteItem")] == [8, 16]


def test_waiting_between_rounds_is_part_of_it(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    stuck = {"jule-test-cases": {"Keys": [{"pk": {"S": "p"}, "sk": {"S": "0"}}]}}
    wire.always("BatchGetItem", answers({"Responses": {}, "UnprocessedKeys": stuck}))
    with pytest.raises(Busy):
        batch.batch_get([(NoteRow, "p", "0")])
    assert len(waited) == 8
    assert 0 < sum(waited) < 8


def test_deletes_go_in_twenty_fives_and_none_twice(cloud: TestCloud, aws_calls: list[Any]):
    fill(60)
    aws_calls.clear()
    keys = [("p", f"{n:03d}") for n in range(60)]
    assert batch.delete_keys("cases", keys + keys) == 60
    assert [call.operation for call in aws_calls] == ["BatchWriteItem"] * 3
    assert cloud.items("cases") == []
    assert batch.delete_keys("cases", keys) == 60
    assert batch.delete_keys("cases", []) == 0
