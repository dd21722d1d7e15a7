"""How long sessions live, and how long the token before the last is no sign of a thief."""

from datetime import datetime, timedelta
from typing import Final

SESSION_LIFE: Final = timedelta(days=30)
"""A session ends when it was not used for so long: each refresh, and whatever carries it over, begins that anew."""

GRACE: Final = timedelta(seconds=10)
"""So long the token before still gives the same next one to the device that had it: two tabs, or a lost answer."""


def in_grace(rotated_at: datetime, now: datetime) -> bool:
    """Say whether a token was replaced only just now.

    Keeps: K4.3
    """
    return now - rotated_at <= GRACE
