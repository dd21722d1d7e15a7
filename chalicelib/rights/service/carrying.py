"""The moving part of a merge: what the absorbed account's erasure does first, until nothing is left to move."""

from collections.abc import Iterator

from ...foundation.kernel.call import Call, Person
from ...foundation.kernel.deadlines import Deadline
from ...foundation.kernel.errors import Busy
from ...foundation.standing.access import SK, commit, person, still_there
from ...foundation.standing.rows import CLOSING, MERGING, StandingRow
from ...foundation.store.carry import Into, carry, moving
from ...foundation.store.planner import Found, read, traverse
from ...foundation.store.row import Row
from ...foundation.store.write import ConditionFailed, update
from ...foundation.work.job import NotYet
from ..tables import MOVED, CancellationRow, MergeRow, merge_of

GROUND = "merge"


class _Listed:
    """What the index still lists of the absorbed account, counted on the way."""

    def __init__(self, person_id: str) -> None:
        self.count = 0
        self._person_id = person_id

    def __iter__(self) -> Iterator[Found]:
        for found in traverse(self._person_id, moving()):
            self.count += 1
            yield found


def carry_over(call: Call, row: CancellationRow, deadline: Deadline) -> bool:
    """Move what moves to the account that stays; says whether there was anything, so that one must look again.

    Only a pass that finds nothing ends the moving, so the index is never behind when the erasure goes on. Each row
    moves in a transaction of its own with the standing of the account that stays: killed anywhere, the next pass goes
    on with what is left. Bindings come last, each as what it rests on allows. If the account that stays is being
    cancelled meanwhile, nothing moves and both are erased.

    Keeps: B4.4, B4.6

    Raises:
        NotYet: time is short.
        Busy: the account that stays changed at this moment.
    """
    merge = merge_of(row.pk)
    stays = None if merge is None or merge.state == MOVED else person(merge.person_id)
    absorbed_id = str(row.erasing_id)
    if merge is None or stays is None or stays.status in {CLOSING, MERGING}:
        return False
    listed = _Listed(absorbed_id)
    key_ids = frozenset(row.key_ids.values())
    for one in read(iter(listed)):
        if deadline.passed():
            raise NotYet
        _move(call, one, stays, key_ids=key_ids)
    if listed.count > 0 or not _bindings_moved(call, absorbed_id, stays, key_ids=key_ids):
        return True
    _end(call, merge, stays, absorbed_id=absorbed_id)
    return False


def _move(call: Call, row: Row, stays: Person, *, key_ids: frozenset[str]) -> None:
    """Move one row; one that changed since it was read is left to the next pass."""
    into = Into(stays.person_id, stays.epoch, dict(stays.keys))
    try:
        commit(call, [*carry(row, into, key_ids), still_there(stays, otherwise=Busy)], legal_ground=GROUND)
    except ConditionFailed:
        return


def _bindings_moved(call: Call, absorbed_id: str, stays: Person, *, key_ids: frozenset[str]) -> bool:
    """Move the bindings that move, last: they are read strongly, so one look tells; says whether it told the truth."""
    from ...accounts.service.merging import binding_moves

    goes = person(absorbed_id)
    for writes in [] if goes is None else binding_moves(call, stays, goes, key_ids=key_ids):
        try:
            commit(call, writes, legal_ground=GROUND)
        except ConditionFailed:
            return False
    return True


def _end(call: Call, merge: MergeRow, stays: Person, *, absorbed_id: str) -> None:
    """Note that all has moved: from here on the absorbed account is one that is being erased."""
    closing = [StandingRow.status.set(CLOSING)]
    writes = [
        update((StandingRow, absorbed_id, SK), closing, StandingRow.status == MERGING, otherwise=Busy),
        update(
            (StandingRow, stays.person_id, SK),
            [StandingRow.merge_id.remove()],
            StandingRow.merge_id == merge.pk,
            otherwise=Busy,
        ),
        update(merge, [MergeRow.state.set(MOVED)], MergeRow.person_id == merge.person_id, otherwise=Busy),
    ]
    commit(call, writes, legal_ground=GROUND)
