"""Moving the product's two clocks, so that a test can let days pass in no time."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.kernel import clock


class _Test:
    began = datetime.now(UTC)


def began() -> datetime:
    """Give when the running test began, to the second: one instant throughout the test, and never one of the past."""
    return _Test.began


@pytest.fixture(autouse=True)
def _begins() -> None:
    """Note when a test begins."""
    _Test.began = datetime.now(UTC).replace(microsecond=0)


class Hands:
    """How far both clocks have been moved; they go on running from there."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def by(self, **how_far: float) -> None:
        """Move both clocks on, such as `by(days=90)`."""
        self.moved += timedelta(**how_far)

    def into_window(self, window_s: int) -> None:
        """Move both clocks on to the middle of a limit's next window, so that what follows falls into one."""
        self.by(seconds=1.5 * window_s - clock.now().timestamp() % window_s)

    def to(self, at: datetime) -> None:
        """Set the clock to an instant; the steady clock moves as far."""
        self.moved += at - clock.now()


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Give the hands of the product's clocks; they are put back after the test."""
    now, steady_s, given = clock.now, clock.steady_s, Hands()
    monkeypatch.setattr(clock, "now", lambda: now() + given.moved)
    monkeypatch.setattr(clock, "steady_s", lambda: steady_s() + given.moved.total_seconds())
    return given
