"""Erasing and copying a person with many rows, in a process of its own: `python -m infra.bench.lives WHAT PORT COUNT…`.

Compared with a bare boto3 client that does the least there is to do: query keys, delete or read them in batches.
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import msgspec
from boto3.dynamodb.types import TypeDeserializer

from .programs import Canned

PERSON = f"per_{'a' * 26}"
KIND, TABLE = "inbox", "people"
_OWNED = ("people", "ephemeral", "outbox", "trade", "community", "cases")
_PER_FILE = 200
_UNTOLD = frozenset({"sk", "epoch", "kind", "due_shard", "due_at"})
_STATUS = Path("/proc/self/status")
_ATTRIBUTES = {
    "kind": {"S": KIND},
    "person_id": {"S": PERSON},
    "epoch": {"N": "1"},
    "message_id": {"S": f"ntf_{'b' * 26}"},
    "template": {"S": "order_shipped"},
    "subject_id": {"S": f"ord_{'c' * 26}"},
    "at": {"S": "2026-11-22T12:00:00.000Z"},
    "due_shard": {"S": "due#3"},
    "due_at": {"S": "2027-11-22T12:00:00.000Z"},
}


class Spent(msgspec.Struct):
    """CPU seconds of ours and of the bare client, by how many rows there were; how far memory rose in the largest."""

    ours_s: dict[int, float] = {}
    bare_s: dict[int, float] = {}
    rose_mb: float = 0.0


def measure(what: str, server: Canned, counts: list[int]) -> Spent:
    """Measure erasing (`erase`) or copying (`copy`) for each count."""
    ours, bare = {"erase": (_erase, _bare_erase), "copy": (_copy, _bare_copy)}[what]
    spent, most = Spent(), max(counts)
    _crowd(server, min(counts))
    ours(min(counts))
    _crowd(server, most)
    spent.rose_mb = _rise_mb(lambda: ours(most))
    for count in counts:
        _crowd(server, count)
        bare(count)
        turns = [(_cpu(ours, count), _cpu(bare, count)) for _ in range(max(5, min(9, most // count)))]
        spent.ours_s[count] = sorted(turn[0] for turn in turns)[len(turns) // 2]
        spent.bare_s[count] = sorted(turn[1] for turn in turns)[len(turns) // 2]
    return spent


def _crowd(server: Canned, count: int) -> None:
    server.load("crowd", msgspec.json.encode({"kind": KIND, "count": count, "attributes": _ATTRIBUTES}))


def _cpu(act: Callable[[int], int], count: int) -> float:
    began = time.process_time()
    if act(count) != count:
        raise SystemExit(f"{act.__name__}: not {count}")
    return time.process_time() - began


def _erase(_count: int) -> int:
    from chalicelib.foundation.store.erase import execute
    from chalicelib.foundation.store.planner import fates

    return sum(1 for _ in execute(fates(PERSON, datetime.now(UTC)), lambda _bucket, _key: None))


def _copy(_count: int) -> int:
    from chalicelib.foundation.kernel.call import Call, Person
    from chalicelib.rights.service import archive, export

    person = Person(PERSON, 1, "active", frozenset(), {}, "ref_bench", time.monotonic())
    call = Call(request_id="bench", now=datetime.now(UTC), person=person)
    said: list[int] = []

    def counted() -> Iterator[tuple[str, bytes]]:
        for name, content in export._files(call):  # noqa: SLF001 - all of a copy but where it is put
            if name.endswith(".json"):
                said.append(content.count(b'"kind"'))
            yield name, content

    for _ in archive.stream(counted()):
        continue
    return sum(said)


def _keys(dynamodb: Any) -> Iterator[list[dict[str, Any]]]:  # noqa: ANN401 - made at run time
    for table in _OWNED:
        after: dict[str, Any] = {}
        while True:
            page = dynamodb.query(
                TableName=f"jule-bench-{table}",
                IndexName="by_person",
                KeyConditionExpression="person_id = :p AND kind = :k",
                ExpressionAttributeValues={":p": {"S": PERSON}, ":k": {"S": KIND if table == TABLE else "-"}},
                **after,
            )
            yield [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _bare_erase(_count: int) -> int:
    dynamodb, done = _bare(), 0
    for keys in _keys(dynamodb):
        for start in range(0, len(keys), 25):
            part = [{"DeleteRequest": {"Key": key}} for key in keys[start : start + 25]]
            dynamodb.batch_write_item(RequestItems={f"jule-bench-{TABLE}": part})
            done += len(part)
    return done


def _bare_copy(_count: int) -> int:
    """Make the same files from items that a bare client read."""
    from chalicelib.notifications.tables import InboxRow
    from chalicelib.rights.service import archive

    done = 0

    def files() -> Iterator[tuple[str, bytes]]:
        nonlocal done
        for rows in _plain_rows():
            done += len(rows)
            entries = [archive.Entry(kind=KIND, id=row["pk"], values=row) for row in rows]
            yield f"data/{done}.json", archive.data_file(entries)
            yield f"pages/{done}.html", archive.page(InboxRow, entries)

    for _ in archive.stream(files()):
        continue
    return done


def _plain_rows() -> Iterator[list[dict[str, Any]]]:
    """Read rows as plain values, 200 at a time."""
    dynamodb, plain, table = _bare(), TypeDeserializer(), f"jule-bench-{TABLE}"
    group: list[dict[str, Any]] = []
    for keys in _keys(dynamodb):
        for start in range(0, len(keys), 100):
            asked = {table: {"Keys": keys[start : start + 100], "ConsistentRead": True}}
            for item in dynamodb.batch_get_item(RequestItems=asked)["Responses"][table]:
                row = {name: plain.deserialize(value) for name, value in item.items() if name not in _UNTOLD}
                group.append({name: str(value) for name, value in row.items()})
            if len(group) >= _PER_FILE:
                yield group
                group = []
    if group:
        yield group


_CLIENTS: dict[str, Any] = {}


def _bare() -> Any:  # noqa: ANN401
    return _CLIENTS.get("dynamodb") or _CLIENTS.setdefault("dynamodb", boto3.client("dynamodb"))


def _rise_mb(act: Callable[[], object]) -> float:
    """Tell how far memory stands, at its highest, above where it stood before."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
    before_kb = _memory_kb("VmRSS")
    act()
    return (_memory_kb("VmHWM") - before_kb) / 1024


def _memory_kb(line: str) -> int:
    return next(int(told.split()[1]) for told in _STATUS.read_text().splitlines() if told.startswith(line))


def main(what: str, port: str, *counts: str) -> None:
    """Measure, and print what was found."""
    print(msgspec.json.encode(measure(what, Canned(int(port)), [int(count) for count in counts])).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
