"""Reads the just-in-time notices of each policy version."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.foundation.register.model import Notice, NoticeText, Register

from .broken import RegisterBroken


def read_notices(folder: Path) -> list[Notice]:
    """Read the notices of one version.

    Raises:
        RegisterBroken: a file can't be read as a notice, or is not named after its id.
    """
    return [_read(path, folder.name) for path in sorted(folder.glob("notices/*.toml"))]


def shown(text: NoticeText) -> str:
    """Return what a person sees, in one piece, as it is digested."""
    return f"{text.title}\n\n{text.body}\n\n{text.agree}\n\n{text.decline}"


def merged(by_version: list[list[Notice]]) -> list[Notice]:
    """Return each version of each notice once, under the newest policy it belongs to.

    Raises:
        RegisterBroken: one id and version with two texts.
    """
    found: dict[tuple[str, int], Notice] = {}
    for notices in by_version:
        for notice in notices:
            key = (notice.id, -notice.version)
            if key in found and found[key].sha256 != notice.sha256:
                raise RegisterBroken([f"notice {notice.id}: version {notice.version} has two texts"])
            found[key] = notice
    return [found[key] for key in sorted(found)]


def problems_of(notices: list[Notice], languages: tuple[str, ...], register: Register) -> Iterator[str]:
    """Say what the newest notices lack."""
    for notice in notices:
        for purpose_id in notice.purposes:
            if purpose_id not in register.purposes:
                yield f"notice {notice.id}: unknown purpose {purpose_id}"
        if set(notice.texts) != set(languages):
            yield f"notice {notice.id}: is not written in {', '.join(languages)}"
    told = {purpose_id for notice in notices for purpose_id in notice.purposes}
    for purpose in register.purposes.values():
        if purpose.asks and purpose.id not in told:
            yield f"purpose {purpose.id}: needs consent, and no notice asks for it"


def _read(path: Path, policy: str) -> Notice:
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        texts = msgspec.convert(document.get("texts", {}), dict[str, NoticeText])
        texts = {tag: msgspec.structs.replace(text, body=text.body.strip()) for tag, text in texts.items()}
        digests = {tag: hashlib.sha256(shown(text).encode()).hexdigest() for tag, text in texts.items()}
        whole = {"affirms": "", **document, "policy": policy, "texts": {}, "sha256": digests}
        notice = msgspec.structs.replace(msgspec.convert(whole, Notice), texts=texts)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RegisterBroken([f"{policy}/notices/{path.name}: {error}"]) from error
    if path.stem != notice.id:
        raise RegisterBroken([f"{policy}/notices/{path.name}: holds the notice {notice.id}"])
    return notice
