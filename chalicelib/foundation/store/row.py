"""The base of every stored row: one shared client, a kind, a declaration for each attribute."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from pynamodb.connection import Connection, TableConnection
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.models import MetaModel, Model

from ..kernel.config import config
from ..vault.clients import client
from .attributes import Text
from .declare import OnMerge, Technical

R = TypeVar("R", bound="Row")


class _Shared(Connection):
    """PynamoDB's connection, without a session and client of its own (it makes one per model class)."""

    @property
    def client(self) -> Any:  # noqa: ANN401
        return client("dynamodb")


class _SharedTable(TableConnection):
    def __init__(self, table_name: str, meta: MetaTable) -> None:
        self.table_name = table_name
        self.connection = _Shared()
        self.connection.add_meta_table(meta)


class _RowMeta(MetaModel):
    """Lets a row say its table and kind where it is defined."""

    def __new__(cls, name: str, bases: Any, space: Any, *, table: str = "", kind: str = "") -> Any:  # noqa: ANN401
        if table:
            space = {**space, "table": table, "row_kind": kind}
        return super().__new__(cls, name, bases, space)  # type: ignore[no-untyped-call]

    def __init__(self, name: str, bases: Any, space: Any, **_said: str) -> None:  # noqa: ANN401
        super().__init__(name, bases, space)


class Row(Model, metaclass=_RowMeta):
    """One stored item. Subclass with `table=` (noun) and `kind=`; declare every attribute.

    `owner` names the attribute that holds the person it belongs to, if any. A row whose owner attribute is
    `person_id` stands in the table's `by_person` index and is found by the planner.
    """

    class Meta:
        """PynamoDB asks for it; the physical name comes from the configuration."""

        table_name = "-"

    table: ClassVar[str]
    row_kind: ClassVar[str]

    if TYPE_CHECKING:
        pk: Text
        sk: Text

    kind = Text(Technical("which row class this is"))

    erase_rank: ClassVar[int] = 0
    """Erasure takes higher ranks first: children before what leads to them."""
    comes_by_itself: ClassVar[bool] = False
    """Rows of this class come without the person's doing; they go with the person, but no plan's hash hangs on them."""

    told: ClassVar[bool] = True
    """Whether these rows say what no other row of their owner does; a copy shows those only."""

    on_merge: ClassVar[OnMerge | None] = None
    """What becomes of them when two accounts of one person are merged; person-owned classes must say it."""

    def kept_from(self) -> datetime | None:
        """Say from when the retention of this row's kept attributes runs; None when nothing is kept."""
        return None

    def blocks(self, _now: datetime) -> str:
        """Name, by code, what about this row stands against cancelling the account now; empty when nothing does."""
        return ""

    def as_read(self) -> Condition | None:
        """Say, as a condition, that the row still is what its fate was decided by; None when that can't change."""
        return None

    def others(self) -> frozenset[str]:
        """Name the personal attributes that, in this row, are about somebody else than its owner."""
        return frozenset()

    def objects(self) -> tuple[tuple[str, str], ...]:
        """List the objects that belong to this row as (bucket use, key); they go with all versions."""
        return ()

    def lying(self) -> tuple[tuple[str, str], ...]:
        """Pick those of its objects that must be there by now."""
        return ()

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - attribute values, checked by PynamoDB
        """Make a row; its kind is filled in."""
        values.setdefault("kind", self.row_kind)
        super().__init__(**values)

    @classmethod
    def _get_connection(cls) -> TableConnection:  # PynamoDB's one way to a client: pinned version, see tests
        return _connection(cls, config().table(cls.table))

    @classmethod
    def from_item(cls, item: dict[str, dict[str, Any]]) -> Self:
        """Make a row from a low-level item, as batch reads and cancelled transactions give it.

        PynamoDB's own way sets defaults twice before it looks at the item (a stored one has what it needs), and looks
        for subclasses and maps that no row has; in a long list or a copy that is a good part of what a row costs.
        """
        row = cls.__new__(cls)
        row.attribute_values = {
            name: read(item[name][stored_as]) for name, stored_as, read in _readers(cls) if name in item
        }
        return row


@cache
def _readers(row: type[Row]) -> tuple[tuple[str, str, Callable[[Any], Any]], ...]:
    return tuple((one.attr_name, one.attr_type, one.deserialize) for one in row.get_attributes().values())


@cache
def _connection(cls: type[Row], table_name: str) -> TableConnection:
    schema = cls._get_schema()
    return _SharedTable(
        table_name,
        MetaTable(
            {
                "TableName": table_name,
                "KeySchema": schema["key_schema"],
                "AttributeDefinitions": schema["attribute_definitions"],
                "GlobalSecondaryIndexes": [
                    {"IndexName": i["index_name"], "KeySchema": i["key_schema"]}
                    for i in schema["global_secondary_indexes"]
                ],
                "LocalSecondaryIndexes": [],
            }
        ),
    )


def get(row: type[R], pk: str, sk: str, *, strong: bool = True) -> R | None:
    """Read one row, or None."""
    try:
        return row.get(pk, sk, consistent_read=strong)
    except DoesNotExist:
        return None


def query(
    row: type[R],
    pk: str,
    condition: Condition | None = None,
    *,
    limit: int | None = None,
    forward: bool = True,
    after: dict[str, str] | None = None,
    strong: bool = False,
    where: Condition | None = None,
) -> tuple[list[R], dict[str, str] | None]:
    """Read one page of a partition: the rows, and the last key when there is more.

    Args:
        row: the row class.
        pk: the partition.
        condition: on the sort key.
        limit: the most rows of this page.
        forward: ascending by sort key.
        after: the last key that an earlier page gave.
        strong: read strongly.
        where: a filter on top; a page may then hold fewer rows than `limit`.
    """
    found = row.query(
        pk,
        condition,
        where,
        limit=limit,
        scan_index_forward=forward,
        consistent_read=strong,
        last_evaluated_key=_typed(after),
    )
    rows = list(found)
    return rows, _plain(found.last_evaluated_key)


def query_index(
    index: Any,  # noqa: ANN401 - PynamoDB index objects
    key: str,
    condition: Condition | None = None,
    *,
    limit: int | None = None,
    forward: bool = True,
    after: dict[str, str] | None = None,
) -> tuple[list[Any], dict[str, str] | None]:
    """Read one page of an index, like `query`."""
    found = index.query(key, condition, limit=limit, scan_index_forward=forward, last_evaluated_key=_typed(after))
    rows = list(found)
    return rows, _plain(found.last_evaluated_key)


def _typed(key: dict[str, str] | None) -> dict[str, dict[str, str]] | None:
    return None if key is None else {name: {"S": value} for name, value in key.items()}


def _plain(key: dict[str, dict[str, Any]] | None) -> dict[str, str] | None:
    return None if not key else {name: str(next(iter(value.values()))) for name, value in key.items()}


def rows_by_key(reads: Sequence[tuple[type[Row], str, str]], *, strong: bool = True) -> list[Row | None]:
    """Read up to 100 rows of any tables in one BatchGetItem, in the order asked; None where there is none."""
    from .batch import batch_get

    return batch_get(reads, strong=strong)
