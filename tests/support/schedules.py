"""Schedules firing, as EventBridge fires them."""

from collections.abc import Callable
from typing import Any

from chalicelib.foundation.kernel import clock


class Left:
    """A Lambda context with so much time left."""

    aws_request_id = "req-of-the-test"

    def __init__(self, left_ms: int) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


def tick(job: Callable[[Any, Any], Any], left_ms: int | None = None) -> None:
    """Run a scheduled job now; without `left_ms` nothing tells it how long it has."""
    event = {
        "version": "0",
        "id": "f8b8f7f0-0000-4000-8000-000000000000",
        "account": "000000000000",
        "region": "ap-southeast-1",
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "time": clock.rfc3339(clock.now()),
        "resources": [],
        "detail": {},
    }
    job(event, None if left_ms is None else Left(left_ms))
