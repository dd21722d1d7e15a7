"""Verify an erasure certificate offline.

    python docs/verify_certificate.py certificate.json [public_key.pem]

`certificate.json` is the answer of `POST /v1/cancellation/certificates`. With a key file, the key must be that one:
get it from the operator by another way than the certificate itself. Needs only the `cryptography` package.
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key


def main(certificate_path: str, key_path: str = "") -> int:
    """Check signature and content; say what it states."""
    certificate = json.loads(Path(certificate_path).read_text())
    key = load_der_public_key(base64.b64decode(certificate["public_key"]))
    if key_path and load_pem_public_key(Path(key_path).read_bytes()) != key:
        print("NOT VALID: signed with another key than the one given")
        return 1
    if not isinstance(key, EllipticCurvePublicKey):
        print("NOT VALID: not an elliptic-curve key")
        return 1
    statement = certificate["statement"].encode()
    try:
        key.verify(base64.b64decode(certificate["signature"]), statement, ECDSA(SHA256()))
    except InvalidSignature:
        print("NOT VALID: the statement was altered")
        return 1
    said = json.loads(statement)
    print(f"valid: erasure {said['request']}, begun {said['begun_at']}, finished {said['finished_at']}")
    for name, count in said["done"].items():
        print(f"  {name}: {count}")
    for kept in said["kept"]:
        print(f"  kept until {kept['until']}: {kept['count']} x {kept['record']}, {kept['ground']}")
    print(f"  keys: {said['keys']}; found afterwards: {said['found_afterwards']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
