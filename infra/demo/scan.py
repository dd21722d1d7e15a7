"""Searching the raw content of the local cloud for what must not be there, and trying a saved data key on the rest."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of

from .raw import Piece, items, pieces, table, table_names
from .world import World, check

NONCE = 12


class Named(msgspec.Struct, frozen=True):
    """A declared retention: where a trace may still lie after an erasure, of what, and under which rule it ends.

    It ends when the row expires, or where rows do not, so long after the entry was written.
    """

    place: str
    trace: str
    retention: str


RETAINED = (
    Named("ephemeral/codes_sent/pk", "blind index", "rate.window"),
    Named("evidence/audit/subject_id", "session id", "evidence.life"),
)
"""Nothing else is tolerated: how often codes went to a number is counted for a day, whoever holds it; and the evidence
names the log-in it is about, by a random id that leads nowhere once the session has gone."""


class Hit(NamedTuple):
    """A trace that was found: where, of what, and under which named retention, if one covers it."""

    place: str
    trace: str
    rule: str

    def __str__(self) -> str:
        """Tell it, never with the value."""
        return f"{self.place}: {self.trace}{self.rule}"


def found(world: World, canaries: dict[str, bytes]) -> set[Hit]:
    """Find canaries in every form they may take, in every raw byte there is."""
    forms = {name: _forms(canary) for name, canary in canaries.items()}
    return {
        Hit(piece.place, name, _retention(piece, name))
        for piece in pieces(world)
        for name, several in forms.items()
        if any(form in piece.text for form in several)
    }


def search(world: World, canaries: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Search for canaries; gives what must not be there, and what is a named retention."""
    hits_of = found(world, canaries)
    return sorted(str(hit) for hit in hits_of if not hit.rule), sorted(str(hit) for hit in hits_of if hit.rule)


def hits(world: World, canaries: dict[str, bytes]) -> list[str]:
    """Search for canaries where not even a named retention is tolerated."""
    return sorted(str(hit) for hit in found(world, canaries))


def main_key(world: World, token: str) -> tuple[str, bytes]:
    """Take a person's main data key out of the raw cloud, as somebody with every privilege could today."""
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    dynamodb, keys = world.aws("dynamodb"), table(world, "keys")
    stored = dynamodb.get_item(TableName=keys, Key={"pk": {"S": claims["kid"]}, "sk": {"S": "KEY"}})["Item"]
    wrapping_id = stored["wrapping_id"]["S"]
    blob = dynamodb.get_item(TableName=keys, Key={"pk": {"S": wrapping_id}, "sk": {"S": "WRAP"}})["Item"]["blob"]["B"]
    context = {"app": "jule", "stage": world.stage, "use": "wrapping"}
    wrapping = world.aws("kms").decrypt(CiphertextBlob=bytes(blob), EncryptionContext=context)["Plaintext"]
    wrapped = bytes(stored["wrapped"]["B"])
    return claims["kid"], AESGCM(wrapping).decrypt(wrapped[:NONCE], wrapped[NONCE:], claims["kid"].encode())


def blind_indexes(world: World, person_id: str) -> list[str]:
    """List the blind indexes under which a person is found by number or name."""
    indexes = {
        item["pk"]["S"].split("#", 1)[1]
        for item in items(world, table(world, "people"))
        if item.get("person_id", {}).get("S") == person_id and item["pk"]["S"] != person_id
    }
    return sorted(indexes)


def opened_by(world: World, key_id: str, key: bytes) -> set[str]:
    """Try a data key on every binary attribute there is; gives the places it opens."""
    return {
        f"{name.rsplit('-', 1)[-1]}.{attribute}"
        for name in table_names(world)
        for item in items(world, name)
        for attribute, value in item.items()
        if "B" in value and _opens(bytes(value["B"]), key_id, key)
    }


def check_kept_record(world: World, order_id: str) -> list[str]:
    """Insist that what is left of an order is exactly what is declared as kept, each with a rule that has a ground.

    Returns:
        One line for each attribute that stays.
    """
    told = []
    for row in [row for row in lookup.rows() if row.table == "trade"]:
        for item in items(world, table(world, "trade")):
            if item["pk"]["S"] != order_id or item.get("kind") != {"S": row.kind}:
                continue  # another record, or its place in an index that holds keys only
            declared = {a.stored_as: a for a in row.attributes}
            gone = [name for name in item if declared[name].item and declared[name].ending != "keep"]
            check(not gone, f"{row.kind} keeps more than it declares: {gone}")
            rules = {lookup.item(declared[name].item).retention for name in item if declared[name].item}
            check(all(lookup.retention(rule).ground for rule in rules), "a retention without a ground")
            told += [
                f"{row.kind}.{name} ({lookup.item(declared[name].item).retention})"
                for name in sorted(item)
                if declared[name].item
            ]
    check(told, "nothing is left of an order that must be kept")
    return sorted(set(told))


def _forms(canary: bytes) -> set[bytes]:
    """Write a value in the ways in which it could be hidden in other text."""
    text = canary.decode()
    shifted = {base64.b64encode(b"\0" * n + canary)[4 if n else 0 :].rstrip(b"=")[:-1] for n in range(3)}
    return {canary, json.dumps(text)[1:-1].encode(), quote(text).encode(), canary.hex().encode(), *shifted}


def _retention(piece: Piece, name: str) -> str:
    """Name the retention that a trace falls under; nothing where there is none, or it does not end as it says."""
    for named in RETAINED:
        if piece.place == named.place and name.startswith(named.trace):
            rule = lookup.retention(named.retention)
            return f" ({named.retention}: {rule.title_en})" if _ends(piece.item, rule.period) else ""
    return ""


def _ends(item: dict[str, Any], period: str) -> bool:
    """Say whether a record ends within a period from now, or, where it does not expire, from when it was written."""
    now = datetime.now(UTC)
    if "expires_at" in item:
        return int(item["expires_at"]["N"]) <= end_of(period, now).timestamp()
    return "at" in item and end_of(period, datetime.fromisoformat(item["at"]["S"])) > now


def _opens(raw: bytes, key_id: str, key: bytes) -> bool:
    if len(raw) < NONCE + 2:
        return False
    start = 2 + raw[1]
    for item in lookup.items():
        try:
            AESGCM(key).decrypt(raw[start : start + NONCE], raw[start + NONCE :], f"{key_id}\0{item.id}".encode())
        except (InvalidTag, ValueError):
            continue
        return True
    return False
