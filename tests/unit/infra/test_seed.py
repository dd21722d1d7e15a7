"""Seeding: once for each form of a loader, loud when one fails."""

from pathlib import Path

import pytest

from infra.local import seed as seeding
from infra.local.seed import SeedFailed, seed


class Remembered(dict):
    """Stands for the notes kept in a state."""

    def has(self, name: str, form: str) -> bool:
        return self.get(name) == form

    def note(self, name: str, form: str) -> None:
        self[name] = form


ANSWER = "import os, pathlib; pathlib.Path(os.environ['OUT']).open('a').write('x')"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = tmp_path / "made_up_loader.py"
    module.write_text(ANSWER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(seeding, "LOADERS", ("made_up_loader",))
    return module


def _seed(notes: Remembered, folder: Path) -> None:
    seed(notes, {"OUT": str(folder / "out"), "PYTHONPATH": str(folder)})


def test_a_loader_runs_once_and_again_when_it_has_changed(loader: Path, tmp_path: Path):
    notes = Remembered()
    for form in (ANSWER, f"{ANSWER}\n"):
        loader.write_text(form)
        _seed(notes, tmp_path)
        _seed(notes, tmp_path)
    assert (tmp_path / "out").read_text() == "xx"


def test_a_loader_that_fails_is_named_and_tried_again(loader: Path, tmp_path: Path):
    loader.write_text("raise SystemExit('no catalogue')")
    notes = Remembered()
    for _ in range(2):
        with pytest.raises(SeedFailed, match="made_up_loader: no catalogue"):
            _seed(notes, tmp_path)
    assert notes == {}


def test_a_loader_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(seeding, "LOADERS", ("infra.local.there_is_no_such_loader",))
    with pytest.raises(SeedFailed, match="there_is_no_such_loader"):
        _seed(Remembered(), tmp_path)
