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
from .planner import Fate, personal
from .row import Row
from .write import ConditionFailed, Write, commit, delete, update

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

Remove = Callable[[str, str], object]


def execute(fates: Iterable[Fate], remove_object: Remove) -> Iterator[Fate]:
    """Carry out fates; gives each one that was really dealt with.

    Objects go before the row that leads to them. Deletes go 25 at a time, so a kill loses at most the marks of
    one batch; running again is safe. A guard goes by itself and only while it is still this person's: its key is
    made of its value, so whoever takes a number over stands under the same key. So does what may have changed since
    its fate was decided: it is left to the next pass, which decides anew.

    Args:
        fates: from the planner.
        remove_object: deletes one object (bucket use, key) with all versions.

    Keeps: J3.2, J7.3, K2.2
    """
    batch: list[Fate] = []
    for fate in fates:
        for bucket, key in fate.objects:
            remove_object(bucket, key)
        if fate.verb == "cut" or fate.found.row.erase_rank == GUARD_RANK or fate.still is not None:
            if _one_by_one(fate):
                yield fate
            continue
        if batch and batch[0].found.row.table != fate.found.row.table:
            yield from _delete(batch)
            batch = []
        batch.append(fate)
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
    return update((found.row, found.pk, found.sk), actions, _still(fate))


def _one_by_one(fate: Fate) -> bool:
    """Delete or cut one item, if it is still this person's and what it was."""
    found = fate.found
    write = cut(fate) if fate.verb == "cut" else delete((found.row, found.pk, found.sk), _still(fate))
    try:
        commit([write])
    except ConditionFailed:
        return False
    return True


def _still(fate: Fate) -> "Condition":
    theirs: Condition = fate.found.row.get_attributes()["person_id"] == fate.found.person_id
    return theirs if fate.still is None else theirs & fate.still


def _delete(batch: list[Fate]) -> list[Fate]:
    if batch:
        delete_keys(batch[0].found.row.table, [(fate.found.pk, fate.found.sk) for fate in batch])
    return batch


def values_of(row: Row) -> dict[str, Any]:
    """Give every personal value of a row, opened, and the times of the record, by attribute; for copy and access.

    Digests of passwords and tokens stay here: they tell the person nothing and help whoever finds the copy.

    Keeps: J1.1, J2.1
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
