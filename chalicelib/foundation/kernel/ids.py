"""Prefixed, unguessable ids, and ids derived from a key where a repeat must give the same one."""

import hashlib
import hmac
import re
import secrets

_SHAPE = re.compile(r"[a-z]{2,4}_[a-z2-7]{26}")
_LETTERS = 26
_LETTER = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in range(256))
"""Five bits of each byte as a letter: a request makes many ids, and `base64` writes base 32 in Python."""


def new_id(prefix: str) -> str:
    """Make a random id of 130 bits, such as `ord_…`."""
    return f"{prefix}_{letters(secrets.token_bytes(_LETTERS))}"


def derived_id(prefix: str, key: bytes, *parts: str) -> str:
    """Make the id that these parts always give under this key (130 bits of HMAC-SHA256)."""
    digest = hmac.digest(key, "\0".join((prefix, *parts)).encode(), hashlib.sha256)
    return f"{prefix}_{letters(digest[:_LETTERS])}"


def is_id(prefix: str, text: str) -> bool:
    """Say whether a text from outside has the shape of such an id."""
    return text.startswith(prefix + "_") and _SHAPE.fullmatch(text) is not None


def letters(raw: bytes) -> str:
    """Spell random bytes or a digest: one letter, and so five bits, of each byte."""
    return raw.translate(_LETTER).decode("ascii")
