"""A batch read torn in two: DynamoDB isolates each item of it, never the batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient

from chalicelib.foundation.kernel.config import config


@contextmanager
def torn(meanwhile: Callable[[], object], *, first: frozenset[str], table: str = "trade") -> Iterator[None]:
    """Have something happen within the next batch read of a table: after items of these sort keys, before the rest."""
    real, done, name = BaseClient._make_api_call, [False], config().table(table)

    def call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
        if operation != "BatchGetItem" or done[0] or name not in params["RequestItems"]:
            return real(client, operation, params)
        done[0] = True
        before = real(client, operation, params)["Responses"].get(name, [])
        meanwhile()
        answer = real(client, operation, params)
        after = answer["Responses"].get(name, [])
        answer["Responses"][name] = [
            *(item for item in before if item["sk"]["S"] in first),
            *(item for item in after if item["sk"]["S"] not in first),
        ]
        return answer

    BaseClient._make_api_call = call
    try:
        yield
    finally:
        BaseClient._make_api_call = real
    assert done[0]
