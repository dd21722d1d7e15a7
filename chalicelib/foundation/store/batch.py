"""Batches that never lose an unprocessed item: bounded tries, backoff with jitter, then a clear failure."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..kernel import backoff
from ..kernel.config import config
from ..kernel.errors import Busy
from ..vault.clients import client
from .row import Row

MOST_READS = 100
MOST_WRITES = 25


def batch_get(reads: Sequence[tuple[type[Row], str, str]], *, strong: bool = True) -> list[Row | None]:
    """Read rows of any tables in the order asked.

    Raises:
        Busy: keys stayed unprocessed after every try.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    places = [(config().table(row.table), pk, sk) for row, pk, sk in reads]
    unique = list(dict.fromkeys(places))
    for start in range(0, len(unique), MOST_READS):
        wanted: dict[str, Any] = {}
        for table, pk, sk in unique[start : start + MOST_READS]:
            entry = wanted.setdefault(table, {"Keys": [], "ConsistentRead": strong})
            entry["Keys"].append({"pk": {"S": pk}, "sk": {"S": sk}})
        for table, item in _read_all(wanted):
            found[table, item["pk"]["S"], item["sk"]["S"]] = item
    return [
        row.from_item(found[place]) if place in found else None
        for (row, _, _), place in zip(reads, places, strict=True)
    ]


def delete_keys(table: str, keys: Iterable[tuple[str, str]]) -> int:
    """Delete items of one table by key, 25 at a time; gives how many.

    Raises:
        Busy: deletes stayed unprocessed after every try.
    """
    name, count = config().table(table), 0
    todo = [{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in dict.fromkeys(keys)]
    for start in range(0, len(todo), MOST_WRITES):
        part: dict[str, Any] = {name: todo[start : start + MOST_WRITES]}
        count += len(part[name])
        _write_all(part)
    return count


def put_rows(rows: Sequence[Row]) -> None:
    """Put rows of one table, 25 at a time, replacing what was there.

    Raises:
        Busy: puts stayed unprocessed after every try.
    """
    todo = [{"PutRequest": {"Item": row.get_save_kwargs_from_instance()["Item"]}} for row in rows]
    for start in range(0, len(todo), MOST_WRITES):
        _write_all({config().table(rows[0].table): todo[start : start + MOST_WRITES]})


def _write_all(part: dict[str, Any]) -> None:
    for attempt in range(1, backoff.TRIES + 1):
        part = client("dynamodb").batch_write_item(RequestItems=part).get("UnprocessedItems") or {}
        if not part:
            return
        backoff.pause(attempt)
    raise Busy(retry_after_s=5)


def _read_all(wanted: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for attempt in range(1, backoff.TRIES + 1):
        answer = client("dynamodb").batch_get_item(RequestItems=wanted)
        for table, items in answer["Responses"].items():
            for item in items:
                yield table, item
        wanted = answer.get("UnprocessedKeys") or {}
        if not wanted:
            return
        backoff.pause(attempt)
    raise Busy(retry_after_s=5)
