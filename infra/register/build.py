"""Everything that is compiled, as texts by path. The same sources always give the same bytes."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chalicelib.foundation.register.model import Manifest, Register

from . import clients, controls, notices, policies, rules, usage
from .broken import RegisterBroken
from .records import NAME as RECORDS
from .records import records
from .rows import row_classes, row_index
from .sources import count_clauses, read_promises, read_register

COMPILED = "chalicelib/foundation/register/compiled"

Outputs = dict[str, str]


class Build(NamedTuple):
    """What one compilation gives: texts by path, and what the register has for nothing."""

    outputs: Outputs
    unused: list[str]


def checked_register(root: Path) -> Register:
    """Read the register and hold it against its own rules.

    Raises:
        RegisterBroken: with every contradiction found.
    """
    register = read_register(root / "policies/register")
    _stop_at(
        [
            *rules.problems_of(register),
            *clients.problems_of(register),
            *rules.unpromised(register, read_promises(root / "policies")),
        ]
    )
    return register


def build(root: Path) -> Build:
    """Compile the sources under ``root``.

    Raises:
        RegisterBroken: with every contradiction found.
    """
    register = checked_register(root)
    rows = row_index(register, row_classes())
    named = usage.purposes_named(root / "chalicelib")
    _stop_at(usage.unknown_purposes(register, named))
    outputs, newest = _policies(root / "policies/privacy", register)
    known = controls.read_controls(root)
    _stop_at(controls.problems_of(known, root, count_clauses(root / "policies")))
    outputs |= {
        controls.NAME: controls.controls_page(known),
        f"{COMPILED}/register.json": as_json(register),
        f"{COMPILED}/rows.json": as_json(rows),
        RECORDS: records(register, rows, newest),
    }
    idle = usage.idle_recipients(register, usage.recipients_named(root / "chalicelib") | clients.recipients(register))
    return Build(outputs, [*usage.unused(register, rows, named), *idle])


def _policies(folder: Path, register: Register) -> tuple[Outputs, Manifest]:
    folders = policies.versions(folder)
    manifests = [policies.read_manifest(version) for version in folders]
    _stop_at([problem for pair in zip(folders, manifests, strict=True) for problem in policies.problems_of(*pair)])
    written = [policies.texts(*pair) for pair in zip(folders, manifests, strict=True)]
    told = [notices.read_notices(version) for version in folders]
    _stop_at(
        [
            *policies.problems_of_newest(written[-1], manifests[-1], register),
            *notices.problems_of(told[-1], manifests[-1].languages, register),
        ]
    )
    outputs = {
        f"{COMPILED}/policy-{manifest.version}.json": as_json(texts)
        for manifest, texts in zip(manifests, written, strict=True)
    }
    outputs[f"{COMPILED}/policies.json"] = as_json(manifests)
    outputs[f"{COMPILED}/notices.json"] = as_json(notices.merged(told))
    return outputs, manifests[-1]


def as_json(value: Any) -> str:  # noqa: ANN401 - whatever msgspec encodes
    """Return stable, readable JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"


def _stop_at(problems: list[str]) -> None:
    if problems:
        raise RegisterBroken(problems)
