"""Searching the raw content of the local cloud for what must not be there, and trying a saved data key on the rest."""

import base64
import json
from datetime import UTC, datetime
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
    """A declared retention: where a trace may still lie after an erasure, of what, and under which rule it ends."""

    place: str
    trace: str
    retention: str


RETAINED = (Named("ephemeral/codes_sent/pk", "blind index", "rate.window"),)
"""Nothing else is tolerated: how often codes went to a number is counted for a day, whoever holds it."""


def search(world: World, canaries: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Search for canaries in every form they may take.

    Returns:
        What must not be there (place and name of each hit, never the value), and what is a named retention.
    """
    forms = {name: _forms(canary) for name, canary in canaries.items()}
    found: set[str] = set()
    kept: set[str] = set()
    for piece in pieces(world):
        for name, several in forms.items():
            if any(form in piece.text for form in several):
                rule = _retention(piece, name)
                (kept if rule else found).add(f"{piece.place}: {name}{rule}")
    return sorted(found), sorted(kept)


def hits(world: World, canaries: dict[str, bytes]) -> list[str]:
    """Search for canaries where not even a named retention is tolerated."""
    found, kept = search(world, canaries)
    return found + kept


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
    found = {
        item["pk"]["S"].split("#", 1)[1]
        for item in items(world, table(world, "people"))
        if item.get("person_id", {}).get("S") == person_id and item["pk"]["S"] != person_id
    }
    return sorted(found)


def opened_by(world: World, key_id: str, key: bytes) -> list[str]:
    """Try a data key on every surviving binary attribute; gives the places it opens."""
    return [
        f"{name}.{attribute}"
        for name in table_names(world)
        for item in items(world, name)
        for attribute, value in item.items()
        if "B" in value and _opens(bytes(value["B"]), key_id, key)
    ]


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
            end = end_of(lookup.retention(named.retention).period, datetime.now(UTC))
            ends_in_time = int(piece.item.get("expires_at", {"N": 2**63})["N"]) <= end.timestamp()
            return f" ({named.retention}: {lookup.retention(named.retention).title_en})" if ends_in_time else ""
    return ""


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
