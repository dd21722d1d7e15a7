"""A measured process lives on from when requests were recorded, however late it starts."""

from datetime import timedelta

import pytest

from chalicelib.foundation.kernel import clock
from infra.bench.known import Known, learnt


def test_what_was_recorded_is_not_too_old_when_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", clock.now)
    began = clock.now()
    Known({}, "", {}, {}, began - timedelta(hours=1)).teach()
    assert timedelta(0) <= clock.now() - (began - timedelta(hours=1)) < timedelta(minutes=1)


def test_what_is_learnt_is_dated() -> None:
    began = clock.now()
    assert began <= learnt().at <= clock.now()
