"""The real register to bend, and a small policies folder of its own to break."""

import shutil
from pathlib import Path

import msgspec
import pytest

from chalicelib.foundation.register.model import Register
from infra.register.sources import read_register

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture(scope="session")
def register() -> Register:
    return read_register(POLICIES / "register")


@pytest.fixture
def bend(register):
    """Return the register with fields of one entry changed."""

    def _bend(section, entry_id, **changes):
        entries = dict(getattr(register, section))
        entries[entry_id] = msgspec.structs.replace(entries[entry_id], **changes)
        return msgspec.structs.replace(register, **{section: entries})

    return _bend


@pytest.fixture
def policies(tmp_path) -> Path:
    shutil.copytree(POLICIES, tmp_path / "policies")
    return tmp_path / "policies"
