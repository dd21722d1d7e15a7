"""Cancelling the account: preview, conditions, and the one transaction from which there is no way back."""

from datetime import date

from ...accounts.service.profile import mobile_of
from ...foundation.audit.evidence import append, record
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import FieldError
from ...foundation.kernel.ids import derived_id
from ...foundation.register import lookup
from ...foundation.standing.access import change, commit
from ...foundation.standing.rows import CLOSING, StandingRow
from ...foundation.store.outbox import announce, shard
from ...foundation.store.planner import Line, plan, plan_hash
from ...foundation.store.write import put_new
from ...foundation.vault.wrapping import secret
from ..contracts import (
    CancelAccount,
    CancellationPreview,
    CancellationView,
    ErasureOrdered,
    PlanLineView,
)
from ..errors import CancellationBlocked, PlanChanged, ReceiptUsed
from ..rules import STEPS, block
from ..tables import CANCELLATION_SK, CancellationRow, ErasureRow
from .plans import remaining, stored


def preview_cancellation(call: Call) -> CancellationPreview:
    """Show what cancelling would do now: what blocks it, what goes, what stays, until when and why.

    Keeps: J7.1, J7.2
    """
    lines, blocks = plan(call.who.person_id, call.now)
    shown = [*lines, *remaining(call.who.ref, call.now)]
    return CancellationPreview(
        plan_hash=plan_hash(lines),
        blocks=[block(code, call.language) for code in blocks],
        lines=[_line(line, call.language) for line in shown],
    )


def cancel_account(call: Call, asked: CancelAccount) -> CancellationView:
    """Close the account: epoch and sessions end in the transaction that writes the erasure ledger.

    The last contact is sealed under the `cases` key first, for the last notices only.

    Keeps: J7.1, J7.4, J11.1

    Raises:
        CancellationBlocked: something must be finished first.
        PlanChanged: what is held is not what was previewed.
        ReceiptUsed: the receipt belongs to another cancellation.
    """
    who = call.who
    lines, blocks = plan(who.person_id, call.now)
    if blocks:
        raise CancellationBlocked(tuple(FieldError(f"/blocks/{code}", code) for code in blocks))
    if plan_hash(lines) != asked.plan_hash:
        raise PlanChanged
    row = _case(call, asked, lines)
    ledger = ErasureRow.entry(call, who.ref, action="erasure:begun", subject_id=row.pk, plan_hash=asked.plan_hash)
    commit(
        call,
        [
            change(
                who,
                [
                    StandingRow.status.set(CLOSING),
                    StandingRow.epoch.set(who.epoch + 1),
                    StandingRow.session_epoch.add(1),
                ],
            ),
            put_new(row, ReceiptUsed),
            append(ledger),
            record(call, "person:account:cancelled", subject_id=row.pk),
            announce(call, "erasures", ErasureOrdered(request_id=row.pk), person=None),
        ],
    )
    return CancellationView(request_id=row.pk, state="running")


def _case(call: Call, asked: CancelAccount, lines: list[Line]) -> CancellationRow:
    who = call.who
    return CancellationRow(
        pk=request_of(asked.receipt),
        sk=CANCELLATION_SK,
        erasing_id=who.person_id,
        mobile=CancellationRow.mobile.seal(who.keys, mobile_of(who.person_id) or ""),
        key_ids=who.keys,
        step=STEPS[0],
        started_at=call.now,
        plan_hash=asked.plan_hash,
        plan=stored(lines),
        counts={},
        reference=who.ref,
        due_shard=shard(who.ref),
        due_at=call.now,
    )


def request_of(receipt: str) -> str:
    """Give the request that a receipt belongs to: its id is a keyed hash of it, the receipt itself is not kept."""
    return derived_id("req", secret("receipt"), receipt)


def _line(line: Line, language: str) -> PlanLineView:
    rule = lookup.retention(line.retention) if line.retention else None
    period, ground = ("", "") if rule is None else (rule.title, rule.ground)
    if rule is not None and language != "zh-CN":
        period, ground = rule.title_en, rule.ground_en
    return PlanLineView(
        kind=line.kind,
        count=line.count,
        outcome="deleted" if line.verb == "delete" else "kept_in_part",
        goes=[_title(i, language) for i in line.items],
        stays=[_title(i, language) for i in line.kept_items],
        until=date.fromisoformat(line.until) if line.until else None,
        period=period,
        ground=ground,
    )


def _title(item_id: str, language: str) -> str:
    item = lookup.item(item_id)
    return item.title if language == "zh-CN" else item.title_en
