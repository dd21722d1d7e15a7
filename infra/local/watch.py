"""Notice edits of what is deployed."""

import stat
from pathlib import Path

Snapshot = dict[Path, tuple[int, int]]
_WATCHED = (
    "app.py",
    "chalicelib/**/*",
    "infra/resources.yaml",
    "policies/iam/*.json",
    ".chalice/config.json",
    "requirements*.txt",
)


def snapshot(project: Path) -> Snapshot:
    """Note when each watched file was last written, and how long it is."""
    seen: Snapshot = {}
    for pattern in _WATCHED:
        for file in project.glob(pattern):
            if "__pycache__" not in file.parts:
                _note(file, seen)
    return seen


def _note(file: Path, seen: Snapshot) -> None:
    try:
        state = file.stat()
    except FileNotFoundError:  # an editor just replaced it: the next look sees the new one
        return
    if stat.S_ISREG(state.st_mode):
        seen[file] = (state.st_mtime_ns, state.st_size)


def edited(before: Snapshot, after: Snapshot) -> list[Path]:
    """List the files that were changed, added or removed."""
    return sorted(file for file in before.keys() | after.keys() if before.get(file) != after.get(file))
