"""Carrying a person's rows over to another account of theirs, as each row class declares."""

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, NamedTuple

from ..vault.sealed import Sealed as SealedValue
from .attributes import Sealed
from .declare import OnMerge, Personal
from .planner import Undeclared, owned, owner_of, ranked
from .row import Row
from .write import Write, delete, put_new, update

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

_OWNER = frozenset({"account.person_id", "content.author"})
"""Items that hold the owner's id."""


class Into(NamedTuple):
    """Whose the rows become: id, epoch and data keys of the account that stays."""

    person_id: str
    epoch: int
    keys: dict[str, str]


def moving() -> list[type[Row]]:
    """Give the row classes that move, in the order in which erasure would take them.

    Keeps: B4.4

    Raises:
        Undeclared: a person-owned class does not say what a merge does to it; better no merge than something lost.
    """
    if any(row.on_merge is None for row in owned().values()):
        raise Undeclared
    return [row for row in ranked() if row.on_merge is OnMerge.MOVE]


def carry(row: Row, into: Into, key_ids: frozenset[str]) -> list[Write]:
    """Make a row the other account's: owner, epoch and key change hands, sealed values are sealed anew.

    The writes pass only while the row's owner and sealed values are what was read, so that nothing sealed since is
    lost or left under the old key. A value under a key of its own (a case's) stays as it is.

    Args:
        row: as it was read.
        into: the account that stays.
        key_ids: the data keys of the account that is absorbed.

    Keeps: B4.4
    """
    changed = _changed(row, into, key_ids)
    unmoved = _unmoved(row)
    if "pk" not in changed:
        attributes = type(row).get_attributes()
        actions: list[Action] = [attributes[name].set(value) for name, value in changed.items()]
        return [update(row, actions, unmoved)]
    return [put_new(type(row)(**{**row.attribute_values, **changed})), delete(row, unmoved)]


def _changed(row: Row, into: Into, key_ids: frozenset[str]) -> dict[str, Any]:
    owner = owner_of(row)
    changed: dict[str, Any] = {}
    for name, attribute in type(row).get_attributes().items():
        value, says = getattr(row, name), getattr(attribute, "says", None)
        if isinstance(says, Personal) and says.item in _OWNER and value == owner:
            changed[name] = into.person_id
        elif isinstance(attribute, Sealed) and isinstance(value, SealedValue) and value.key_id in key_ids:
            changed[name] = attribute.seal(into.keys, value.reveal())
    if getattr(row, "epoch", None) is not None:
        changed["epoch"] = into.epoch
    return changed


def _unmoved(row: Row) -> "Condition":
    """Say, as a condition, that the row still is what was read, as far as it is carried over."""
    same: list[Condition] = [] if (read := row.as_read()) is None else [read]
    for name, attribute in type(row).get_attributes().items():
        if (
            name == "person_id"
            or isinstance(attribute, Sealed)
            or (name != "kind" and (row.pk == owner_of(row)) and name not in {"pk", "sk"})
        ):
            value = getattr(row, name)
            same.append(attribute.does_not_exist() if value is None else attribute == value)
    return reduce(and_, same)
