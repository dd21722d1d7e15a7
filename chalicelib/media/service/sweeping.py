"""Uploads whose time has come: originals within an hour, pictures in no post after a day."""

from ...foundation.kernel import log
from ...foundation.kernel.call import Call
from ...foundation.kernel.deadlines import Deadline
from ...foundation.kernel.errors import Unauthenticated
from ...foundation.standing import access
from ...foundation.store.due import due
from ...foundation.store.write import ConditionFailed
from .. import rules, tables
from ..rules import State
from ..tables import MediaRow
from .pictures import remove_objects
from .settling import Outcome, owned_call, settle_writes


def sweep_unused(call: Call, deadline: Deadline) -> int:
    """End what was never finished or never used; gives how many uploads were dealt with.

    Run it every five minutes or more often: the policy promises that no original outlives an hour.

    Keeps: K1.2
    """
    count = 0
    for media_id, sk in due("community", call.now, frozenset({tables.SK})):
        if deadline.passed():
            break
        row = tables.media(media_id) if sk == tables.SK else None
        if row is not None and row.due_at is not None and row.due_at <= call.now:
            count += _end(call, row)
    if count:
        log.event(log.Event.SWEEP_DONE, sweep="media", count=count, failed=0)
    return count


def _end(call: Call, row: MediaRow) -> bool:
    """Do what is due for one upload; a change meanwhile leaves it to the next sweep."""
    try:
        match rules.duty(row.state, attached=row.post_id is not None):
            case "expire":
                _expire(call, row)
            case "forget":
                _forget(call, row)
            case "remove":
                _remove(call, row)
    except (ConditionFailed, Unauthenticated):
        return False
    return True


def _expire(call: Call, row: MediaRow) -> None:
    acting = owned_call(call, row)
    if acting is None:
        _remove(call, row)
        return
    access.commit(acting, settle_writes(acting, row, Outcome(State.REFUSED, "expired")))
    remove_objects(row.pk)


def _forget(call: Call, row: MediaRow) -> None:
    if row.state not in rules.WITH_PICTURES:
        remove_objects(row.pk)
    access.commit(call, [tables.forget_time(row)])


def _remove(call: Call, row: MediaRow) -> None:
    if row.state != State.REMOVING:
        access.commit(call, [tables.give_up(row, call.now)])
    remove_objects(row.pk)
    access.commit(call, [tables.drop(row)])
