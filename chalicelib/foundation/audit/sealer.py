"""Sealing: once a day's entries are all in, one signed root stands for them."""

import base64
import hashlib
from datetime import date, timedelta

from ..kernel.call import Call
from ..kernel.config import config
from ..store.row import get
from ..store.write import ConditionFailed, commit
from ..vault.clients import client
from .evidence import SHARDS, AuditRow, RootRow, append
from .evidence import digest as digest_of

_NONE = "0" * 64
_public_keys: dict[str, bytes] = {}


def entries(day: date) -> list[tuple[str, str]]:
    """List a day's entries as (sort key, digest), in sealing order."""
    found = [
        (row.sk, row.digest)
        for number in range(SHARDS)
        for row in AuditRow.by_day.query(f"{day:%Y-%m-%d}#{number}", page_size=1000)
    ]
    return sorted(one for one in found if not one[0].startswith("ROOT#"))


def root_of(digests: list[str]) -> str:
    """Chain digests: each link is SHA-256 over the link before and the next digest."""
    link = _NONE
    for digest in digests:
        link = hashlib.sha256(f"{link}{digest}".encode()).hexdigest()
    return link


def seal_day(call: Call, day: date) -> int:
    """Write the signed root of a day that is over; gives the number of entries. A second run changes nothing.

    Keeps: J11.1
    """
    if stored_root(day) is not None:
        return 0
    digests = [digest for _, digest in entries(day)]
    earlier = stored_root(day - timedelta(days=1))
    before = earlier.root if earlier is not None else _NONE
    root = root_of(digests)
    statement = f"{day.isoformat()}|{len(digests)}|{before}|{root}"
    row = RootRow.entry(
        call,
        "ROOT",
        day=day.isoformat(),
        root=root,
        before=before,
        entries=str(len(digests)),
        signature=sign(statement.encode()),
    )
    row.sk = f"ROOT#{day.isoformat()}"
    row.digest = digest_of(row)
    try:
        commit([append(row)])
    except ConditionFailed:
        return 0
    return len(digests)


def stored_root(day: date) -> RootRow | None:
    """Read the root of a day, if it was sealed."""
    return get(RootRow, "ROOT", f"ROOT#{day.isoformat()}")


def last_sealed() -> date | None:
    """Give the last day that was sealed, if any was."""
    roots = RootRow.sk.startswith("ROOT#")
    newest = RootRow.query("ROOT", roots, scan_index_forward=False, limit=1, consistent_read=True)
    return next((date.fromisoformat(row.day) for row in newest), None)


def sign(statement: bytes) -> str:
    """Sign with the house's evidence key (KMS, ECDSA P-256 over SHA-256); base64 of the DER signature."""
    answer = client("kms").sign(
        KeyId=config().key_arn("sign"),
        Message=hashlib.sha256(statement).digest(),
        MessageType="DIGEST",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    return base64.b64encode(answer["Signature"]).decode()


def public_key() -> bytes:
    """Give the public half of the evidence key (DER), for whoever verifies offline.

    It is asked for once in the life of a process: an asymmetric key never changes under its name.
    """
    arn = config().key_arn("sign")
    if arn not in _public_keys:
        _public_keys[arn] = client("kms").get_public_key(KeyId=arn)["PublicKey"]
    return _public_keys[arn]


def key_id() -> str:
    """Name the evidence key by its fingerprint: SHA-256 over the DER of its public half, hex.

    Keeps: J11.3
    """
    return hashlib.sha256(public_key()).hexdigest()
