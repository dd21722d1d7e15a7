"""Ending a process in the middle: before a call to AWS is sent, or after it took effect but was not answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from botocore.client import BaseClient

Moment = Literal["before", "after"]
MOMENTS: tuple[Moment, ...] = ("before", "after")


class Killed(BaseException):
    """The process is gone; nothing catches this."""


def changes_something(operation: str) -> bool:
    """Say whether a call to AWS writes, uploads, sends or removes."""
    return not operation.startswith(("Get", "BatchGet", "Query", "List", "Describe", "Decrypt"))


@contextmanager
def killed_at(
    number: int, moment: Moment, among: Callable[[str], bool] = lambda _: True
) -> Iterator[Callable[[], bool]]:
    """Kill at the n-th call to AWS from here (from 1), of those that count; gives whether it came to that."""
    real, seen = BaseClient._make_api_call, [0]

    def call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
        seen[0] += among(operation)
        if seen[0] != number or not among(operation):
            return real(client, operation, params)
        if moment == "after":
            real(client, operation, params)
        raise Killed

    BaseClient._make_api_call = call
    try:
        yield lambda: seen[0] >= number
    finally:
        BaseClient._make_api_call = real
