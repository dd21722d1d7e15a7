"""Reading whole partitions, as only tests do."""

from collections.abc import Iterator
from typing import TypeVar

from pynamodb.expressions.condition import Condition

from chalicelib.foundation.store.row import Row

R = TypeVar("R", bound=Row)


def every(row: type[R], pk: str, condition: Condition | None = None) -> Iterator[R]:
    """Read a whole partition, page by page."""
    yield from row.query(pk, condition)
