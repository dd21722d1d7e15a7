"""Stale, missing and left-over files are named with what differs; writing mends them."""

import pytest

from infra.register import __main__ as command
from infra.register.build import COMPILED, Build
from infra.register.drift import drift, write

MADE = {f"{COMPILED}/a.json": "1\n2\n", "docs/b.md": "text\n"}


def test_what_was_written_is_not_stale(tmp_path):
    assert write(tmp_path, MADE) == list(MADE)
    assert drift(tmp_path, MADE) == []
    assert write(tmp_path, MADE) == []


def test_a_stale_file_shows_its_difference(tmp_path):
    write(tmp_path, MADE)
    (tmp_path / "docs/b.md").write_text("other\n", "utf-8")
    said = drift(tmp_path, MADE)
    assert said[0] == "docs/b.md: stale"
    assert "    -other" in said
    assert "    +text" in said


def test_a_long_difference_is_cut(tmp_path):
    write(tmp_path, MADE)
    (tmp_path / "docs/b.md").write_text("x\n" * 100, "utf-8")
    assert drift(tmp_path, MADE)[-1].endswith("more lines")


def test_a_missing_and_a_left_over_file_are_named_and_mended(tmp_path):
    write(tmp_path, MADE)
    (tmp_path / "docs/b.md").unlink()
    (tmp_path / COMPILED / "old.json").write_text("{}", "utf-8")
    assert drift(tmp_path, MADE) == ["docs/b.md: missing", f"{COMPILED}/old.json: left over"]
    write(tmp_path, MADE)
    assert drift(tmp_path, MADE) == []


@pytest.mark.parametrize(
    ("unused", "change", "code", "shown"),
    [
        ([], "", 0, ""),
        (["item x: no row holds it"], "", 1, "unused: item x: no row holds it\n"),
        ([], "other", 1, "run `python -m infra.register` and commit the result\n"),
    ],
)
def test_the_check_fails_on_drift_and_on_what_is_unused(tmp_path, capsys, unused, change, code, shown):
    write(tmp_path, MADE)
    if change:
        (tmp_path / "docs/b.md").write_text(change, "utf-8")
    assert command.check(tmp_path, Build(MADE, unused)) == code
    assert capsys.readouterr().err.endswith(shown)
