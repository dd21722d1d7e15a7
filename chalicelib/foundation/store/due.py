"""The `due` index: what has a time at which something must happen, found by sweeps."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from ..kernel import clock
from ..kernel.config import config
from ..vault.clients import client
from .outbox import SHARDS

PAGE = 100


def due(table: str, now: datetime, kinds: frozenset[str] | None = None) -> Iterator[tuple[str, str]]:
    """Give the keys of rows of a table that are due, oldest first within each shard, for as long as the caller asks.

    The index holds keys only and is behind by moments: the caller reads the row strongly and decides again.
    `kinds` filters by the prefix of the sort key up to `#`. Each sweep starts at another shard, so that what
    can't be dealt with in one holds up no other for good.
    """
    first = secrets.randbelow(SHARDS)
    for number in range(SHARDS):
        after: dict[str, object] = {}
        while True:
            page = client("dynamodb").query(
                TableName=config().table(table),
                IndexName="due",
                KeyConditionExpression="due_shard = :s AND due_at <= :n",
                ExpressionAttributeValues={
                    ":s": {"S": f"due#{(first + number) % SHARDS}"},
                    ":n": {"S": clock.rfc3339(now)},
                },
                Limit=PAGE,
                **after,
            )
            for item in page["Items"]:
                if kinds is None or item["sk"]["S"].split("#", 1)[0] in kinds:
                    yield item["pk"]["S"], item["sk"]["S"]
            if "LastEvaluatedKey" not in page:
                break
            after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
