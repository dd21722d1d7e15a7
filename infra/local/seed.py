"""What a fresh local stack is filled with. Domains add their loader to `LOADERS`; each must be safe to run twice."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .ministack import ROOT
from .notes import Notes

LOADERS = ("infra.local.sample",)  # run as `python -m NAME` with the stack's environment
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL")


class SeedFailed(RuntimeError):
    """A loader failed; carries its name and what it said."""


def seed(notes: Notes, environment: Mapping[str, str]) -> None:
    """Run the loaders that have not run on this state in their present form.

    Raises:
        SeedFailed: one of them failed.
    """
    for name in LOADERS:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise SeedFailed(f"{name}: no such loader")
        form = _form(Path(found.origin))
        if not notes.has(name, form):
            load(name, environment)
            notes.note(name, form)


def _form(code: Path) -> str:
    """Give a loader's code and the data file beside it."""
    data = code.with_suffix(".toml")
    return code.read_text() + (data.read_text() if data.exists() else "")


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
