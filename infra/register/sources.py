"""Reads ``policies/register/*.toml`` into the register's own types."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.foundation.register.model import Register

from .broken import RegisterBroken

SECTIONS = ("purposes", "items", "recipients", "retention", "clients")


def read_register(folder: Path) -> Register:
    """Read every TOML file of the folder.

    Raises:
        RegisterBroken: unreadable file, unknown section, id used twice, missing or unknown field.
    """
    problems: list[str] = []
    found: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for path in sorted(folder.glob("*.toml")):
        _gather(path, found, problems)
    if problems:
        raise RegisterBroken(problems)
    return _typed(found)


def read_promises(folder: Path) -> frozenset[str]:
    """Return the ids of ``promises.toml``."""
    return frozenset(tomllib.loads((folder / "promises.toml").read_text("utf-8")))


def count_clauses(folder: Path) -> dict[str, int]:
    """Return how many clauses each promise of ``promises.toml`` has."""
    promises = tomllib.loads((folder / "promises.toml").read_text("utf-8"))
    return {promise: len(said["clauses"]) for promise, said in promises.items()}


def _gather(path: Path, found: dict[str, dict[str, Any]], problems: list[str]) -> None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: {error}")
        return
    for section, entries in document.items():
        if section not in found:
            problems.append(f"{path.name}: unknown section [{section}]")
            continue
        for entry_id, entry in entries.items():
            if entry_id in found[section]:
                problems.append(f"{path.name}: {section}.{entry_id} is defined twice")
            found[section][entry_id] = {**entry, "id": entry_id}


def _typed(found: dict[str, dict[str, Any]]) -> Register:
    ordered = {section: dict(sorted(entries.items())) for section, entries in found.items()}
    try:
        return msgspec.convert(ordered, Register)
    except msgspec.ValidationError as error:
        raise RegisterBroken([f"policies/register: {error}"]) from error
