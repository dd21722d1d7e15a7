"""Dead code is found where it is, and fields of classes are left alone."""

import subprocess
from pathlib import Path

from infra.dead import unused

ROOM = """
class View:
    never_read: int = 1

    def unused_verb(self):
        return self


def used():
    return View()


def unused_function():
    return used()
"""


def test_unused_code_is_named_but_fields_are_not(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "room.py").write_text(ROOM)
    assert unused(tmp_path) == [
        "chalicelib/room.py:5: unused method 'unused_verb'",
        "chalicelib/room.py:13: unused function 'unused_function'",
    ]


def test_what_only_a_test_uses_counts_as_dead(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for name, text in {"chalicelib/room.py": "def f():\n    return 1\n", "tests/test_room.py": "f()\n"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert unused(tmp_path) == ["chalicelib/room.py:1: unused function 'f'"]
