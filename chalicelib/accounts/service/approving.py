"""Approvals by a second person: asked for, seen, given."""

from typing import cast

from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.approvals import ApprovalRow, RelatedApproval
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.staff import RoleMissing, member, reference

from ..contracts.approvals import ApprovalListView, ApprovalView, ApprovedAction, AskApproval
from ..rules.staff import APPROVERS, Colleague, are_related


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
        RelatedApproval: one of them invited, reset or trained the other lately, or one person invited both.
        ApprovalNotOpen: given already, or over.
    """
    row = approvals.approval(approval_id)
    if not call.officer.roles & APPROVERS[row.action]:
        raise RoleMissing
    _refuse_related(call, row)
    commit(call, approvals.give(call, row))
    return _view(call, approvals.approval(approval_id))


def _refuse_related(call: Call, row: ApprovalRow) -> None:
    """Stop an approval between people of whom one may have the other's way in, or one third person both.

    Keeps: K7.4
    """
    if row.person_id == call.officer.staff_id:
        return
    asker, giver = member(row.person_id), member(call.officer.staff_id)
    if asker is None or giver is None:
        raise NotFound
    one, other = (Colleague(reference(who), who.invited_by, who.trained_by) for who in (asker, giver))
    if are_related(one, other, call.now):
        raise RelatedApproval


def _view(call: Call, row: ApprovalRow) -> ApprovalView:
    return ApprovalView(
        approval_id=row.sk,
        action=cast("ApprovedAction", row.action),
        subject_id=row.subject_id,
        what=sorted(row.what),
        own=row.person_id == call.officer.staff_id,
        until=row.until,
    )
