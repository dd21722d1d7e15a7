"""Seals the newest policy version: writes its annex from the register, its coverage and its digests."""

from pathlib import Path

from chalicelib.foundation.register.model import Register

from .annex import annex, heading
from .policies import digests, read_manifest, versions

MARK = "# --- sealed: written by `python -m infra.register --seal` ---"


def seal(folder: Path, register: Register) -> Path:
    """Seal the newest version under ``folder``; older ones are for ever as they are."""
    newest = versions(folder)[-1]
    for tag in read_manifest(newest).languages:
        path = newest / f"policy.{tag}.md"
        own, _, _ = path.read_text("utf-8").partition("\n" + heading(tag))
        path.write_text(own.rstrip("\n") + "\n\n" + annex(register, tag), "utf-8")
    manifest = newest / "manifest.toml"
    own, _, _ = manifest.read_text("utf-8").partition(MARK)
    manifest.write_text(own.rstrip("\n") + "\n\n" + _tail(newest, register), "utf-8")
    return newest


def _tail(newest: Path, register: Register) -> str:
    lines = [MARK, "[covers]"]
    for section in ("purposes", "items", "recipients"):
        lines.append(f"{section} = [")
        lines.extend(f'  "{entry_id}",' for entry_id in getattr(register, section))
        lines.append("]")
    lines.extend(["", "[files]"])
    lines.extend(f'"{name}" = "{digest}"' for name, digest in digests(newest).items())
    return "\n".join(lines) + "\n"
