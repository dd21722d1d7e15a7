"""The base of every evidence row: written once, digested, found by day for sealing."""

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar

from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from ..kernel import clock
from ..kernel.call import Call
from ..kernel.ids import new_id
from ..store.attributes import Instant, Text
from ..store.declare import INDEX, KEY, TIME, Ending, Personal, Technical
from ..store.row import Row
from ..store.write import Write, put_new

SHARDS = 4


class ByDay(GlobalSecondaryIndex[Any]):
    """Every entry of a day with its digest, for the sealer."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "by_day"
        projection = IncludeProjection(["digest"])

    day_shard = Text(INDEX, hash_key=True)
    sk = Text(KEY, range_key=True)


class EvidenceRow(Row):
    """One entry. `pk` is the person's salted reference (or a topic such as `ROOT`), `sk` is `KIND#time#id`.

    It does not say which request caused it: the log would then say whose pseudonym there this reference is.
    """

    pk = Text(Personal("evidence.reference", Ending.KEEP), hash_key=True)
    sk = Text(KEY, range_key=True)
    at = Instant(TIME)
    day_shard = Text(INDEX)
    digest = Text(Technical("SHA-256 over the other attributes"))

    by_day = ByDay()

    hidden: ClassVar[frozenset[str]] = frozenset({"digest", "day_shard"})

    @classmethod
    def entry(cls, call: Call, reference: str, **values: Any) -> "EvidenceRow":  # noqa: ANN401
        """Make an entry of this kind about a reference, dated and digested."""
        entry_id = new_id("evi")
        row = cls(
            pk=reference,
            sk=f"{cls.row_kind.upper()}#{clock.rfc3339(call.now)}#{entry_id}",
            at=call.now,
            day_shard=day_shard(call.now, entry_id),
            digest="",
            **values,
        )
        row.digest = digest(row)
        return row


class AuditRow(EvidenceRow, table="evidence", kind="audit"):
    """Who did what to whom, by reference and code: `source:subject:action`."""

    action = Text(Personal("evidence.entry", Ending.KEEP))
    actor = Text(Personal("evidence.entry", Ending.KEEP))
    purpose = Text(Personal("evidence.entry", Ending.KEEP), null=True)
    subject_id = Text(Personal("evidence.entry", Ending.KEEP), null=True)


class RootRow(EvidenceRow, table="evidence", kind="root"):
    """The signed root of one day."""

    day = Text(Technical("day that is sealed"))
    root = Text(Technical("SHA-256 over the day's digests in order"))
    before = Text(Technical("root of the day sealed before"))
    entries = Text(Technical("entries under this root"))
    signature = Text(Technical("ECDSA P-256 over root, day, count and the root before, base64"))


def day_shard(at: datetime, entry_id: str) -> str:
    """Place an entry in one of the day's shards."""
    return f"{at.date().isoformat()}#{sum(entry_id.encode()) % SHARDS}"


def digest(row: EvidenceRow) -> str:
    """Digest every attribute but the digest itself and the index place."""
    plain = {k: v for k, v in row.to_simple_dict().items() if k not in row.hidden and v is not None}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str, separators=(",", ":")).encode()).hexdigest()


def append(row: EvidenceRow) -> Write:
    """Write an entry; nothing may ever change or remove it."""
    return put_new(row)


def record(call: Call, action: str, *, reference: str = "", subject_id: str = "", actor: str = "self") -> Write:
    """Write an audit entry.

    Args:
        call: the request or message that does it.
        action: `source:subject:action`, such as `person:order:placed`.
        reference: whose evidence it is; the caller's own unless named.
        subject_id: id of the thing it is about (order, post, request), never of a person.
        actor: `self` (or whoever acts for the caller), `staff:<role>`, `system`, `guardian` or `provider:<name>`.
    """
    row = AuditRow.entry(
        call,
        reference or call.who.ref,
        action=action,
        actor=(call.acting or actor) if actor == "self" else actor,
        purpose=call.purpose or None,
        subject_id=subject_id or None,
    )
    return append(row)
