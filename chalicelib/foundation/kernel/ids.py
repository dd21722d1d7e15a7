"""Prefixed, unguessable ids, and ids derived from a key where a repeat must give the same one."""

import base64
import hashlib
import hmac
import re
import secrets

_SHAPE = re.compile(r"[a-z]{2,4}_[a-z2-7]{26}")


def new_id(prefix: str) -> str:
    """Make a random id of 128 bits, such as `ord_…`."""
    return _name(prefix, secrets.token_bytes(16))


def derived_id(prefix: str, key: bytes, *parts: str) -> str:
    """Make the id that these parts always give under this key (128 bits of HMAC-SHA256)."""
    return _name(prefix, hmac.digest(key, b"\0".join(p.encode() for p in (prefix, *parts)), hashlib.sha256)[:16])


def is_id(prefix: str, text: str) -> bool:
    """Say whether a text from outside has the shape of such an id."""
    return text.startswith(prefix + "_") and _SHAPE.fullmatch(text) is not None


def _name(prefix: str, raw: bytes) -> str:
    return f"{prefix}_{base64.b32encode(raw).decode().rstrip('=').lower()}"
