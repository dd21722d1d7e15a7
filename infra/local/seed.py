"""What a fresh local stack is filled with. Domains add their loader to `LOADERS`; each must be safe to run twice."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from .ministack import ROOT

LOADERS = ("infra.local.sample",)  # run as `python -m NAME` with the stack's environment
_FILE = "seeded.json"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL")


class SeedFailed(RuntimeError):
    """A loader failed; carries its name and what it said."""


def seed(folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Run the loaders that have not run on this state in their present form; gives their names.

    Raises:
        SeedFailed: one of them failed.
    """
    note = folder / _FILE
    done: dict[str, str] = msgspec.json.decode(note.read_bytes(), type=dict[str, str]) if note.exists() else {}
    ran = []
    for name in LOADERS:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        form = hashlib.sha256(_form(Path(found.origin))).hexdigest()
        if done.get(name) != form:
            load(name, environment)
            done[name] = form
            ran.append(name)
            note.write_bytes(msgspec.json.encode(done))
    return ran


def _form(code: Path) -> bytes:
    """Give a loader's code and the data file beside it."""
    data = code.with_suffix(".toml")
    return code.read_bytes() + (data.read_bytes() if data.exists() else b"")


def load(name: str, environment: Mapping[str, str]) -> None:
    """Run one loader against the stack of an environment.

    Raises:
        SeedFailed: it failed.
    """
    inherited = {key: os.environ[key] for key in _KEPT if key in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", name],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SeedFailed(f"{name}: {ran.stderr.strip()}")
