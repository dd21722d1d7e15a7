"""Who has a name that looks like this, user name or nickname, with every condition."""

from ...foundation.kernel.call import Person
from ...foundation.kernel.errors import Failure
from ...foundation.store.attributes import Integer, Text
from ...foundation.store.declare import EPOCH, GUARD_RANK, KEY, OnMerge, Personal
from ...foundation.store.row import Row
from ...foundation.store.write import Write, delete, put

GUARD = "NAME"


class NameGuardRow(Row, table="people", kind="name_guard"):
    """That somebody has a name of this look; its key is unique, so nobody else has one, by whichever kind of name."""

    on_merge = OnMerge.DROP

    erase_rank = GUARD_RANK

    pk = Text(Personal("account.name_look"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)


def take_name(index: str, who: Person, *, otherwise: Failure) -> Write:
    """Take a name's look, or keep it; of two people at once, one gets it."""
    row = NameGuardRow(pk=_place(index), sk=GUARD, person_id=who.person_id, epoch=who.epoch)
    free = NameGuardRow.kind.does_not_exist() | (NameGuardRow.person_id == who.person_id)
    return put(row, free, otherwise)


def leave_name(index: str, person_id: str) -> Write:
    """Leave a name's look to others, if it still is this person's."""
    theirs = NameGuardRow.kind.does_not_exist() | (NameGuardRow.person_id == person_id)
    return delete((NameGuardRow, _place(index), GUARD), theirs)


def _place(index: str) -> str:
    return f"NAME_LOOK#{index}"
