"""Writes what was compiled, or tells how what is on disk differs from it."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from .build import COMPILED, Outputs

SHOWN_LINES = 40


def write(root: Path, made: Outputs) -> list[str]:
    """Write changed outputs, remove left-over compiled files, return what was touched."""
    touched = []
    for name, text in made.items():
        path = root / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            touched.append(name)
    for name in _left_over(root, made):
        (root / name).unlink()
        touched.append(name)
    return touched


def drift(root: Path, made: Outputs) -> list[str]:
    """Return what is stale, missing or left over, with the first lines of each difference."""
    lines: list[str] = []
    for name, text in made.items():
        path = root / name
        if not path.exists():
            lines.append(f"{name}: missing")
        elif (old := path.read_text("utf-8")) != text:
            lines.append(f"{name}: stale")
            lines.extend(_difference(old, text))
    lines.extend(f"{name}: left over" for name in _left_over(root, made))
    return lines


def _left_over(root: Path, made: Outputs) -> Iterator[str]:
    for path in sorted((root / COMPILED).glob("*")):
        name = path.relative_to(root).as_posix()
        if name not in made:
            yield name


def _difference(old: str, new: str) -> list[str]:
    diff = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "committed", "compiled", "", "", 1, ""))
    shown = [f"    {line}" for line in diff[:SHOWN_LINES]]
    if len(diff) > SHOWN_LINES:
        shown.append(f"    … {len(diff) - SHOWN_LINES} more lines")
    return shown
