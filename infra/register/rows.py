"""Builds the row index: every stored row class with its declarations, as the planner walks it."""

import importlib
import pkgutil
from collections.abc import Iterator

from pynamodb.attributes import Attribute

import chalicelib
from chalicelib.foundation.register.model import Item, Register, Retention, RowAttribute, RowEntry
from chalicelib.foundation.store.attributes import Sealed
from chalicelib.foundation.store.declare import Ending, Personal, Technical
from chalicelib.foundation.store.row import Row

from .broken import RegisterBroken

ROOMS_WITH_ROWS = ("audit", "standing", "store", "web", "work")


def row_classes() -> list[type[Row]]:
    """Import every room that may hold rows and return the row classes, by path."""
    for module in _modules():
        importlib.import_module(module)
    concrete = (row for row in _descendants(Row) if hasattr(row, "table") and row.__module__.startswith("chalicelib."))
    return sorted(concrete, key=path_of)


def path_of(row: type[Row]) -> str:
    """Return ``package.module:Class``."""
    return f"{row.__module__}:{row.__qualname__}"


def row_index(register: Register, rows: list[type[Row]]) -> tuple[RowEntry, ...]:
    """Describe the rows by their declarations.

    Raises:
        RegisterBroken: an undeclared attribute, an unknown item, or a declaration at odds with its item.
    """
    problems = [problem for row in rows for problem in problems_of(row, register)]
    if problems:
        raise RegisterBroken(problems)
    return tuple(_entry(row) for row in rows)


def problems_of(row: type[Row], register: Register) -> Iterator[str]:
    """Say what is wrong with one row class's declarations."""
    for name, attribute in sorted(row.get_attributes().items()):
        for problem in _problems_of(attribute, register):
            yield f"{path_of(row)}.{name}: {problem}"


def _problems_of(attribute: Attribute[object], register: Register) -> Iterator[str]:
    says = getattr(attribute, "says", None)
    if isinstance(says, Personal):
        item = register.items.get(says.item)
        if item is None:
            yield f"unknown item {says.item}"
        else:
            yield from _against_item(item, isinstance(attribute, Sealed))
            yield from _against_period(says, register.retention[item.retention])
            if says.ending is Ending.KEEP and item.secrecy == "sealed" and says.ground == "main":
                yield "kept beyond the person, so it can't be sealed under main"
    elif not isinstance(says, Technical):
        yield "declares neither a data item nor that it is technical"
    elif isinstance(attribute, Sealed):
        yield "sealed, so it must name its data item"


def _against_item(item: Item, sealed: bool) -> Iterator[str]:  # noqa: FBT001 - the one question asked
    if sealed != (item.secrecy == "sealed"):
        yield f"item {item.id} is {item.secrecy}, the attribute is {'' if sealed else 'not '}sealed"
    if "rows" not in item.held:
        yield f"item {item.id} is held in {', '.join(item.held)}, not in rows"


def _against_period(says: Personal, retention: Retention) -> Iterator[str]:
    if says.ending is Ending.KEEP and retention.period == "none":
        yield f"kept beyond the person, but item {says.item} has no period ({retention.id})"


def _entry(row: type[Row]) -> RowEntry:
    attributes = row.get_attributes()
    keys = [name for name, found in attributes.items() if found.is_hash_key]
    keys += [name for name, found in attributes.items() if found.is_range_key]
    return RowEntry(
        path=path_of(row),
        table=row.table,
        kind=row.row_kind,
        keys=tuple(keys),
        attributes=tuple(_attribute(name, found) for name, found in sorted(attributes.items())),
    )


def _attribute(name: str, attribute: Attribute[object]) -> RowAttribute:
    says = attribute.says  # type: ignore[attr-defined]  # proved by problems_of
    stored_as = str(attribute.attr_name)
    if isinstance(says, Technical):
        return RowAttribute(name=name, stored_as=stored_as, why=says.why)
    return RowAttribute(
        name=name,
        stored_as=stored_as,
        item=says.item,
        ending=says.ending.value,
        whose=says.whose,
        ground=says.ground,
    )


def _modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        parts = found.name.split(".")
        of_foundation = parts[1] == "foundation" and len(parts) > 2 and parts[2] in ROOMS_WITH_ROWS  # noqa: PLR2004
        if of_foundation or "tables" in parts:
            yield found.name


def _descendants(row: type[Row]) -> Iterator[type[Row]]:
    for child in row.__subclasses__():
        yield child
        yield from _descendants(child)
