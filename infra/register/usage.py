"""Finds what the register says and nothing does, and purposes that code names but nobody registered."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from chalicelib.foundation.register.model import Register, RowEntry

ROOMS = ("routes.py", "jobs.py")


def purposes_named(package: Path) -> dict[str, str]:
    """Return the purposes that endpoints and jobs declare, each with a place that does."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.py")):
        if path.name in ROOMS or path.parent.name in {"routes", "jobs"}:
            for purpose_id, line in _purposes_in(path.read_text("utf-8")):
                found.setdefault(purpose_id, f"{path.relative_to(package.parent).as_posix()}:{line}")
    return found


def unknown_purposes(register: Register, named: dict[str, str]) -> list[str]:
    """Say where code declares a purpose that the register does not have."""
    return [
        f"{where}: unknown purpose {purpose_id}"
        for purpose_id, where in named.items()
        if purpose_id not in register.purposes
    ]


def recipients_named(package: Path) -> set[str]:
    """Return the recipients that gateways say they send to."""
    return {
        node.value.value
        for path in (package / "foundation" / "gateways").glob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        if isinstance(node.target, ast.Name) and node.target.id == "RECIPIENT" and isinstance(node.value.value, str)
    }


def idle_recipients(register: Register, named: set[str]) -> list[str]:
    """Say to which recipients of the product no gateway sends anything."""
    return [
        f"recipient {one.id}: no gateway sends to it"
        for one in register.recipients.values()
        if one.handed_by == "product" and one.id not in named
    ]


def unused(register: Register, rows: Iterable[RowEntry], named: Iterable[str]) -> list[str]:
    """Say which items no row holds, and which purposes neither an item nor an endpoint serves."""
    held = {attribute.item for row in rows for attribute in row.attributes}
    served = {purpose_id for item in register.items.values() for purpose_id in item.purposes} | set(named)
    return [
        *(
            f"item {item.id}: no row holds it"
            for item in register.items.values()
            if _in_rows_only(item.held, item.id, held)
        ),
        *(f"purpose {name}: no item and no endpoint serves it" for name in register.purposes if name not in served),
    ]


def _in_rows_only(places: tuple[str, ...], item_id: str, held: set[str]) -> bool:
    return "rows" in places and item_id not in held


def _purposes_in(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "purpose" and isinstance(node.value, ast.Constant):
            value = node.value.value
            if isinstance(value, str) and value:
                yield value, node.value.lineno
