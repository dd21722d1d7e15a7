"""Reading evidence back: everything under one reference, oldest first."""

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


def about(reference: str) -> Iterator[Row]:
    """Read every entry about a reference: consents, looks, steps. For access, copies and auditors.

    Keeps: J11.2
    """
    after: dict[str, Any] = {}
    while True:
        page = client("dynamodb").query(
            TableName=config().table(_TABLE),
            KeyConditionExpression="pk = :r",
            ExpressionAttributeValues={":r": {"S": reference}},
            ConsistentRead=True,
            **after,
        )
        for item in page["Items"]:
            yield kinds()[item["kind"]["S"]].from_item(item)
        if "LastEvaluatedKey" not in page:
            return
        after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def count_about(reference: str) -> dict[type[Row], int]:
    """Count the entries about a reference, by row class; every class that can be about a person is named."""
    return {row: _count(reference, kind) for kind, row in kinds().items() if row is not RootRow}


def _count(reference: str, kind: str) -> int:
    total = 0
    after: dict[str, Any] = {}
    while True:
        page = client("dynamodb").query(
            TableName=config().table(_TABLE),
            KeyConditionExpression="pk = :r AND begins_with(sk, :k)",
            ExpressionAttributeValues={":r": {"S": reference}, ":k": {"S": f"{kind.upper()}#"}},
            Select="COUNT",
            ConsistentRead=True,
            **after,
        )
        total += int(page["Count"])
        if "LastEvaluatedKey" not in page:
            return total
        after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
