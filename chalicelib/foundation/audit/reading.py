"""Reading evidence back: everything under one reference, oldest first."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from ..kernel.config import config
from ..register import lookup
from ..store.planner import row_class
from ..store.row import Row
from ..vault.clients import client
from .evidence import RootRow

_TABLE = "evidence"


@cache
def kinds() -> dict[str, type[Row]]:
    """Give every evidence row class by kind."""
    return {entry.kind: row_class(entry) for entry in lookup.rows() if entry.table == _TABLE}


def about(reference: str, kind: str = "") -> Iterator[Row]:
    """Read every entry about a reference, or those of one kind: consents, looks, steps. For access, copies, auditors.

    Keeps: J11.2
    """
    for item in _items(reference, kind=kind):
        yield kinds()[item["kind"]["S"]].from_item(item)


def count_about(reference: str) -> dict[type[Row], int]:
    """Count the entries about a reference, by row class; every class that can be about a person is named."""
    counts = Counter(item["kind"]["S"] for item in _items(reference, only="kind"))
    return {row: counts[kind] for kind, row in kinds().items() if row is not RootRow}


def _items(reference: str, *, kind: str = "", only: str = "") -> Iterator[dict[str, Any]]:
    how: dict[str, Any] = {"ProjectionExpression": only} if only else {}
    of_kind = {":k": {"S": f"{kind.upper()}#"}} if kind else {}
    while True:
        page = client("dynamodb").query(
            TableName=config().table(_TABLE),
            KeyConditionExpression="pk = :r AND begins_with(sk, :k)" if kind else "pk = :r",
            ExpressionAttributeValues={":r": {"S": reference}, **of_kind},
            ConsistentRead=True,
            **how,
        )
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        how["ExclusiveStartKey"] = page["LastEvaluatedKey"]
