"""One effect per `Idempotency-Key`: a record inside the business transaction, no stored answer.

The record holds which resource came of it and a keyed fingerprint of the request. A repeat is authorised and
rendered anew from that resource; another body under the same key is refused.
"""

import hashlib
import hmac
import re
from datetime import timedelta

import msgspec

from ..kernel.call import Call
from ..kernel.errors import Failure, FieldError, Kind
from ..kernel.ids import derived_id
from ..store.attributes import Expiry, Integer, Text
from ..store.declare import EPOCH, EXPIRY, KEY, OnMerge, Personal, Technical
from ..store.row import Row, get
from ..store.write import Write, put_new
from ..vault.wrapping import secret

KEPT = timedelta(days=1)
CLIENT_KEY = "[!-~]{8,255}"
_CLIENT_KEY = re.compile(CLIENT_KEY)
_DOWN = frozenset({Kind.PROVIDER, Kind.UNAVAILABLE})
_SK = "IDEMPOTENCY"


class IdempotencyRow(Row, table="ephemeral", kind="idempotency"):
    """That this key was used by this person on this route, and what came of it."""

    on_merge = OnMerge.DROP

    pk = Text(Technical("keyed hash of person, route and key"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    resource_id = Text(Technical("id of what was made"))
    fingerprint = Text(Technical("keyed hash of the request"))
    expires_at = Expiry(EXPIRY)


class Replayed(Failure):
    """The key was used before; the edge renders what came of it."""

    code = "idempotency.replayed"
    kind = Kind.CONFLICT
    title_zh = "该请求已处理"
    title_en = "This request was already carried out"

    def __init__(self, resource_id: str = "") -> None:
        """Take the resource, where the committer knows it (ids that money hangs on)."""
        super().__init__()
        self.resource_id = resource_id


class KeyMissing(Failure):
    """This route needs an `Idempotency-Key`."""

    code = "idempotency.key_missing"
    kind = Kind.INVALID
    title_zh = "缺少幂等键"
    title_en = "An Idempotency-Key is required"


class KeyReused(Failure):
    """The key was used with another body."""

    code = "idempotency.key_reused"
    kind = Kind.UNPROCESSABLE
    title_zh = "幂等键已用于其他请求"
    title_en = "This Idempotency-Key was used for another request"


def claim(call: Call, resource_id: str) -> Write:
    """Claim the caller's key for a resource, inside the transaction that makes it."""
    row = IdempotencyRow(
        pk=_name(call),
        sk=_SK,
        person_id=call.person.person_id if call.person else None,
        epoch=call.person.epoch if call.person else None,
        resource_id=resource_id,
        fingerprint=call.fingerprint,
        expires_at=call.now + KEPT,
    )
    return put_new(row, Replayed(resource_id=""))


def resource_id(call: Call, prefix: str) -> str:
    """Give the id that this person, route and key always give, for resources that money hangs on."""
    who = call.person.person_id if call.person else call.address_hash
    return derived_id(prefix, secret("idempotency"), who, call.route, call.idempotency_key)


def made_before(call: Call, failure: Failure) -> str:
    """Find what an earlier request under this key made, or nothing.

    What stands against a repeat may be its own doing: the last item went into the order that it placed. Only
    where something is down is there nothing to learn from that.

    Raises:
        KeyReused: that request had another body.
    """
    if failure.kind in _DOWN:
        return ""
    return earlier(call) or (failure.resource_id if isinstance(failure, Replayed) else "")


def earlier(call: Call) -> str:
    """Look whether this key was used before; gives what came of it, or nothing.

    Raises:
        KeyReused: it was used with another body.
    """
    row = get(IdempotencyRow, _name(call), _SK)
    if row is not None and row.fingerprint != call.fingerprint:
        raise KeyReused
    return "" if row is None else row.resource_id


def fingerprint(*parts: object) -> str:
    """Fingerprint a decoded request under a key of ours."""
    return hmac.digest(secret("fingerprint"), msgspec.json.encode(parts), hashlib.sha256)[:16].hex()


def check_key(key: str) -> str:
    """Accept a client's key of 8 to 255 visible ASCII characters.

    Raises:
        KeyMissing: absent, too short, too long or of other characters.
    """
    if not key:
        raise KeyMissing((FieldError("/headers/Idempotency-Key", "required"),))
    if not _CLIENT_KEY.fullmatch(key):
        raise KeyMissing((FieldError("/headers/Idempotency-Key", "pattern"),))
    return key


def _name(call: Call) -> str:
    return resource_id(call, "idem")
