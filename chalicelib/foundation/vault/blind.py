"""Blind indexes: look a value up without storing it."""

import base64
import hashlib
import hmac

from .wrapping import secret


def blind(use: str, value: str) -> str:
    """Give the keyed hash (HMAC-SHA256, 160 bits) under which a value of this use is found again."""
    digest = hmac.digest(secret(f"blind:{use}"), value.encode(), hashlib.sha256)
    return base64.b32encode(digest[:20]).decode().lower()
