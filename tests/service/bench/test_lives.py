"""A person with many rows: the bench does the product's own work, and the bare client does as much."""

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from botocore import xform_name

from chalicelib.foundation.vault import clients
from chalicelib.rights.service import archive
from infra.bench import copying, erasing, person
from infra.bench.crowd import Crowd

RECORDS, EACH = "data/", 230


class Store:
    """A client whose calls a crowd answers, as botocore would give them."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=OSError, TransactionConflictException=OSError)

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self.asked = crowd, list[tuple[str, dict[str, Any]]]()

    def _make_api_call(self, operation: str, params: dict[str, Any]) -> Any:
        self.asked.append((operation, params))
        return opened(json.loads(self._crowd(f"D.{operation}", msgspec.json.encode(params))[2]))

    def __getattr__(self, name: str) -> Any:
        operation = next(one for one in OPERATIONS if xform_name(one) == name)
        return lambda **params: self._make_api_call(operation, params)

    def deleted(self) -> list[str]:
        """Give the sort key of each row that was deleted."""
        parts = [params["RequestItems"] for operation, params in self.asked if operation == "BatchWriteItem"]
        return [one["DeleteRequest"]["Key"]["sk"]["S"] for part in parts for found in part.values() for one in found]


OPERATIONS = ("Query", "BatchGetItem", "BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem", "GetItem")


def opened(answer: Any) -> Any:
    """Turn what JSON carries as base 64 into bytes."""
    if isinstance(answer, list):
        return [opened(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {k: base64.b64decode(v) if k == "B" and isinstance(v, str) else opened(v) for k, v in answer.items()}


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Fill a store that the product asks, and one that the bare client asks."""

    def fill(verb: Any) -> tuple[Store, Store]:
        said = json.loads(msgspec.json.encode({**verb.crowd(), "count": EACH}))
        ours, theirs = Store(Crowd(**said)), Store(Crowd(**said))
        monkeypatch.setitem(clients._CLIENTS, "dynamodb", ours)
        monkeypatch.setitem(person._CLIENTS, "dynamodb", theirs)
        return ours, theirs

    return fill


def test_the_whole_step_of_the_job_is_measured_and_deletes_the_same_keys(stores: Any):
    ours, theirs = stores(erasing)
    assert erasing.ours() == erasing.theirs() == EACH
    assert ours.deleted() == theirs.deleted()
    case = [params for operation, params in ours.asked if operation == "UpdateItem"]
    assert len(case) >= 2  # it is taken, and moved to its next step; checkpoints come on top
    assert {operation for operation, _ in theirs.asked} == {"Query", "BatchWriteItem"}


def test_the_step_is_measured_as_often_as_one_likes(stores: Any):
    stores(erasing)
    assert [erasing.ours() for _ in range(3)] == [EACH] * 3


def made(verb: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Make a copy and give the records of each file."""
    kept: list[bytes] = []
    stream = archive.stream

    def keeping(files: Any) -> Iterator[bytes]:
        for part in stream(files):
            kept.append(part)
            yield part

    monkeypatch.setattr(archive, "stream", keeping)
    assert verb() == EACH * len(copying.KINDS)
    monkeypatch.setattr(archive, "stream", stream)
    with zipfile.ZipFile(io.BytesIO(b"".join(kept))) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_both_copies_hold_the_same_records_sealed_ones_opened(stores: Any, monkeypatch: pytest.MonkeyPatch):
    stores(copying)
    ours, theirs = made(copying.ours, monkeypatch), made(copying.theirs, monkeypatch)
    assert theirs.keys() == ours.keys() - {"index.html"}
    kinds = []
    for name in sorted(name for name in ours if name.startswith(RECORDS)):
        mine, other = (json.loads(files[name])["records"] for files in (ours, theirs))
        assert [one["values"].keys() for one in mine] == [one["values"].keys() for one in other], name
        kinds += [one["kind"] for one in mine]
        if mine[0]["kind"] == "order":
            assert mine[0]["values"]["recipient_address"] == other[0]["values"]["recipient_address"]
            assert "漕溪北路" in mine[0]["values"]["recipient_address"]
    assert [kinds.count(kind) for kind in copying.KINDS] == [EACH] * 2
