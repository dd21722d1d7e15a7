"""One pass over a person's records: noted before, counted on the way, saved every few hundred; it may run twice."""

from collections.abc import Iterable, Iterator

from ...foundation.gateways import objects
from ...foundation.kernel.call import Call
from ...foundation.kernel.deadlines import Deadline
from ...foundation.standing.access import commit
from ...foundation.store.erase import execute
from ...foundation.store.planner import Fate, fates, may_stay
from ...foundation.store.row import Row
from ...foundation.work.job import NotYet
from ..tables import CancellationRow, checkpoint
from .plans import Cuts

GROUND = "erasure"
SAVE_EVERY = 500
"""Saving costs a write of the whole case; deleting twenty-five records costs one call."""


class StillOpen(Exception):
    """Something of the person's is not finished and must not be erased yet."""


def take(call: Call, row: CancellationRow, rows: list[type[Row]], *, deadline: Deadline) -> None:
    """Erase what there is of these classes, and cut loose what must be kept.

    Keeps: J3.2, J7.3, K2.1

    Raises:
        StillOpen: something is not finished; nothing of its class was touched.
        NotYet: time is short; what was done is saved.
    """
    if row.erasing_id is None:
        return
    cuts = _begun(call, row, rows)
    done = execute(_closed(fates(row.erasing_id, call.now, rows)), objects.delete_all_versions)
    for dealt, fate in enumerate(done, 1):
        name = f"{fate.found.row.row_kind}:{fate.verb}"
        row.counts[name] = row.counts.get(name, 0) + 1
        cuts.add(fate)
        late = deadline.passed()
        if late or dealt % SAVE_EVERY == 0:
            _save(call, row, cuts)
        if late:
            raise NotYet
    cuts.end()
    row.plan = cuts.lines()


def _begun(call: Call, row: CancellationRow, rows: list[type[Row]]) -> Cuts:
    """Note what is about to be cut, before anything is: afterwards nothing leads from the person to it."""
    cuts, lasting = Cuts(row.plan), [r for r in rows if may_stay(r)]
    if lasting:
        cuts.begin(_closed(fates(row.erasing_id, call.now, lasting)))
        if cuts.lines() != row.plan:
            _save(call, row, cuts)
    return cuts


def _save(call: Call, row: CancellationRow, cuts: Cuts) -> None:
    row.plan = cuts.lines()
    commit(call, [checkpoint(row, counts=row.counts, plan=row.plan)], legal_ground=GROUND)


def _closed(fates_of: Iterable[Fate]) -> Iterator[Fate]:
    """Pass fates on, but never that of something still open.

    Raises:
        StillOpen: at the first such one.
    """
    for fate in fates_of:
        if fate.blocks:
            raise StillOpen
        yield fate
