"""A lock that no longer matches its source is noticed without a registry."""

import re
import shutil
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infra.locks import LOCKS, pins, stale

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for file in ROOT.glob("requirements*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_locks_of_this_tree_are_fresh():
    assert stale(ROOT) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("requirements.in", "msgspec==0.22.0", "msgspec==0.21.0", "requirements.txt lacks msgspec==0.21.0"),
        ("requirements.in", "# What", "# that", "requirements-dev.txt was not made from this requirements-dev.in"),
        ("requirements.txt", "msgspec==0.22.0", "msgspec==0.21.0", "requirements-dev.txt and requirements.txt differ"),
        (
            "requirements.txt",
            "msgspec==0.22.0 \\\n    --hash=sha256:",
            "msgspec==0.22.0 \\\n    #",
            "no hash for msgspec",
        ),
        ("requirements-cloud.in", "ministack==1.5.33", "ministack==1.5.34", "requirements-cloud.txt lacks ministack"),
    ],
)
def test_a_stale_lock_is_noticed(copy: Path, file: str, old: str, new: str, says: str):
    _replace(copy / file, old, new)
    assert any(says in line for line in stale(copy))


def test_pins_are_read_as_registries_name_them():
    assert pins("Foo_Bar.baz[extra]==1.2 \\\n# x==1\nplain==3\n") == {"foo-bar-baz": "1.2", "plain": "3"}


def test_a_lock_keeps_the_extras_its_packages_ask_for():
    # Without them pip looks for the extra on its own, finds the newest release, and refuses it for want of a hash.
    text = (ROOT / "requirements-dev.txt").read_text()
    extras = {
        name.lower(): set(re.split(r",\s*", found))
        for name, found in re.findall(r"^([\w.-]+)\[([^]]*)\]==", text, re.MULTILINE)
    }
    asked = [Requirement(line) for name in pins(text) for line in requires(name) or ()]
    wanted = [one for one in asked if one.extras and (one.marker is None or one.marker.evaluate({"extra": ""}))]
    assert "coverage" in {one.name for one in wanted}
    assert [str(one) for one in wanted if not one.extras <= extras.get(one.name.lower(), set())] == []


def test_locks_name_no_registry_and_no_folder_of_a_machine():
    for name in LOCKS:
        assert not re.search(r"https?://|file:|--index|--find|(?:^|\s)/", (ROOT / f"{name}.txt").read_text())
