"""Look-ups in the compiled register. Nothing is read before the first call, and then once."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from .model import (
    Client,
    Item,
    Manifest,
    Notice,
    Policy,
    PolicyText,
    Purpose,
    Recipient,
    Register,
    Retention,
    RowEntry,
)

_HERE = Path(__file__).parent / "compiled"
_T = TypeVar("_T")


class UnknownEntry(LookupError):
    """An id that the compiled register does not have."""

    def __init__(self, kind: str, entry_id: str) -> None:
        super().__init__(f"no {kind} {entry_id!r} in the register")
        self.kind = kind
        self.entry_id = entry_id


def _read(name: str, type_: type[_T]) -> _T:
    return msgspec.json.decode((_HERE / name).read_bytes(), type=type_)


@cache
def register() -> Register:
    """Return the whole register."""
    return _read("register.json", Register)


def _find(kind: str, entries: dict[str, _T], entry_id: str) -> _T:
    entry = entries.get(entry_id)
    if entry is None:
        raise UnknownEntry(kind, entry_id)
    return entry


def purpose(purpose_id: str) -> Purpose:
    """Return the purpose, or raise `UnknownEntry`."""
    return _find("purpose", register().purposes, purpose_id)


def item(item_id: str) -> Item:
    """Return the data item, or raise `UnknownEntry`."""
    return _find("item", register().items, item_id)


def recipient(recipient_id: str) -> Recipient:
    """Return the recipient, or raise `UnknownEntry`."""
    return _find("recipient", register().recipients, recipient_id)


def client(client_id: str) -> Client:
    """Return the third-party service, or raise `UnknownEntry`."""
    return _find("client", register().clients, client_id)


def retention(retention_id: str) -> Retention:
    """Return the retention rule, or raise `UnknownEntry`.

    Keeps: K1.1
    """
    return _find("retention", register().retention, retention_id)


def purposes() -> tuple[Purpose, ...]:
    """Return every purpose, by id."""
    return tuple(register().purposes.values())


def items() -> tuple[Item, ...]:
    """Return every data item, by id."""
    return tuple(register().items.values())


def recipients() -> tuple[Recipient, ...]:
    """Return every recipient, by id."""
    return tuple(register().recipients.values())


def clients() -> tuple[Client, ...]:
    """Return every third-party service that people may log in to, by id."""
    return tuple(register().clients.values())


def retentions() -> tuple[Retention, ...]:
    """Return every retention rule, by id."""
    return tuple(register().retention.values())


@cache
def items_of(purpose_id: str) -> tuple[Item, ...]:
    """Return the items that are processed for a purpose."""
    purpose(purpose_id)
    return tuple(entry for entry in items() if purpose_id in entry.purposes)


@cache
def rows() -> tuple[RowEntry, ...]:
    """Return the row index that the planner walks."""
    return _read("rows.json", tuple[RowEntry, ...])


@cache
def manifests() -> tuple[Manifest, ...]:
    """Return the manifest of every policy version, oldest first."""
    return _read("policies.json", tuple[Manifest, ...])


@cache
def policy(version: str) -> Policy:
    """Return a policy version with its texts, or raise `UnknownEntry`.

    Keeps: L1.1
    """
    manifest = next((entry for entry in manifests() if entry.version == version), None)
    if manifest is None:
        raise UnknownEntry("policy version", version)
    texts = _read(f"policy-{version}.json", dict[str, PolicyText])
    return Policy(
        version=version,
        manifest=manifest,
        texts={tag: text.markdown for tag, text in texts.items()},
        html={tag: text.html for tag, text in texts.items()},
        sha256=manifest.sha256,
    )


def current_manifest(on: date | None = None) -> Manifest:
    """Return the newest manifest, or the newest one in effect on a day."""
    known = [entry for entry in manifests() if on is None or entry.effective_on <= on]
    if not known:
        raise UnknownEntry("policy version", f"in effect on {on}")
    return known[-1]


def current_policy(on: date | None = None) -> Policy:
    """Return the newest policy, or the newest one in effect on a day."""
    return policy(current_manifest(on).version)


@cache
def _all_notices() -> tuple[Notice, ...]:
    return _read("notices.json", tuple[Notice, ...])


def notices() -> tuple[Notice, ...]:
    """Return the notices that belong to the newest policy version, by id."""
    newest = manifests()[-1].version
    return tuple(entry for entry in _all_notices() if entry.policy == newest)


def notice(notice_id: str, version: int | None = None) -> Notice:
    """Return a just-in-time notice, the newest or a given version of it, or raise `UnknownEntry`.

    Keeps: A3.1
    """
    known = _all_notices() if version else notices()
    for entry in known:
        if entry.id == notice_id and version in {None, entry.version}:
            return entry
    raise UnknownEntry("notice", notice_id)
