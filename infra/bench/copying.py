"""Copying a person's rows: all that a copy takes but putting the file away, and the same by a bare client.

The bare one reads the same rows with boto3 alone, turns them into plain values with its own deserializer, opens the
same sealed values with AES-GCM alone, and zips the same files. Half of the rows are orders, with eight sealed values
each, half are messages, with none.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from .person import KEY, KEY_ID, PERSON, bare, keys, message, open_key, order, physical

KINDS = ("inbox", "order")
_BATCH = 100
_PER_FILE = 200
_UNTOLD = frozenset({"sk", "epoch", "kind", "version", "due_shard", "due_at"})
_NONCE_BYTES = 12


def crowd() -> dict[str, Any]:
    """Say what the store holds."""
    open_key()
    return {"kinds": {"inbox": message(), "order": order()}}


def ours() -> int:
    """Make a copy; gives how many records it holds."""
    from chalicelib.foundation.kernel.call import Call, Person
    from chalicelib.rights.service import archive, export

    open_key()
    person = Person(PERSON, 1, "active", frozenset(), {}, "ref_bench", time.monotonic())
    call = Call(request_id="bench", now=datetime.now(UTC), person=person)
    return _records(archive.stream, export._files(call))  # noqa: SLF001 - all of a copy but where it is put


def theirs() -> int:
    """Make the same files from what a bare client read."""
    from chalicelib.foundation.store.planner import owned
    from chalicelib.rights.service import archive

    rows = {kind: row for (_, kind), row in owned().items()}

    def files() -> Iterator[tuple[str, bytes]]:
        for number, (kind, group) in enumerate(_grouped(), 1):
            entries = [archive.Entry(kind=kind, id=one["pk"], values=one) for one in group]
            yield f"data/{number:04d}-{kind}.json", archive.data_file(entries)
            yield f"pages/{number:04d}-{kind}.html", archive.page(rows[kind], entries)

    return _records(archive.stream, files())


def _records(stream: Any, files: Iterator[tuple[str, bytes]]) -> int:  # noqa: ANN401 - archive's own
    said: list[int] = []

    def counted() -> Iterator[tuple[str, bytes]]:
        for name, content in files:
            if name.endswith(".json"):
                said.append(content.count(b'"kind"'))
            yield name, content

    for _ in stream(counted()):
        continue
    return sum(said)


def _grouped() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for kind in KINDS:
        group: list[dict[str, Any]] = []
        for row in _rows(kind):
            group.append(row)
            if len(group) == _PER_FILE:
                yield kind, group
                group = []
        if group:
            yield kind, group


def _rows(kind: str) -> Iterator[dict[str, Any]]:
    """Read rows of a kind as plain values, opened."""
    told, table = _teller(), physical(kind)
    for page in keys(kind):
        for start in range(0, len(page), _BATCH):
            asked = {table: {"Keys": page[start : start + _BATCH], "ConsistentRead": True}}
            for item in bare().batch_get_item(RequestItems=asked)["Responses"][table]:
                yield {name: told(name, value) for name, value in item.items() if name not in _UNTOLD}


def _teller() -> Callable[[str, dict[str, Any]], str]:
    """Give what turns a stored value into a plain one, or opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from chalicelib.orders.tables import OrderRow

    key, plain, attributes = AESGCM(KEY), TypeDeserializer(), OrderRow.get_attributes()
    bound_to = {name: f"{KEY_ID}\0{getattr(attribute, 'item', '')}".encode() for name, attribute in attributes.items()}

    def told(name: str, value: dict[str, Any]) -> str:
        if "B" not in value:
            return str(plain.deserialize(value))
        body = value["B"][2 + len(KEY_ID) :]
        return key.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], bound_to[name]).decode()

    return told
