"""Blind indexes: look a value up without storing it."""

import hashlib
import hmac

from ..kernel.ids import letters
from .wrapping import secret


def blind(use: str, value: str) -> str:
    """Give the keyed hash (HMAC-SHA256, 160 bits) under which a value of this use is found again."""
    return letters(hmac.digest(secret(f"blind:{use}"), value.encode(), hashlib.sha256))
