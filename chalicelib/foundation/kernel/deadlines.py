"""Time a process has left, so that a slow dependency ends in an answer rather than in a time-out."""

from . import clock

_MARGIN_S = 1.0


class Deadline:
    """Seconds left for this invocation, read from the Lambda context where there is one."""

    def __init__(self, left_s: float) -> None:
        """Start now with so many seconds."""
        self._end_s = clock.steady_s() + left_s

    def left_s(self) -> float:
        """Give the seconds left, less a margin to answer in; never below zero."""
        return max(0.0, self._end_s - clock.steady_s() - _MARGIN_S)

    def passed(self) -> bool:
        """Say whether it is time to stop and save where we are."""
        return self.left_s() <= 0.0
