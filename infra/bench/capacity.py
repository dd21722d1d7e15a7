"""Read and write units of a call, by the rules of DynamoDB, from the items it touched and the indexes they stand in.

A read unit is 4 KB read strongly (half of one otherwise); a write unit is 1 KB, doubled in a transaction. An index
costs a write of its own wherever an item enters, leaves, moves in it, or changes something that it projects.
"""

from collections.abc import Callable
from math import ceil
from typing import Any

import msgspec

from ..local.provision import RESOURCES
from ..local.template import load
from .recording import Item, Made, actions

_READ_UNIT = 4096
_WRITE_UNIT = 1024


class Index(msgspec.Struct, frozen=True):
    """One global secondary index: its keys, and what it projects (None: everything)."""

    name: str
    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def view(self, item: Item | None) -> Item | None:
        """Give an item as it stands in this index, if it does."""
        if item is None or any(key not in item for key in self.keys):
            return None
        return item if self.projected is None else {k: v for k, v in item.items() if k in self.projected}


def indexes() -> dict[str, list[Index]]:
    """Read the indexes of every table out of the template, by the noun of the table."""
    found: dict[str, list[Index]] = {}
    for resource in load(RESOURCES)["Resources"].values():
        if resource.get("Type") == "AWS::DynamoDB::Table":
            has = resource["Properties"]
            noun = str(has["TableName"]["Fn::Sub"]).rpartition("-")[2]
            found[noun] = [_index(one) for one in has.get("GlobalSecondaryIndexes", [])]
    return found


def _index(said: dict[str, Any]) -> Index:
    keys = tuple(part["AttributeName"] for part in said["KeySchema"])
    projection = said["Projection"]
    if projection["ProjectionType"] == "ALL":
        return Index(said["IndexName"], keys, None)
    return Index(said["IndexName"], keys, frozenset({"pk", "sk", *keys, *projection.get("NonKeyAttributes", ())}))


def read_units(calls: list[Made]) -> float:
    """Add up the read units of calls."""
    return sum(_read(call) for call in calls if call.service == "dynamodb")


def write_units(calls: list[Made], known: dict[str, list[Index]]) -> int:
    """Add up the write units of calls."""
    total = 0
    for call in calls:
        times = 2 if call.operation == "TransactWriteItems" else 1
        for verb, (table, pk, sk), _ in actions(call):
            place = f"{table}|{pk}|{sk}"
            before, after = call.before[place], call.after[place]
            if verb == "ConditionCheck":
                total += times * _units(before)
            else:
                total += times * _write(before, after, known[table.rpartition("-")[2]])
    return total


def _read(call: Made) -> float:
    params, answer = call.params, call.answer
    if call.operation == "GetItem":
        return _strength(params) * _blocks(size(answer.get("Item")))
    if call.operation == "BatchGetItem":
        return sum(_batch(params["RequestItems"][t], answer["Responses"].get(t, [])) for t in params["RequestItems"])
    if call.operation == "Query":
        seen, matched = answer.get("ScannedCount", 0), answer.get("Count", 0)
        read = sum(size(item) for item in answer.get("Items", [])) * (seen / matched if matched else 1)
        return _strength(params) * _blocks(ceil(read))
    return 0.0


def _batch(asked: dict[str, Any], items: list[Item]) -> float:
    missing = len(asked["Keys"]) - len(items)
    return _strength(asked) * (sum(_blocks(size(item)) for item in items) + missing)


def _strength(params: dict[str, Any]) -> float:
    return 1.0 if params.get("ConsistentRead") else 0.5


def _write(before: Item | None, after: Item | None, stands_in: list[Index]) -> int:
    return max(_units(before), _units(after)) + sum(_indexed(one, before, after) for one in stands_in)


def _indexed(index: Index, before: Item | None, after: Item | None) -> int:
    """Count an index's own writes; an item that moves in it is taken out and put in."""
    old, new = index.view(before), index.view(after)
    if old == new:
        return 0
    if old is None or new is None:
        return _units(old or new)
    moved = any(old[key] != new[key] for key in index.keys)
    return _units(old) + _units(new) if moved else max(_units(old), _units(new))


def _units(item: Item | None) -> int:
    return max(1, ceil(size(item) / _WRITE_UNIT))


def _blocks(read_bytes: int) -> int:
    return max(1, ceil(read_bytes / _READ_UNIT))


def size(item: Item | None) -> int:
    """Measure an item as DynamoDB does: names and values, in UTF-8."""
    return sum(len(name.encode()) + _value(value) for name, value in (item or {}).items())


def _value(typed: dict[str, Any]) -> int:
    kind, value = next(iter(typed.items()))
    return _SIZES[kind](value)


def _digits(number: str) -> int:
    return len(number.strip("-").replace(".", "")) // 2 + 2


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _digits,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "M": lambda held: 3 + sum(len(name.encode()) + _value(one) + 1 for name, one in held.items()),
    "L": lambda held: 3 + sum(_value(one) + 1 for one in held),
    "SS": lambda held: sum(len(one.encode()) for one in held),
    "NS": lambda held: sum(map(_digits, held)),
    "BS": lambda held: sum(map(len, held)),
}
