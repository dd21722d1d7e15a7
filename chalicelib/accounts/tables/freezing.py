"""Writes that freeze an account and thaw it: changes of standing, only while it is what was read."""

from datetime import datetime

from ...foundation.kernel.errors import Busy
from ...foundation.standing.access import SK
from ...foundation.standing.rows import ACTIVE, FROZEN, StandingRow
from ...foundation.store.write import Write, update


def freeze(seen: StandingRow, ground: str, now: datetime) -> Write:
    """Freeze, and end every session that was begun before."""
    row = StandingRow
    actions = [
        row.status.set(FROZEN),
        row.frozen_for.set(ground),
        row.frozen_at.set(now),
        row.session_epoch.set(seen.session_epoch + 1),
    ]
    same = (row.epoch == seen.epoch) & (row.status == seen.status) & (row.session_epoch == seen.session_epoch)
    return update((row, seen.pk, SK), actions, same, otherwise=Busy(retry_after_s=1))


def thaw(seen: StandingRow) -> Write:
    """Thaw what is still frozen on the ground that was read."""
    row = StandingRow
    same = (row.epoch == seen.epoch) & (row.status == FROZEN) & (row.frozen_for == seen.frozen_for)
    actions = [row.status.set(ACTIVE), row.frozen_for.remove(), row.frozen_at.remove()]
    return update((row, seen.pk, SK), actions, same, otherwise=Busy(retry_after_s=1))
