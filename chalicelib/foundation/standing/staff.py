"""Standing of staff: who may act in which roles, and their sessions; read by the edge on every request of theirs.

Staff are never customers: other rows, other tokens, other routes. Whatever changes what somebody may do raises the
epoch, and it bites at their next request.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from ..kernel import clock
from ..kernel.call import Staff
from ..kernel.config import config
from ..kernel.errors import Failure, Kind, Unauthenticated
from ..kernel.ids import letters
from ..store.attributes import Bytes, Expiry, Instant, Integer, Json, Sealed, Text, Texts
from ..store.declare import EPOCH, EXPIRY, FIRST_RANK, INDEX, KEY, LAST_RANK, TIME, OnMerge, Personal, Technical
from ..store.row import Row, get, rows_by_key
from ..store.write import Write, check
from .rows import ACTIVE

DIRECTORY = "STAFF"
SESSION = "STAFF_SESSION"
INVITED, LEFT = "invited", "left"
IDLE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=8)
_TRAINING_DAYS = "365"


class RoleMissing(Failure):
    """None of the caller's roles may do this."""

    code = "staff.role_missing"
    kind = Kind.FORBIDDEN
    title_zh = "您的岗位没有此权限"
    title_en = "Your roles do not allow this"


class TrainingMissing(Failure):
    """Without current training and exam, personal data stay closed."""

    code = "staff.training_missing"
    kind = Kind.FORBIDDEN
    title_zh = "培训或考试已过期，不能接触个人信息"
    title_en = "Training or exam is not current: personal data stay closed"


class StaffRow(Row, table="people", kind="staff"):
    """A member of staff: what must be known before anything else is done for them.

    All stand in one partition, which is the directory. The names are sealed under a key of their own, which goes with
    the row, three years after they left: until then it must be possible to say who looked. `invited_by` and
    `trained_by` say until when which colleagues are too close to approve for them, or to be approved by them.
    """

    on_merge = OnMerge.APART

    erase_rank = LAST_RANK

    pk = Text(KEY, hash_key=True)
    sk = Text(Personal("staff.id"), range_key=True)
    person_id = Text(Personal("staff.id"))
    epoch = Integer(EPOCH)
    session_epoch = Integer(Technical("raised to end every session"))
    status = Text(Personal("staff.standing"))
    roles = Texts(Personal("staff.standing"), null=True)
    trained_at = Instant(Personal("staff.standing"), null=True)
    exam_at = Instant(Personal("staff.standing"), null=True)
    name = Sealed(Personal("staff.name"))
    user_name = Sealed(Personal("staff.name"))
    login_index = Text(Personal("staff.login_index"))
    keys = Json(Technical("ids of data keys"))
    salt = Bytes(Technical("random salt of the evidence reference"))
    invitation = Text(Personal("staff.invitation"), null=True)
    invited_by = Json(Personal("evidence.reference", whose="other"), null=True)
    trained_by = Json(Personal("evidence.reference", whose="other"), null=True)
    invited_until = Instant(TIME, null=True)
    made_at = Instant(TIME)
    left_at = Instant(TIME, null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)


class StaffSessionRow(Row, table="ephemeral", kind="staff_session"):
    """A log-in of a member of staff; its token is known by digest only."""

    on_merge = OnMerge.APART

    erase_rank = FIRST_RANK

    pk = Text(Personal("staff.session"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("staff.id"))
    epoch = Integer(EPOCH)
    session_epoch = Integer(Technical("of the member when begun; a later one ends the session"))
    token_digest = Text(Personal("staff.session"))
    begun_at = Instant(TIME)
    used_at = Instant(TIME)
    expires_at = Expiry(EXPIRY)


def member(staff_id: str) -> StaffRow | None:
    """Read one member of staff strongly."""
    return get(StaffRow, DIRECTORY, staff_id)


def member_and_session(staff_id: str, session_id: str) -> tuple[StaffRow, StaffSessionRow] | None:
    """Read both in one call; None when either is missing."""
    row, session = rows_by_key([(StaffRow, DIRECTORY, staff_id), (StaffSessionRow, session_id, SESSION)])
    if not isinstance(row, StaffRow) or not isinstance(session, StaffSessionRow):
        return None
    return row, session


def staff_of(row: StaffRow, now: datetime, *, session_id: str = "") -> Staff:
    """Make the caller from their row."""
    return Staff(
        staff_id=row.sk,
        epoch=row.epoch,
        roles=frozenset(row.roles or ()),
        keys=dict(row.keys),
        ref=reference(row),
        read_s=clock.steady_s(),
        session_id=session_id,
        log_name=_named("who_", row, b"log\0"),
        trained=is_trained(row, now),
    )


def reference(row: StaffRow) -> str:
    """Give the salted reference of a member of staff in the evidence."""
    return _named("ref_", row, b"")


def is_trained(row: StaffRow, now: datetime) -> bool:
    """Say whether training and exam are both current.

    Keeps: K7.1
    """
    holds = timedelta(days=int(config().setting("STAFF_TRAINING_DAYS", _TRAINING_DAYS)))
    return all(at is not None and at <= now < at + holds for at in (row.trained_at, row.exam_at))


def staff_fence(who: Staff) -> Write:
    """Let a transaction pass only while what the caller may do is what we read."""
    unchanged = (StaffRow.epoch == who.epoch) & (StaffRow.status == ACTIVE)
    return check((StaffRow, DIRECTORY, who.staff_id), unchanged, Unauthenticated)


def _named(prefix: str, row: StaffRow, use: bytes) -> str:
    return prefix + letters(hmac.digest(row.salt, use + row.sk.encode(), hashlib.sha256))
