"""Whose folder it is: one at a time, found while it runs, waited for while it starts, forgotten when it was killed."""

import threading
from pathlib import Path

import pytest

from infra.local import presence, reset
from infra.local.presence import AlreadyRunning, NeverAnnounced, Running, announced, held, running

TOLD = Running("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", {}, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_a_folder_is_held_by_one(folder: Path):
    with held(folder), pytest.raises(AlreadyRunning), held(folder):
        pass
    with held(folder):
        pass


def test_who_runs_is_found_until_the_end(folder: Path):
    assert running(folder) is None
    with held(folder), announced(folder, TOLD):
        assert running(folder) == TOLD
        assert (folder / "running.json").stat().st_mode & 0o777 == 0o600
    assert running(folder) is None
    assert not (folder / "running.json").exists()


def test_what_a_killed_one_announced_is_not_taken_for_the_next(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with announced(folder, TOLD):
        left = (folder / "running.json").read_bytes()
    (folder / "running.json").write_bytes(left)
    assert running(folder) is None
    monkeypatch.setattr(presence, "_START_S", 0.2)
    with held(folder), pytest.raises(NeverAnnounced):
        running(folder)


def test_one_that_is_starting_is_waited_for(folder: Path):
    found = []
    with held(folder):
        looking = threading.Thread(target=lambda: found.append(running(folder)))
        looking.start()
        looking.join(0.3)
        assert looking.is_alive()
        with announced(folder, TOLD):
            looking.join(10)
    assert found == [TOLD]


def test_one_that_fails_to_start_is_not_waited_for_longer(folder: Path):
    found = []
    with held(folder):
        looking = threading.Thread(target=lambda: found.append(running(folder)))
        looking.start()
        looking.join(0.3)
    looking.join(10)
    assert found == [None]


def test_a_look_does_not_keep_anybody_from_starting(folder: Path):
    with (folder.with_name("run.lock")).open("a") as lock:
        assert presence._locks(lock.fileno(), presence.fcntl.LOCK_SH)
        threading.Timer(0.1, lambda: presence.fcntl.flock(lock, presence.fcntl.LOCK_UN)).start()
        with held(folder):
            pass


def test_reset_leaves_alone_what_somebody_starts_in(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(reset, "DEFAULT_FOLDER", folder)
    (folder / "state").write_text("kept")
    with held(folder):
        assert reset.main() == 1
    assert (folder / "state").read_text() == "kept"
    assert "stop it first" in capsys.readouterr().err


def test_reset_deletes_the_folder_and_nobody_starts_in_it_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch):
    refused = []

    def delete(path: Path, *, ignore_errors: bool) -> None:
        with pytest.raises(AlreadyRunning), held(path):
            pass
        refused.append((path, ignore_errors))

    monkeypatch.setattr(reset, "DEFAULT_FOLDER", folder)
    with monkeypatch.context() as patched:
        patched.setattr(reset.shutil, "rmtree", delete)
        assert reset.main() == 0
    assert refused == [(folder, True)]
    assert reset.main() == 0
    assert not folder.exists()
