"""Asking for a copy of everything, watching it, fetching it once."""

from ...foundation.audit.evidence import record
from ...foundation.gateways import objects
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.standing.access import commit
from ...foundation.store.outbox import announce
from ...foundation.store.planner import read, traverse
from ...foundation.store.row import get
from ...foundation.store.write import ConditionFailed, Write, put_new
from ...foundation.web.idempotency import Replayed, claim, resource_id
from ..contracts import CopyRequested, RequestsView, RequestView
from ..errors import CopyClaimed, CopyNotReady, CopyUnderWay
from ..rules import COPY_KEPT, FETCHED_KEPT, LINK_S, STUCK_AFTER, answer_by
from ..tables import COPY_SK, QUEUED, READY, CopyRow, claim_copy
from .files import BUCKET


def request_copy(call: Call, *, case_id: str = "") -> RequestView:
    """Take a request for a copy, from the person or in a case; the export function makes it.

    One copy at a time, as far as an index can tell that is behind by moments: two requests at the very same time
    give two copies, each handed over once to the same person.

    One asked for in a case waits for none that its person asked for: somebody frozen can't fetch that.

    Keeps: J2.3, J10.2

    Raises:
        CopyUnderWay: one is being made, or waits to be fetched.
        Replayed: it was asked for before under this key.
    """
    who, request_id = call.who, resource_id(call, "req")
    mine = {row.pk: row for row in _mine(call)}
    if request_id in mine:
        raise Replayed(request_id)
    rivals = [row for row in mine.values() if not case_id or row.case_id is not None]
    if any(_under_way(call, row) for row in rivals):
        raise CopyUnderWay
    row = CopyRow(
        pk=request_id,
        sk=COPY_SK,
        person_id=who.person_id,
        epoch=who.epoch,
        state=QUEUED,
        requested_at=call.now,
        case_id=case_id or None,
    )
    commit(
        call,
        [
            put_new(row, Replayed(row.pk)),
            claim(call, row.pk),
            record(call, "person:copy:requested", subject_id=row.pk),
            announce(call, "exports", CopyRequested(request_id=row.pk)),
        ],
    )
    return view(row)


def show_request(call: Call, request_id: str) -> RequestView:
    """Show one request of the caller."""
    return view(_own(call, request_id))


def list_requests(call: Call) -> RequestsView:
    """Show every request of the caller, newest first."""
    rows = sorted(_mine(call), key=lambda r: r.requested_at, reverse=True)
    return RequestsView(data=[view(row) for row in rows])


def claim_link(call: Call, request_id: str) -> str:
    """Hand the copy over: once, to its owner, by an address good for a minute.

    Keeps: J2.3
    """
    row = _own(call, request_id)
    refuse_unready(call, row)
    try:
        commit(call, fetched(call, row))
    except ConditionFailed:
        raise CopyClaimed from None
    return link_to(row)


def refuse_unready(call: Call, row: CopyRow) -> None:
    """Stop the fetching of a copy that does not lie ready.

    Raises:
        CopyNotReady: it is being made.
        CopyClaimed: it was fetched, or its days are over.
    """
    if row.state == QUEUED:
        raise CopyNotReady(retry_after_s=5)
    if row.state != READY or row.object_key is None or _over(call, row):
        raise CopyClaimed


def fetched(call: Call, row: CopyRow) -> list[Write]:
    """Note that a copy is handed to the caller, once."""
    return [claim_copy(row, call.now + FETCHED_KEPT), record(call, "person:copy:fetched", subject_id=row.pk)]


def link_to(row: CopyRow) -> str:
    """Give the address of a copy's file, good for a minute."""
    return objects.presign_get(
        BUCKET, row.object_key or "", expires_s=LINK_S, filename="jule-copy.zip", content_type="application/zip"
    )


def view(row: CopyRow) -> RequestView:
    """Show a copy request."""
    return RequestView(
        request_id=row.pk,
        kind="copy",
        state=row.state,
        requested_at=row.requested_at,
        answer_by=answer_by(row.requested_at),
        ready_at=row.ready_at,
        expires_at=row.ready_at + COPY_KEPT if row.ready_at else None,
        size_bytes=row.size_bytes,
    )


def _mine(call: Call) -> list[CopyRow]:
    rows = read(traverse(call.who.person_id, [CopyRow]))
    return [row for row in rows if isinstance(row, CopyRow)]


def _own(call: Call, request_id: str) -> CopyRow:
    row = get(CopyRow, request_id, COPY_SK)
    if row is None or row.person_id != call.who.person_id:
        raise NotFound
    return row


def _under_way(call: Call, row: CopyRow) -> bool:
    """Say whether a request stands against another one: not when it is over, or its making is a case for people."""
    if row.state == READY:
        return not _over(call, row)
    return row.state == QUEUED and call.now < row.requested_at + STUCK_AFTER


def _over(call: Call, row: CopyRow) -> bool:
    return row.ready_at is None or call.now >= row.ready_at + COPY_KEPT
