"""Who runs in a folder: a lock beside it while somebody does, a note inside it once all is up."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from .ministack import ROOT

DEFAULT_FOLDER = ROOT / ".local" / "run"
_LOOK_S = 0.3  # a look at the lock holds it for a moment; whoever starts just then tries again
_LOOK_EVERY_S = 0.05
_START_S = 300.0  # the first start of all builds every layer


class AlreadyRunning(RuntimeError):
    """Another process runs a stack in this folder."""


class NeverAnnounced(RuntimeError):
    """A stack has been starting in this folder for five minutes; carries which."""


class Running(msgspec.Struct, frozen=True):
    """Where a running stack is reached."""

    base_url: str
    counterparties_url: str
    endpoint: str
    environment: dict[str, str]
    pid: int


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder alone. The lock lies beside it, so that who holds it may delete the folder.

    Raises:
        AlreadyRunning: somebody else holds it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("a") as lock:
        until = time.monotonic() + _LOOK_S
        while not _locks(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise AlreadyRunning(str(folder))
            time.sleep(_LOOK_EVERY_S)
        _note(folder).unlink(missing_ok=True)  # whoever was killed left it, and its addresses are dead
        yield


@contextlib.contextmanager
def announced(folder: Path, running: Running) -> Iterator[None]:
    """Tell others where it is reached, until the end; the note holds credentials of the local cloud."""
    note = _note(folder)
    partial = note.with_suffix(".part")
    partial.touch(mode=0o600)
    partial.write_bytes(msgspec.json.encode(running))
    partial.replace(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def running(folder: Path = DEFAULT_FOLDER) -> Running | None:
    """Tell where the stack of a folder is reached, or None when none runs; waits for one that is starting.

    Raises:
        NeverAnnounced: it was still not up after five minutes.
    """
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if not _is_held(folder):
            return None
        with contextlib.suppress(FileNotFoundError):
            return msgspec.json.decode(_note(folder).read_bytes(), type=Running)
        time.sleep(_LOOK_EVERY_S)
    raise NeverAnnounced(str(folder))


def _is_held(folder: Path) -> bool:
    try:
        with folder.with_name(f"{folder.name}.lock").open() as lock:
            return not _locks(lock.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _locks(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(folder: Path) -> Path:
    return folder / "running.json"
