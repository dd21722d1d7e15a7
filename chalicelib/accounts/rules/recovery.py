"""When a recovery may be finished, and by whose number."""

import hmac
from datetime import datetime, timedelta
from typing import Final

import msgspec

FINISH_WITHIN: Final = timedelta(days=7)
"""So long after the wait a recovery may be finished; then it has to be asked for anew."""


class Waiting(msgspec.Struct, frozen=True):
    """What a recovery that was begun is held against."""

    mobile_index: str
    session_epoch: int
    ready_at: datetime
    contested: bool


def stands(waiting: Waiting, session_epoch: int, now: datetime) -> bool:
    """Say whether a recovery is still under way.

    Whatever ends all sessions (a new password, another number, a freeze) shows an owner who is in control: it ends a
    recovery that was begun before.
    """
    return waiting.session_epoch == session_epoch and now < waiting.ready_at + FINISH_WITHIN


def may_finish(waiting: Waiting, session_epoch: int, now: datetime, *, mobile_index: str) -> bool:
    """Say whether a number may take the account over now; of two that both matched, neither may."""
    same = hmac.compare_digest(waiting.mobile_index, mobile_index)
    return same and not waiting.contested and now >= waiting.ready_at and stands(waiting, session_epoch, now)
