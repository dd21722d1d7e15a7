"""Second-person approval: asked by one member of staff, given by another, good for minutes, used up once.

Generic: whoever needs one says which action on which subject with what; the verb that needs it uses it up in the
transaction that it allows. Both people are on record.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from ..kernel.call import Call
from ..kernel.errors import Failure, Kind, NotFound
from ..kernel.ids import is_id, new_id
from ..store.attributes import Expiry, Instant, Integer, Text, Texts
from ..store.declare import EPOCH, EXPIRY, KEY, STATE, TIME, OnMerge, Personal, Technical
from ..store.row import Row, get, query
from ..store.write import Write, put_new, update
from .evidence import record

ASKED_FOR: Final = timedelta(hours=8)
GOOD_FOR: Final = timedelta(minutes=30)
_ALL: Final = "APPROVALS"
_ASKED, _GIVEN, _USED = "asked", "given", "used"


class ApprovalRequired(Failure):
    """This needs a second person's approval, for exactly this, given in the last minutes and not used yet."""

    code = "approval.required"
    kind = Kind.FORBIDDEN
    title_zh = "此操作需要另一名有权限的员工批准"
    title_en = "A second person must approve this first"


class ApprovalNotOpen(Failure):
    """It was given already, or nobody gave it in time."""

    code = "approval.not_open"
    kind = Kind.CONFLICT
    title_zh = "该批准请求已处理或已过期"
    title_en = "It was given already, or is over"


class OwnApproval(Failure):
    """Nobody approves what they asked for themselves."""

    code = "approval.own"
    kind = Kind.FORBIDDEN
    title_zh = "不能批准自己的请求"
    title_en = "Nobody approves their own request"


class RelatedApproval(Failure):
    """One of the two invited, reset or trained the other lately, or the same person invited both."""

    code = "approval.related"
    kind = Kind.FORBIDDEN
    title_zh = "您与申请人之间近期有邀请、重置或培训关系，须由其他人批准"
    title_en = "One of you had the other's invitation or training in hand lately; somebody else must approve"


class ApprovalRow(Row, table="ephemeral", kind="approval"):
    """An approval that was asked for; what came of it is in the evidence."""

    on_merge = OnMerge.APART

    told = False

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("staff.id"))
    epoch = Integer(EPOCH)
    asked_by = Text(Personal("evidence.reference"))
    action = Text(Technical("code of what is to be done"))
    subject_id = Text(Technical("id of the thing it is about"), null=True)
    what = Texts(Technical("ids of data items and a purpose, roles, or an outcome"))
    state = Text(STATE)
    until = Instant(TIME)
    expires_at = Expiry(EXPIRY)


def ask(call: Call, action: str, what: Iterable[str], *, subject_id: str = "") -> tuple[ApprovalRow, list[Write]]:
    """Ask for an approval: its row, and what is to be written."""
    who, approval_id = call.officer, new_id("apr")
    row = ApprovalRow(
        pk=_ALL,
        sk=approval_id,
        person_id=who.staff_id,
        epoch=who.epoch,
        asked_by=who.ref,
        action=action,
        subject_id=subject_id or None,
        what=set(what),
        state=_ASKED,
        until=call.now + ASKED_FOR,
        expires_at=call.now + ASKED_FOR + GOOD_FOR,
    )
    return row, [put_new(row), record(call, "staff:approval:asked", reference=who.ref, subject_id=approval_id)]


def asked(now: datetime) -> list[ApprovalRow]:
    """Read what waits for an approval."""
    rows, _ = query(ApprovalRow, _ALL, strong=True, where=(ApprovalRow.state == _ASKED) & (ApprovalRow.until > now))
    return rows


def approval(approval_id: str) -> ApprovalRow:
    """Read an approval.

    Raises:
        NotFound: there is none.
    """
    row = get(ApprovalRow, _ALL, approval_id)
    if row is None:
        raise NotFound
    return row


def give(call: Call, row: ApprovalRow) -> list[Write]:
    """Approve what somebody else asked for; it is good for some minutes from now.

    Keeps: K4.6, K4.7

    Raises:
        OwnApproval: it is the caller's own.
        ApprovalNotOpen: given already, or over; also from the commit.
    """
    who = call.officer
    if row.person_id == who.staff_id:
        raise OwnApproval
    if row.state != _ASKED or row.until <= call.now:
        raise ApprovalNotOpen
    given = [ApprovalRow.state.set(_GIVEN), ApprovalRow.until.set(call.now + GOOD_FOR)]
    return [
        update(row, given, (ApprovalRow.state == _ASKED) & (ApprovalRow.until == row.until), otherwise=ApprovalNotOpen),
        *(
            record(call, "staff:approval:given", reference=ref, subject_id=row.sk, actor="staff")
            for ref in (who.ref, row.asked_by)
        ),
    ]


def use(call: Call, approval_id: str, action: str, *, what: Iterable[str], subject_id: str = "") -> list[Write]:
    """Use an approval up, in the transaction that it allows.

    Raises:
        ApprovalRequired: none was given to the caller for exactly this, or it is over or used; also from the commit.
    """
    row = get(ApprovalRow, _ALL, approval_id) if is_id("apr", approval_id) else None
    if row is None or (row.person_id, row.action, row.subject_id or "") != (call.officer.staff_id, action, subject_id):
        raise ApprovalRequired
    if row.state != _GIVEN or row.until <= call.now or set(row.what) != set(what):
        raise ApprovalRequired
    return [
        update(row, [ApprovalRow.state.set(_USED)], ApprovalRow.state == _GIVEN, otherwise=ApprovalRequired),
        record(call, "staff:approval:used", reference=call.officer.ref, subject_id=approval_id),
    ]
