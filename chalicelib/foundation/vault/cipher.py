"""AES-256-GCM with a random nonce, and keys derived by HKDF-SHA256.

`cryptography` is imported where a value is sealed or opened: a cold start that does neither goes without it.
"""

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32
LEAST_BYTES = NONCE_BYTES + 16
"""Nonce and tag: what even an empty text comes to."""


def new_key() -> bytes:
    """Make a 256-bit key."""
    return secrets.token_bytes(KEY_BYTES)


class Prepared(bytes):
    """A key that opens many values, with its cipher made once: that takes longer than to open a value."""

    cipher: "AESGCM"


def prepared(key: bytes) -> Prepared:
    """Prepare a key for many values."""
    made = Prepared(key)
    made.cipher = _aead(key)
    return made


def encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Encrypt, binding the text to what it is; gives nonce and ciphertext."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _aead(key).encrypt(nonce, plain, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Decrypt what `encrypt` gave.

    Raises:
        cryptography.exceptions.InvalidTag: another key, another binding, or an altered byte.
    """
    return _aead(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)


def derive(root: bytes, use: str) -> bytes:
    """Derive the key of one use from a root secret (RFC 5869 without salt; one block is all it takes)."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), root, hashlib.sha256)
    return hmac.digest(extracted, use.encode() + b"\x01", hashlib.sha256)


def _aead(key: bytes) -> "AESGCM":
    if isinstance(key, Prepared):
        return key.cipher
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
