"""How often a code may go out, and how long it is good."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

Windows = tuple[tuple[int, int], ...]

_CHINA: Final = timezone(timedelta(hours=8))
CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
RESEND_AFTER_S: Final = 60
CODE_WINDOWS: Final = ((1, RESEND_AFTER_S), (5, 3600), (10, 86400))
"""At most so many codes to one number in so many seconds; stays below the limits of the providers."""

RESERVED: Final = frozenset({"freeze", "stop_recovery", "identity"})
"""What has windows of its own, which no other code uses up: to stop a thief, and to be known by staff."""
RESERVED_WINDOWS: Final = ((1, RESEND_AFTER_S), (3, 3600), (5, 86400))
"""For one who asks; counted by address too, so that a stranger's asking doesn't use up the owner's."""
RESERVED_PER_NUMBER: Final = (15, 86400)
"""For one number and one such purpose, whoever asks."""


def budget_day(now: datetime) -> str:
    """Name the day whose budget a message comes out of: as the clock has it where the people are, and the bills."""
    return f"{now.astimezone(_CHINA):%Y-%m-%d}"


def budget_alarms(used: int, budget: int) -> bool:
    """Say whether somebody must hear how much of the day's messages is gone: at four fifths, and beyond the last.

    Keeps: K4.3
    """
    return used == -(-budget * 4 // 5) or used > budget


def wait_before_code(sent_at_s: Sequence[int], now_s: int, windows: Windows = CODE_WINDOWS) -> int:
    """Give the seconds to wait before the next code to a number, by when the last ones went out; 0 for none."""
    waits = [0]
    for most, window_s in windows:
        recent = sorted(at for at in sent_at_s if at > now_s - window_s)
        if len(recent) >= most:
            waits.append(recent[-most] + window_s - now_s)
    return max(waits)


def recent_codes(sent_at_s: Sequence[int], now_s: int) -> list[int]:
    """Keep the times that still count, and add now."""
    longest = max(window_s for _, window_s in CODE_WINDOWS)
    return [*sorted(at for at in sent_at_s if at > now_s - longest), now_s]
