"""Seeding: once for each form of a loader, loud when one fails."""

from pathlib import Path

import pytest

from infra.local import seed as seeding
from infra.local.seed import SeedFailed, seed

ANSWER = "import os, pathlib; pathlib.Path(os.environ['OUT']).open('a').write('x')"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = tmp_path / "made_up_loader.py"
    module.write_text(ANSWER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(seeding, "LOADERS", ("made_up_loader", "infra.local.there_is_no_such_loader"))
    return module


def _seed(folder: Path) -> list[str]:
    return seed(folder, {"OUT": str(folder / "out"), "PYTHONPATH": str(folder)})


def test_a_loader_runs_once_and_again_when_it_has_changed(loader: Path, tmp_path: Path):
    assert _seed(tmp_path) == ["made_up_loader"]
    assert _seed(tmp_path) == []
    loader.write_text(f"{ANSWER}\n")
    assert _seed(tmp_path) == ["made_up_loader"]
    assert (tmp_path / "out").read_text() == "xx"


def test_a_loader_that_fails_is_named_and_tried_again(loader: Path, tmp_path: Path):
    loader.write_text("raise SystemExit('no catalogue')")
    for _ in range(2):
        with pytest.raises(SeedFailed, match="made_up_loader: no catalogue"):
            _seed(tmp_path)
