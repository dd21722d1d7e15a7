"""Verify an erasure certificate offline.

    python docs/verify_certificate.py certificate.json [key]

`certificate.json` is the answer of `POST /v1/cancellation/certificates`. `key` is the operator's public key, got by
another way than the certificate: the answer of `GET /v1/evidence-key`, or a PEM file. Without it only the text can be
checked, not who signed it: whoever writes a statement can sign it and put their own key beside it.

Exits with 0 when the operator's key signed this, 1 when it is not valid, 2 when its origin is unproven.
Needs only the `cryptography` package.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

VALID, NOT_VALID, ORIGIN_UNPROVEN = 0, 1, 2


def main(certificate_path: str, key_path: str = "") -> int:
    """Check signature, key and content; say what it states."""
    certificate = json.loads(Path(certificate_path).read_text())
    key = _key(key_path) if key_path else load_der_public_key(base64.b64decode(certificate["public_key"]))
    statement = certificate["statement"].encode()
    if not isinstance(key, EllipticCurvePublicKey):
        print("NOT VALID: not an elliptic-curve key")
        return NOT_VALID
    try:
        key.verify(base64.b64decode(certificate["signature"]), statement, ECDSA(SHA256()))
    except InvalidSignature:
        print("NOT VALID: the statement was altered, or signed with another key than this")
        return NOT_VALID
    said = json.loads(statement)
    fingerprint = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    if said["key"] != fingerprint:
        print(f"NOT VALID: it names the key {said['key']}, and was signed with {fingerprint}")
        return NOT_VALID
    _tell(said, fingerprint)
    if not key_path:
        print("ORIGIN UNPROVEN: checked with the key that came along; get the operator's own and name it")
        return ORIGIN_UNPROVEN
    print("valid: signed with the key that was named")
    return VALID


def _key(path: str) -> object:
    """Read a public key: the answer of the API, or PEM."""
    content = Path(path).read_bytes()
    if content.lstrip().startswith(b"{"):
        return load_der_public_key(base64.b64decode(json.loads(content)["public_key"]))
    return load_pem_public_key(content)


def _tell(said: dict[str, Any], fingerprint: str) -> None:
    print(f"erasure {said['request']}, begun {said['begun_at']}, finished {said['finished_at']}, key {fingerprint}")
    for name, count in said["done"].items():
        print(f"  {name}: {count}")
    for kept in said["kept"]:
        count = "uncounted" if kept["count"] is None else kept["count"]
        print(f"  kept until {kept['until']}: {count} x {kept['record']}, {kept['ground']}")
    print(f"  keys: {said['keys']}; found afterwards: {said['found_afterwards']}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
