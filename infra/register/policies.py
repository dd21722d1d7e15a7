"""Reads ``policies/privacy/<version>/`` and holds each version against its manifest."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from chalicelib.foundation.register.model import Manifest, PolicyText, Register

from .annex import annex
from .broken import RegisterBroken
from .render import clauses, page

RESEAL = "run `python -m infra.register --seal` (or open a new version, once anybody has agreed to this one)"


def versions(folder: Path) -> list[Path]:
    """Return the folders of all versions, oldest first."""
    return sorted((path for path in folder.iterdir() if path.is_dir()), key=version_of)


def version_of(folder: Path) -> tuple[int, ...]:
    """Return the version number that a folder is named after."""
    return tuple(int(part) for part in folder.name.split("."))


def read_manifest(folder: Path) -> Manifest:
    """Read a version's manifest.

    Raises:
        RegisterBroken: missing, incomplete, or named after another version.
    """
    try:
        document = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))
        covers = document.pop("covers", {"purposes": [], "items": [], "recipients": []})
        manifest = msgspec.convert({"files": {}, **document, **covers}, Manifest)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RegisterBroken([f"{folder.name}/manifest.toml: {error}"]) from error
    if manifest.version != folder.name:
        raise RegisterBroken([f"{folder.name}/manifest.toml: says version {manifest.version}"])
    return manifest


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each published file of a version, by its name."""
    published = [*folder.glob("policy.*.md"), *folder.glob("notices/*.toml")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(published)
    }


def texts(folder: Path, manifest: Manifest) -> dict[str, PolicyText]:
    """Return a version's texts, each as published and as a page."""
    found = {tag: (folder / f"policy.{tag}.md").read_text("utf-8") for tag in manifest.languages}
    return {tag: PolicyText(markdown=text, html=page(text, tag)) for tag, text in found.items()}


def problems_of(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Say how a version differs from what its manifest says of it."""
    found = digests(folder)
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            yield f"policy {manifest.version}: {name} is not the file its manifest names; {RESEAL}"
    for tag in manifest.languages:
        if f"policy.{tag}.md" not in found:
            yield f"policy {manifest.version}: policy.{tag}.md is missing"


def problems_of_newest(written: dict[str, PolicyText], manifest: Manifest, register: Register) -> Iterator[str]:
    """Say what the register does that the newest policy does not say."""
    name = f"policy {manifest.version}"
    yield from _uncovered(name, manifest, register)
    yield from _sections(written, manifest, register)
    for tag, text in written.items():
        if not text.markdown.endswith("\n" + annex(register, tag)):
            yield f"{name}: annex 2 ({tag}) is not what the register says; {RESEAL}"
        if "**" in text.html:
            yield f"{name}: an emphasis in policy.{tag}.md is not closed as Markdown wants it"


def _uncovered(name: str, manifest: Manifest, register: Register) -> Iterator[str]:
    for kind, said, known in (
        ("purpose", manifest.purposes, register.purposes),
        ("item", manifest.items, register.items),
        ("recipient", manifest.recipients, register.recipients),
    ):
        differing = sorted(set(said) ^ set(known))
        if differing:
            yield f"{name}: does not name the register's {kind}s as they are ({', '.join(differing)}); {RESEAL}"


def _sections(written: dict[str, PolicyText], manifest: Manifest, register: Register) -> Iterator[str]:
    name = f"policy {manifest.version}"
    anchors = {tag: clauses(text.markdown) for tag, text in written.items()}
    if len(set(anchors.values())) > 1:
        yield f"{name}: the languages do not have the same sections"
    for purpose in register.purposes.values():
        if purpose.clause not in anchors[manifest.authoritative]:
            yield f"purpose {purpose.id}: {name} has no section {purpose.clause}"
