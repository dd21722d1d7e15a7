"""Recoveries under way, one for each account, with every query and condition on them."""

from datetime import datetime
from typing import cast

import msgspec

from ...foundation.kernel.errors import Busy
from ...foundation.store.attributes import Flag, Instant, Integer, Text
from ...foundation.store.declare import EPOCH, INDEX, KEY, STATE, OnMerge, Personal, Technical
from ...foundation.store.outbox import shard
from ...foundation.store.row import Row, get, rows_by_key
from ...foundation.store.write import Refusal, Write, delete, put, put_new, update
from ..rules.recovery import FINISH_WITHIN, Waiting
from .profile import ProfileRow, own_profile
from .verification import VerificationRow, own_verification

RECOVERY = "RECOVERY"


class RecoveryRow(Row, table="people", kind="recovery"):
    """That somebody proved whose account it is and waits; neither name nor identity number is here."""

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    version = Integer(STATE)
    reference = Text(Technical("keyed hash that customer service and the evidence know it by"))
    mobile_index = Text(Personal("recovery.mobile_index"))
    session_epoch = Integer(STATE)
    contested = Flag(STATE, default=False)
    begun_at = Instant(Personal("recovery.times"))
    ready_at = Instant(Personal("recovery.times"))
    told_at = Instant(Personal("recovery.times"), null=True)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)

    def waiting(self) -> Waiting:
        """Give what rules ask about it."""
        return Waiting(self.mobile_index, self.session_epoch, self.ready_at, bool(self.contested))


class Held(msgspec.Struct, frozen=True):
    """What an account has that a recovery is held against."""

    profile: ProfileRow | None
    verification: VerificationRow | None
    recovery: RecoveryRow | None


def own_recovery(person_id: str) -> tuple[type[RecoveryRow], str, str]:
    """Give the key of a person's recovery."""
    return RecoveryRow, person_id, RECOVERY


def recovery_of(person_id: str) -> RecoveryRow | None:
    """Read a person's recovery."""
    return get(*own_recovery(person_id))


def held_by(person_id: str) -> Held:
    """Read profile, verification and recovery in one call; of nobody, nothing."""
    found = rows_by_key([own_profile(person_id), own_verification(person_id), own_recovery(person_id)])
    return Held(
        cast("ProfileRow | None", found[0]),
        cast("VerificationRow | None", found[1]),
        cast("RecoveryRow | None", found[2]),
    )


def keep_recovery(row: RecoveryRow, seen: RecoveryRow | None) -> Write:
    """Keep a recovery that begins, only in place of the one that was read; its end is its due time."""
    row.version = 1 if seen is None else seen.version + 1
    row.due_shard, row.due_at = shard(row.pk), row.ready_at + FINISH_WITHIN
    if seen is None:
        return put_new(row, Busy(retry_after_s=1))
    return put(row, RecoveryRow.version == seen.version, Busy(retry_after_s=1))


def contest(seen: RecoveryRow) -> Write:
    """Mark a recovery as one of two that both matched; whoever may have to be told is told once more."""
    actions = [
        RecoveryRow.contested.set(True),
        RecoveryRow.version.set(seen.version + 1),
        RecoveryRow.told_at.remove(),
    ]
    same = RecoveryRow.version == seen.version
    return update(own_recovery(seen.pk), actions, same, otherwise=Busy(retry_after_s=1))


def note_told(seen: RecoveryRow, now: datetime) -> Write:
    """Note that the owner was told; of several deliveries, one passes."""
    same = (RecoveryRow.version == seen.version) & RecoveryRow.told_at.does_not_exist()
    return update(own_recovery(seen.pk), [RecoveryRow.told_at.set(now)], same)


def end_recovery(seen: RecoveryRow, otherwise: Refusal) -> Write:
    """End a recovery that is as it was read: stopped, or finished within the transaction that it allows."""
    return delete(own_recovery(seen.pk), RecoveryRow.version == seen.version, otherwise)


def drop_over(person_id: str, now: datetime) -> Write:
    """Delete a recovery whose time is over, and no other."""
    return delete(own_recovery(person_id), RecoveryRow.due_at <= now)
