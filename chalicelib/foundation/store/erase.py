"""Executing a plan: items deleted, or cut loose from the person, so that a repeat finds only what is left."""

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

from ..kernel import clock
from ..register import lookup
from .batch import MOST_WRITES, delete_keys
from .declare import GUARD_RANK, TIME, Ending, Personal
from .outbox import shard
from .planner import Fate, Found, personal
from .row import Row
from .write import ConditionFailed, Write, commit, delete, update

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

Remove = Callable[[str, str], object]


def execute(fates: Iterable[Fate], remove_object: Remove) -> Iterator[tuple[str, str]]:
    """Carry out fates; gives (kind, verb) for each item dealt with.

    Objects go before the row that leads to them. Deletes go 25 at a time, so a kill loses at most the marks of
    one batch; running again is safe. A guard goes by itself and only while it is still this person's: its key is
    made of its value, so whoever takes a number over stands under the same key.

    Args:
        fates: from the planner.
        remove_object: deletes one object (bucket use, key) with all versions.

    Keeps: J3, J7, K2
    """
    batch: list[Found] = []
    for fate in fates:
        for bucket, key in fate.objects:
            remove_object(bucket, key)
        if fate.verb == "cut" or fate.found.row.erase_rank == GUARD_RANK:
            if _one_by_one(fate):
                yield fate.found.row.row_kind, fate.verb
            continue
        if batch and batch[0].row.table != fate.found.row.table:
            yield from _delete(batch)
            batch = []
        batch.append(fate.found)
        if len(batch) == MOST_WRITES:
            yield from _delete(batch)
            batch = []
    yield from _delete(batch)


def cut(fate: Fate) -> Write:
    """Cut a kept row loose: person, epoch and every attribute that need not be kept leave it, its end is noted."""
    found = fate.found
    attributes = found.row.get_attributes()
    leaving = {name for name, said in personal(found.row) if said.ending is Ending.ERASE and name not in {"pk", "sk"}}
    leaving |= {name for name in ("person_id", "epoch") if name in attributes}
    actions: list[Action] = [attributes[name].remove() for name in sorted(leaving)]
    if "due_at" in attributes and fate.until is not None:
        ends = datetime.combine(fate.until, time(), tzinfo=UTC)
        actions += [attributes["due_shard"].set(shard(found.pk)), attributes["due_at"].set(ends)]
    return update((found.row, found.pk, found.sk), actions, _still_theirs(found))


def _one_by_one(fate: Fate) -> bool:
    """Delete or cut one item, if it is still this person's."""
    found = fate.found
    write = cut(fate) if fate.verb == "cut" else delete((found.row, found.pk, found.sk), _still_theirs(found))
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True


def _still_theirs(found: Found) -> "Condition":
    still: Condition = found.row.get_attributes()["person_id"] == found.person_id
    return still


def _delete(batch: list[Found]) -> list[tuple[str, str]]:
    if not batch:
        return []
    delete_keys(batch[0].row.table, [(one.pk, one.sk) for one in batch])
    return [(one.row.row_kind, "delete") for one in batch]


def values_of(row: Row) -> dict[str, Any]:
    """Give every personal value of a row, opened, and the times of the record, by attribute; for copy and access.

    Digests of passwords and tokens stay here: they tell the person nothing and help whoever finds the copy.

    Keeps: J1, J2
    """
    others = row.others()
    found = ((name, getattr(row, name)) for name in _told(type(row)) if name not in others)
    return {name: plain(value) for name, value in found if value is not None}


@cache
def _told(row: type[Row]) -> tuple[str, ...]:
    """Name the attributes of a row class that its owner may see."""
    return tuple(name for name, attribute in row.get_attributes().items() if _is_told(attribute))


def _is_told(attribute: Any) -> bool:  # noqa: ANN401 - any attribute
    said = getattr(attribute, "says", None)
    if not isinstance(said, Personal):
        return said is TIME
    hidden = lookup.item(said.item).category == "credential" and not attribute.is_hash_key
    return said.whose == "self" and not hidden


def plain(value: Any) -> Any:  # noqa: ANN401 - any attribute's value
    """Turn a stored value into what JSON can say; sealed ones are opened."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    reveal = getattr(value, "reveal", None)
    if reveal is not None:
        return reveal()
    if isinstance(value, set):
        return sorted(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
