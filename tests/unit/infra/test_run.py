"""`make run`: an edit that can't be deployed leaves the last version running, and nothing else is passed over."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from infra.local import run
from infra.package.build import ChaliceRefused
from infra.package.bytecode import SourceBroken

REFUSED = ClientError({"Error": {"Code": "ValidationException", "Message": "no such key"}}, "UpdateTable")
BROKEN = [
    ChaliceRefused("SyntaxError"),
    SourceBroken("rules.py, line 1"),
    REFUSED,
    ParamValidationError(report="Days"),
    KeyError("BucketEncryption"),
]


class Stack:
    """Stands for a stack whose deploys fail as told, and which is told to stop once it is live again."""

    base_url = counterparties_url = endpoint = "http://127.0.0.1:9"

    def __init__(self, folder: Path) -> None:
        self.folder, self.failures, self.deployed = folder, [], 0
        self.at_start = lambda: None
        self.healthy = False
        self.gone: list[str] = []

    def __enter__(self) -> Self:
        self.at_start()
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def deploy(self) -> None:
        self.deployed += 1
        if self.failures:
            raise self.failures.pop(0)

    def wait_healthy(self) -> None:
        self.healthy = True

    def ended(self) -> list[str]:
        if self.healthy:
            os.kill(os.getpid(), signal.SIGINT)
        return self.gone


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.py").write_text("1")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(run.sys, "argv", ["run"])
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield tmp_path
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def stand_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    made = Stack(project)
    monkeypatch.setattr(run, "LocalStack", lambda *_, **__: made)
    return made


def test_an_edit_made_while_it_started_is_deployed(project: Path, stand_in: Stack):
    stand_in.at_start = lambda: (project / "app.py").write_text("2 2")
    assert run.main() == 0
    assert stand_in.deployed == 1


@pytest.mark.parametrize("failure", BROKEN, ids=lambda failure: type(failure).__name__)
def test_an_edit_that_cannot_be_deployed_is_named_and_the_next_one_tried(
    project: Path, stand_in: Stack, capsys, failure: Exception
):
    stand_in.at_start = lambda: (project / "app.py").write_text("2 2")
    stand_in.failures = [failure]
    fixing = threading.Timer(0.3, lambda: (project / "app.py").write_text("3 3 3"))
    fixing.start()
    assert run.main() == 0
    assert stand_in.deployed == 2
    told = capsys.readouterr()
    assert f"app.py: {type(failure).__name__}: {failure}" in told.err
    assert "app.py: live after" in told.out


@pytest.mark.parametrize("failure", BROKEN[:-1], ids=lambda failure: type(failure).__name__)
def test_a_start_that_fails_says_why(stand_in: Stack, capsys, failure: Exception):
    def fail() -> None:
        raise failure

    stand_in.at_start = fail
    assert run.main() == 1
    assert str(failure) in capsys.readouterr().err


def test_what_is_not_about_the_port_is_not_told_as_if_it_were(stand_in: Stack):
    def fail() -> None:
        raise FileNotFoundError(2, "No such file", "cloud-venv")

    stand_in.at_start = fail
    with pytest.raises(FileNotFoundError):
        run.main()


def test_a_cloud_that_ends_by_itself_ends_the_run(stand_in: Stack, capsys):
    stand_in.gone = [str(run.ROOT / "somewhere" / "ministack.log")]
    assert run.main() == 1
    assert "its log: somewhere/ministack.log\n" in capsys.readouterr().err


def test_the_processes_that_have_ended_are_named_by_their_logs(tmp_path: Path):
    stack = run.LocalStack(tmp_path)
    with subprocess.Popen(["sleep", "60"]) as lives, subprocess.Popen(["true"]) as over:
        over.wait()
        stack.cloud, stack._counterparties = SimpleNamespace(process=lives), over
        assert stack.ended() == [str(tmp_path / "counterparties.log")]
        lives.kill()
        lives.wait()
        assert stack.ended() == [str(tmp_path / "ministack.log"), str(tmp_path / "counterparties.log")]
