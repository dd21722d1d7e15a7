"""Edits are noticed: what is deployed, and nothing else."""

import os
from pathlib import Path

from infra.local.watch import edited, snapshot


def _project(root: Path) -> Path:
    for name in ("app.py", "chalicelib/orders/rules.py", "infra/resources.yaml", "tests/test_x.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    return root


def test_a_changed_added_or_removed_file_is_an_edit(tmp_path: Path):
    before = snapshot(_project(tmp_path))
    (tmp_path / "app.py").write_text("12")
    (tmp_path / "chalicelib/orders/tables.py").write_text("1")
    (tmp_path / "infra/resources.yaml").unlink()
    changed = edited(before, snapshot(tmp_path))
    assert [str(file.relative_to(tmp_path)) for file in changed] == [
        "app.py",
        "chalicelib/orders/tables.py",
        "infra/resources.yaml",
    ]


def test_the_same_length_at_another_time_is_an_edit(tmp_path: Path):
    before = snapshot(_project(tmp_path))
    os.utime(tmp_path / "app.py", (1, 1))
    assert edited(before, snapshot(tmp_path)) == [tmp_path / "app.py"]


def test_tests_and_bytecode_are_not_deployed(tmp_path: Path):
    before = snapshot(_project(tmp_path))
    (tmp_path / "tests/test_x.py").write_text("2 2")
    (tmp_path / "chalicelib/orders/__pycache__").mkdir()
    (tmp_path / "chalicelib/orders/__pycache__/rules.pyc").write_text("1")
    assert edited(before, snapshot(tmp_path)) == []
