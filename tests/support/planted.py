"""Rows of any class with a canary in every personal attribute, so that no class need be known by name."""

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.foundation.audit import reading
from chalicelib.foundation.audit.evidence import EvidenceRow, RootRow
from chalicelib.foundation.kernel.clock import rfc3339
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store import attributes as kinds
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.declare import TIME, Personal
from chalicelib.foundation.store.row import Row
from chalicelib.foundation.store.write import commit, put, update

from .people import Someone

OWNER = {"account.person_id", "content.author", "staff.id"}
"""Items that say whose a row is."""


class Planted:
    """A stored row, what of it is its owner's to see, and what is about others."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.canaries: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return self.row.row_kind

    @property
    def shown(self) -> dict[str, str]:
        """Give the canaries that a copy must hold, by attribute."""
        return {name: value for name, value in self.canaries.items() if name not in self._not_shown()}

    @property
    def hidden(self) -> dict[str, str]:
        """Give the canaries that a copy must not hold: those about somebody else, and digests of secrets."""
        return {name: value for name, value in self.canaries.items() if name in self._not_shown()}

    def _not_shown(self) -> set[str]:
        attributes = self.row.get_attributes()
        said = dict(planner.personal(type(self.row)))
        others = {name for name, says in said.items() if says.whose == "other"} | self.row.others()
        secret = {name for name, says in said.items() if lookup.item(says.item).category == "credential"}
        return others | {name for name in secret if not attributes[name].is_hash_key}


def owned_classes() -> list[type[Row]]:
    """List every row class that belongs to a person."""
    return planner.ranked()


def evidence_classes() -> list[type[EvidenceRow]]:
    """List every row class of the evidence that is about people."""
    return [row for row in reading.kinds().values() if issubclass(row, EvidenceRow) and row is not RootRow]


def plant(who: Someone, row: type[Row]) -> Planted:
    """Store a row of a class for a person; the standing that is there gets its canaries in place."""
    return _standing(who) if row is StandingRow else _stored(_owned(who, row))


def plant_evidence(who: Someone, row: type[EvidenceRow]) -> Planted:
    """Store an entry about a person."""
    values: dict[str, Any] = {}
    canaries: dict[str, str] = {}
    base = EvidenceRow.get_attributes()
    for name, attribute in row.get_attributes().items():
        if name not in base:
            values[name], canaries[name] = _value(attribute, who.keys)
    made = Planted(row.entry(who.call(), who.ref, **values))
    made.canaries = {**canaries, "pk": who.ref, "at": rfc3339(made.row.at)}
    return _stored(made)


def plant_everything(who: Someone) -> list[Planted]:
    """Store one row of every class that can be about a person."""
    rows = [plant(who, row) for row in owned_classes()]
    return rows + [plant_evidence(who, row) for row in evidence_classes()]


def bare(who: Someone, row: type[Row]) -> Row:
    """Make a row of a class that is that person's, not stored."""
    return _owned(who, row).row


def _owned(who: Someone, row: type[Row]) -> Planted:
    made = Planted(row())
    for name, attribute in row.get_attributes().items():
        says = attribute.says
        if name == "person_id" or (isinstance(says, Personal) and says.item in OWNER):
            setattr(made.row, name, who.person_id)
            made.canaries[name] = who.person_id
        elif name == "epoch":
            made.row.epoch = 1
        elif isinstance(says, Personal) or says is TIME:
            value, made.canaries[name] = _value(attribute, who.keys)
            setattr(made.row, name, value)
        elif name != "kind" and not attribute.null:
            setattr(made.row, name, _filler(attribute, name))
    return made


def _standing(who: Someone) -> Planted:
    made = Planted(who.standing())
    made.canaries = {"person_id": who.person_id, "policy_version": word(), "consents": word()}
    purpose, version = made.canaries["consents"], made.canaries["policy_version"]
    commit([update(made.row, [StandingRow.policy_version.set(version), StandingRow.consents.set({purpose})])])
    return made


def _stored(made: Planted) -> Planted:
    commit([put(made.row)])
    return made


def word() -> str:
    """Make a word that appears nowhere else."""
    return f"鸟{secrets.token_hex(8)}"


def _value(attribute: Any, keys: dict[str, str]) -> tuple[Any, str]:
    """Make a value of an attribute's type, and what it looks like in a copy."""
    if isinstance(attribute, kinds.Sealed):
        canary = word()
        return attribute.seal(keys, canary), canary
    return _VALUES[type(attribute)]()


def _text() -> tuple[Any, str]:
    canary = word()
    return canary, canary


def _texts() -> tuple[Any, str]:
    canary = word()
    return {canary}, canary


def _json() -> tuple[Any, str]:
    canary = word()
    return [[canary]], canary


def _bytes() -> tuple[Any, str]:
    raw = secrets.token_bytes(12)
    return raw, base64.b64encode(raw).decode()


def _integer() -> tuple[Any, str]:
    number = secrets.randbelow(10**15) + 10**15
    return number, str(number)


def _instant() -> tuple[Any, str]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**8))
    return at, rfc3339(at)


_VALUES: dict[type[Any], Callable[[], tuple[Any, str]]] = {
    kinds.Text: _text,
    kinds.Texts: _texts,
    kinds.Json: _json,
    kinds.Bytes: _bytes,
    kinds.Flag: lambda: (True, "true"),
    kinds.Integer: _integer,
    kinds.Instant: _instant,
    kinds.Expiry: _instant,
}
_FILLERS: dict[type[Any], Any] = {
    kinds.Text: "x",
    kinds.Texts: {"x"},
    kinds.Json: {},
    kinds.Bytes: b"x",
    kinds.Flag: False,
    kinds.Integer: 1,
    kinds.Instant: datetime(2030, 1, 1, tzinfo=UTC),
    kinds.Expiry: datetime(2030, 1, 1, tzinfo=UTC),
}


def _filler(attribute: Any, name: str) -> Any:
    """Make a value for what says nothing about anybody."""
    return f"PLANTED-{secrets.token_hex(8)}" if name in {"pk", "sk"} else _FILLERS[type(attribute)]


def stored_now(who: Someone, row: type[Row], **changes: Any) -> Planted:
    """Store a row of a class with some attributes as given; those have no canaries."""
    made = _owned(who, row)
    for name, value in changes.items():
        setattr(made.row, name, value)
        made.canaries.pop(name, None)
    return _stored(made)
