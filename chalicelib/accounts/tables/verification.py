"""Verified identities, how many accounts each has, and face checks under way, with every query and condition."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from ...foundation.kernel.errors import Busy
from ...foundation.store.attributes import Expiry, Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, EXPIRY, GUARD_RANK, INDEX, KEY, STATE, TIME, OnMerge, Personal, Technical
from ...foundation.store.outbox import shard
from ...foundation.store.row import Row, query, rows_by_key
from ...foundation.store.write import Write, delete, put, put_new, update

VERIFICATION = "VERIFICATION"
FACE_CHECK = "FACE_CHECK"
_SLOT = "SLOT"


class VerificationRow(Row, table="people", kind="verification"):
    """That the authority knows this person. Once withdrawn, who that is has gone and only the record is left."""

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    version = Integer(STATE)
    name = Sealed(Personal("verification.name"), null=True)
    number = Sealed(Personal("verification.number"), null=True)
    identity_index = Text(Personal("verification.index"), null=True)
    slot = Integer(Technical("which of the identity's places this account has"), null=True)
    method = Text(Personal("verification.result"))
    verified_at = Instant(Personal("verification.result"))
    reference = Text(Personal("verification.result"))
    withdrawn_at = Instant(TIME, null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)


class IdentitySlotRow(Row, table="people", kind="identity_slot"):
    """One of the few places that an identity has for accounts; its key is unique."""

    on_merge = OnMerge.DROP

    erase_rank = GUARD_RANK

    pk = Text(Personal("verification.index"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)


class FaceCheckRow(Row, table="ephemeral", kind="face_check"):
    """A face check that was begun and has no outcome yet."""

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    check_id = Text(Technical("random id of this check"))
    token = Sealed(Personal("verification.face_token"))
    name = Sealed(Personal("verification.name"))
    number = Sealed(Personal("verification.number"))
    begun_at = Instant(TIME)
    expires_at = Expiry(EXPIRY)


def own_verification(person_id: str) -> tuple[type[VerificationRow], str, str]:
    """Give the key of a person's verification."""
    return VerificationRow, person_id, VERIFICATION


def own_face_check(person_id: str) -> tuple[type[FaceCheckRow], str, str]:
    """Give the key of a person's face check."""
    return FaceCheckRow, person_id, FACE_CHECK


def both_of(person_id: str) -> tuple[VerificationRow | None, FaceCheckRow | None]:
    """Read a person's verification and face check in one call."""
    found = rows_by_key([own_verification(person_id), own_face_check(person_id)])
    return cast("VerificationRow | None", found[0]), cast("FaceCheckRow | None", found[1])


def slot_for(index: str, person_id: str, most: int) -> int | None:
    """Find the place that a person has under an identity, or a free one; None when it has all it may have."""
    rows, _ = query(IdentitySlotRow, _slots(index), strong=True)
    taken = {int(row.sk.partition("#")[2]): row.person_id for row in rows}
    mine = [number for number, owner in taken.items() if owner == person_id]
    free = [number for number in range(most) if number not in taken] if len(taken) < most else []
    return next(iter([*mine, *free]), None)


def take_slot(index: str, number: int, *, person_id: str, epoch: int) -> Write:
    """Take a place, or keep it; of two people at once, one gets it."""
    row = IdentitySlotRow(pk=_slots(index), sk=f"{_SLOT}#{number}", person_id=person_id, epoch=epoch)
    free = IdentitySlotRow.kind.does_not_exist() | (IdentitySlotRow.person_id == person_id)
    return put(row, free, Busy(retry_after_s=1))


def keep_verification(row: VerificationRow, seen: VerificationRow | None) -> Write:
    """Keep an outcome, only in place of what was read."""
    if seen is None:
        return put_new(row, Busy(retry_after_s=1))
    return put(row, VerificationRow.version == seen.version, Busy(retry_after_s=1))


def keep_face_check(row: FaceCheckRow) -> Write:
    """Keep a face check that was just begun; an earlier one is given up."""
    return put(row)


def end_face_check(row: FaceCheckRow) -> Write:
    """End a face check that has its outcome; one that was begun since stays."""
    return delete(row, FaceCheckRow.check_id == row.check_id, Busy(retry_after_s=1))


def drop_face_check(row: FaceCheckRow) -> Write:
    """Remove a face check whose consent is gone, if it still is the same."""
    return delete(row, FaceCheckRow.kind.does_not_exist() | (FaceCheckRow.check_id == row.check_id))


def strip(row: VerificationRow, *, now: datetime, ends_at: datetime) -> Iterable[Write]:
    """Remove who it is and give the identity's place back; method, date and reference stay until their end."""
    actions = [
        VerificationRow.name.remove(),
        VerificationRow.number.remove(),
        VerificationRow.identity_index.remove(),
        VerificationRow.slot.remove(),
        VerificationRow.version.set(row.version + 1),
        VerificationRow.withdrawn_at.set(now),
        VerificationRow.due_shard.set(shard(row.pk)),
        VerificationRow.due_at.set(ends_at),
    ]
    yield update(row, actions, VerificationRow.version == row.version, otherwise=Busy(retry_after_s=1))
    if row.identity_index is not None and row.slot is not None:
        key = (IdentitySlotRow, _slots(row.identity_index), f"{_SLOT}#{row.slot}")
        yield delete(key, IdentitySlotRow.kind.does_not_exist() | (IdentitySlotRow.person_id == row.person_id))


def end_record(person_id: str, now: datetime) -> Write:
    """Delete the record of a withdrawn verification whose years are over, and no other."""
    return delete(own_verification(person_id), VerificationRow.due_at <= now)


def _slots(index: str) -> str:
    return f"IDENTITY#{index}"
