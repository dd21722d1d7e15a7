"""Rows of rights, in the `cases` and `evidence` tables."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..foundation.audit.evidence import EvidenceRow
from ..foundation.store import planner
from ..foundation.store.attributes import Instant, Integer, Json, Sealed, Text
from ..foundation.store.declare import (
    EPOCH,
    FIRST_RANK,
    INDEX,
    KEY,
    STATE,
    TIME,
    Ending,
    OnMerge,
    Personal,
    Technical,
)
from ..foundation.store.outbox import shard
from ..foundation.store.row import Row, get
from ..foundation.store.write import Write, delete, update

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


class CopyRow(Row, table="cases", kind="copy_request"):
    """A request for a copy of everything: queued, ready, claimed or expired.

    While it is being made, `making_until` keeps other deliveries of the message away. When the file has gone, the
    record of the request stays for its own years. One that customer service asked for names the case (`case_id`).
    """

    on_merge = OnMerge.DROP

    erase_rank = FIRST_RANK

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    state = Text(Personal("request.record"))
    requested_at = Instant(Personal("request.record"))
    ready_at = Instant(Personal("request.record"), null=True)
    object_key = Text(Technical("random name of the file"), null=True)
    size_bytes = Integer(Technical("size of the file"), null=True)
    making_until = Instant(TIME, null=True)
    case_id = Text(Technical("id of the case in which it was asked for"), null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)

    def objects(self) -> tuple[tuple[str, str], ...]:
        """List the file, if one was made."""
        return (("exports", self.object_key),) if self.object_key else ()


class CancellationRow(Row, table="cases", kind="cancellation"):
    """An account being cancelled: the checkpoint of its erasure, and afterwards its certificate.

    It leads to the person until the last step and to nobody after; so it does not stand in `by_person`. `due_at` is
    when somebody may look at it again: whoever works on it moves it on first, so that nobody else does; once it is
    done, it is when the case itself ends. `plan` holds the lines confirmed, without what their kind says anyway; once
    the erasure has begun, what there was to delete, and what was really cut loose to be kept.
    """

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    erasing_id = Text(Personal("account.person_id"), null=True)
    mobile = Sealed(Personal("notice.destination", ground="cases"), null=True)
    key_ids = Json(Technical("ids of data keys"), null=True)
    step = Text(STATE)
    started_at = Instant(TIME)
    settle_at = Instant(TIME, null=True)
    finished_at = Instant(TIME, null=True)
    plan_hash = Text(Personal("request.plan", Ending.KEEP))
    plan = Json(Personal("request.plan", Ending.KEEP))
    counts = Json(Personal("request.plan", Ending.KEEP))
    found_afterwards = Integer(Personal("request.plan", Ending.KEEP), null=True)
    reference = Text(Personal("evidence.reference", Ending.KEEP))
    statement = Text(Personal("evidence.erasure", Ending.KEEP), null=True)
    signature = Text(Technical("ECDSA over the statement"), null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)


class MergeRow(Row, table="cases", kind="merge"):
    """That another account of this person is coming in, or has come; under the id of the case that ends that account.

    `reference` is the other account's in the evidence: while this row is there, what is on record there is this
    person's too; without it, nobody can tell.
    """

    on_merge = OnMerge.MOVE

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    state = Text(Personal("request.record"))
    requested_at = Instant(Personal("request.record"))
    reference = Text(Personal("evidence.reference"))


class ErasureRow(EvidenceRow, table="evidence", kind="erasure"):
    """The erasure ledger: written before the first destructive call, and when the certificate stands."""

    action = Text(Personal("evidence.erasure", Ending.KEEP))
    subject_id = Text(Personal("evidence.erasure", Ending.KEEP))
    plan_hash = Text(Personal("evidence.erasure", Ending.KEEP))
    statement_hash = Text(Personal("evidence.erasure", Ending.KEEP), null=True)


COPY_SK = "COPY"
CANCELLATION_SK = "CANCELLATION"
MERGE_SK = "MERGE"
MOVING, MOVED = "moving", "moved"
QUEUED, READY, CLAIMED, EXPIRED = "queued", "ready", "claimed", "expired"


def merge_of(request_id: str) -> MergeRow | None:
    """Read a merge."""
    return get(MergeRow, request_id, MERGE_SK)


def merges_of(person_id: str) -> list[MergeRow]:
    """Read the merges that a person's account stayed of, by the index that is behind by moments."""
    rows = [row for row in planner.read(planner.traverse(person_id, [MergeRow])) if isinstance(row, MergeRow)]
    return sorted(rows, key=lambda row: row.requested_at, reverse=True)


def take_copy(row: CopyRow, key: str, until: datetime) -> Write:
    """Begin to make a copy under a name, unless somebody else is at it since it was read."""
    unseen = CopyRow.making_until.does_not_exist()
    free = unseen if row.making_until is None else CopyRow.making_until == row.making_until
    return update(row, [CopyRow.object_key.set(key), CopyRow.making_until.set(until)], (CopyRow.state == QUEUED) & free)


def finish_copy(row: CopyRow, size_bytes: int, *, now: datetime, until: datetime) -> Write:
    """Note that the copy lies ready, by whoever began to make it."""
    actions: list[Action] = [
        CopyRow.state.set(READY),
        CopyRow.ready_at.set(now),
        CopyRow.size_bytes.set(size_bytes),
        CopyRow.making_until.remove(),
        *_due(row.pk, until),
    ]
    return update(row, actions, (CopyRow.state == QUEUED) & (CopyRow.making_until == row.making_until))


def claim_copy(row: CopyRow, file_until: datetime) -> Write:
    """Hand a copy over, once; its file goes soon after."""
    return update(row, [CopyRow.state.set(CLAIMED), *_due(row.pk, file_until)], CopyRow.state == READY)


def drop_file(row: CopyRow, record_until: datetime) -> Write:
    """Note that a copy's file has gone; the record of the request stays until a time."""
    state = CLAIMED if row.state == CLAIMED else EXPIRED
    actions: list[Action] = [
        CopyRow.state.set(state),
        CopyRow.object_key.remove(),
        CopyRow.size_bytes.remove(),
        *_due(row.pk, record_until),
    ]
    return update(row, actions, (CopyRow.state == row.state) & (CopyRow.due_at == row.due_at))


def end_case(row: CopyRow | CancellationRow) -> Write:
    """Delete the record of a request whose years are over."""
    return delete(row, type(row).due_at == row.due_at)


def take_case(row: CancellationRow, until: datetime) -> Write:
    """Begin to work on an erasure, unless somebody else is at it since it was read."""
    unmoved = (CancellationRow.step == row.step) & (CancellationRow.due_at == row.due_at)
    return update(row, [CancellationRow.due_at.set(until)], unmoved)


def checkpoint(row: CancellationRow, **changes: Any) -> Write:  # noqa: ANN401 - values of its attributes
    """Move an erasure on, only from the step it was read at; None removes an attribute."""
    attributes = CancellationRow.get_attributes()
    actions = [
        attributes[name].remove() if value is None else attributes[name].set(value) for name, value in changes.items()
    ]
    return update(row, actions, CancellationRow.step == row.step)


def put_off(row: CancellationRow, until: datetime) -> Write:
    """Let an erasure go that was taken, and have the sweep look at it again at a time."""
    return update(row, [CancellationRow.due_at.set(until)], CancellationRow.due_at == row.due_at)


def _due(key: str, at: datetime) -> "tuple[Action, Action]":
    return CopyRow.due_shard.set(shard(key)), CopyRow.due_at.set(at)
