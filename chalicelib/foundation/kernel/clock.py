"""The one clock. Only `web` and `work` ask it; everything below gets the time in its call."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Tell the time in UTC, in whole milliseconds as it is stored, so that it reads back the same."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def steady_s() -> float:
    """Tell seconds on a clock that never goes back, for leases and caches."""
    return time.monotonic()


def rfc3339(at: datetime) -> str:
    """Write an instant in UTC to the millisecond; such texts sort as the instants do."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{at.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def parse(text: str) -> datetime:
    """Read what `rfc3339` wrote."""
    return datetime.fromisoformat(text)
