"""Approvals by a second person: asked for, seen, given."""

from typing import cast

from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.approvals import ApprovalRow
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.staff import RoleMissing

from ..contracts.approvals import ApprovalListView, ApprovalView, ApprovedAction, AskApproval
from ..rules.staff import APPROVERS


def ask_approval(call: Call, command: AskApproval) -> ApprovalView:
    """Ask a second person for an approval."""
    row, writes = approvals.ask(call, command.action, command.what, subject_id=command.subject_id)
    commit(call, writes)
    return _view(call, row)


def list_approvals(call: Call) -> ApprovalListView:
    """List what waits for an approval."""
    return ApprovalListView(data=[_view(call, row) for row in approvals.asked(call.now)])


def give_approval(call: Call, approval_id: str) -> ApprovalView:
    """Approve what somebody else asked for.

    Keeps: K4.6

    Raises:
        NotFound: no such request.
        RoleMissing: the caller's roles may not approve this.
        OwnApproval: nobody approves their own.
        ApprovalNotOpen: given already, or over.
    """
    row = approvals.approval(approval_id)
    if not call.officer.roles & APPROVERS[row.action]:
        raise RoleMissing
    commit(call, approvals.give(call, row))
    return _view(call, approvals.approval(approval_id))


def _view(call: Call, row: ApprovalRow) -> ApprovalView:
    return ApprovalView(
        approval_id=row.sk,
        action=cast("ApprovedAction", row.action),
        subject_id=row.subject_id,
        what=sorted(row.what),
        own=row.person_id == call.officer.staff_id,
        until=row.until,
    )
