"""Something that happens in the middle of a request: before any one of its calls to AWS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient


@contextmanager
def meanwhile(number: int, happens: Callable[[], object]) -> Iterator[Callable[[], bool]]:
    """Have something happen before the n-th call to AWS from here (from 1); gives whether it came to that."""
    real, seen = BaseClient._make_api_call, [0]

    def call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
        seen[0] += 1
        if seen[0] == number:
            BaseClient._make_api_call = real
            try:
                happens()
            finally:
                BaseClient._make_api_call = call
        return real(client, operation, params)

    BaseClient._make_api_call = call
    try:
        yield lambda: seen[0] >= number
    finally:
        BaseClient._make_api_call = real
