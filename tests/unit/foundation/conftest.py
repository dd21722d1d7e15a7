"""No test leaves the process configured otherwise than it found it."""

from collections.abc import Iterator

import pytest

from chalicelib.foundation.kernel.config import reset_config


@pytest.fixture(autouse=True)
def _settings_read_anew() -> Iterator[None]:
    yield
    reset_config()
