"""Merging two accounts of one person: proof for both, a preview, and the one transaction that begins it.

What is absorbed is erased in the end by the same steps as any account; what moves, moves first (`carrying`).
"""

import hashlib
from functools import cache
from typing import NamedTuple

import msgspec

from ...accounts.rules.bindings import PURPOSES
from ...accounts.service import sessions
from ...accounts.service.merging import KINDS, Outcome, bindings_after, fresh_holder, is_guardian
from ...accounts.service.profile import mobile_of
from ...consent.service import declined_by, none_declined_by, withdraw_consent
from ...foundation.audit.evidence import append, record
from ...foundation.kernel.call import Call, Person
from ...foundation.kernel.errors import FieldError, Unauthenticated
from ...foundation.kernel.ids import new_id
from ...foundation.register import lookup
from ...foundation.standing.access import SK, AccountClosing, AccountFrozen, change, commit
from ...foundation.standing.rows import ACTIVE, MERGING, StandingRow
from ...foundation.store.carry import moving
from ...foundation.store.declare import OnMerge
from ...foundation.store.outbox import shard
from ...foundation.store.planner import PASSING, owned, personal, plan
from ...foundation.store.row import Row, rows_by_key
from ...foundation.store.write import Write, put_new, update
from ..contracts import MergeAccounts, MergedBindingView, MergeLineView, MergePreview, MergesView, MergeView
from ..errors import MergeBlocked, MergePlanChanged, OtherNotProved
from ..rules import STEPS, WORKING, block
from ..tables import (
    CANCELLATION_SK,
    MERGE_SK,
    MOVING,
    CancellationRow,
    ErasureRow,
    MergeRow,
    merges_of,
)

_OUTCOMES = {OnMerge.MOVE: "moves", OnMerge.YIELD: "yields", OnMerge.DROP: "goes"}
_OUTCOMES |= {OnMerge.IF_AGREED: "goes", OnMerge.APART: "goes"}


class _Plan(NamedTuple):
    """What a merge would do: counts by row class, what blocks it, which consents end, what becomes of bindings."""

    counts: dict[type[Row], int]
    blocks: list[str]
    withdrawn: list[str]
    bindings: dict[str, Outcome]
    digest: str


def preview_merge(call: Call, other_token: str) -> MergePreview:
    """Show what merging would do now: what blocks it, what moves, what goes, which consents and bindings end.

    Keeps: B4.4, B4.5, B4.6

    Raises:
        OtherNotProved: the token is no fresh proof for another account.
    """
    try:
        other = _proved(call, other_token)
    except MergeBlocked as refused:
        blocks = [block(error.code, call.language) for error in refused.errors]
        return MergePreview(plan_hash="", blocks=blocks, lines=[], withdrawn=[], bindings=[])
    found = _planned(call, other)
    return MergePreview(
        plan_hash=found.digest,
        blocks=[block(code, call.language) for code in found.blocks],
        lines=[_line(row, count, found.bindings, language=call.language) for row, count in found.counts.items()],
        withdrawn=found.withdrawn,
        bindings=[
            MergedBindingView(provider=provider, purpose=PURPOSES[provider], outcome=outcome)  # type: ignore[arg-type]
            for provider, outcome in found.bindings.items()
        ],
    )


def merge_accounts(call: Call, asked: MergeAccounts) -> MergeView:
    """Begin a merge: from this transaction on nobody can come into the other account, or write under it.

    A withdrawal on either account wins, so what was refused there ends here first; one that comes at the last moment
    shows in a new preview. Standing of both is conditioned: of two merges crosswise one begins, and a merge and a
    cancellation exclude each other.

    Keeps: B4.4, B4.5

    Raises:
        OtherNotProved: the token is no fresh proof for another account.
        MergeBlocked: something must be finished first.
        MergePlanChanged: what the accounts hold is not what was previewed.
        StandingMoved: consents kept changing meanwhile.
    """
    other = _proved(call, asked.other_token)
    found = _planned(call, other)
    if found.blocks:
        raise MergeBlocked(tuple(FieldError(f"/blocks/{code}", code) for code in found.blocks))
    if found.digest != asked.plan_hash:
        raise MergePlanChanged
    for purpose in found.withdrawn:
        withdraw_consent(call, purpose)
    row = _merge(call, other)
    undisputed = none_declined_by(
        other.person_id, call.who.consents.difference(found.withdrawn), otherwise=MergePlanChanged
    )
    commit(call, [*_standings(call, other, row.pk), *undisputed, *_record(call, other, row, digest=found.digest)])
    return _view(row)


def list_merges(call: Call) -> MergesView:
    """List the accounts that came in.

    Keeps: B4.4
    """
    return MergesView(data=[_view(row) for row in merges_of(call.who.person_id)])


def _proved(call: Call, token: str) -> Person:
    try:
        other = fresh_holder(call, token)
    except Unauthenticated:
        raise OtherNotProved from None
    except (AccountFrozen, AccountClosing) as refused:
        code = "other_frozen" if isinstance(refused, AccountFrozen) else "other_closing"
        raise MergeBlocked((FieldError(f"/blocks/{code}", code),)) from None
    if other is None or other.person_id == call.who.person_id:
        raise OtherNotProved
    return other


def _planned(call: Call, other: Person) -> _Plan:
    moving()
    lines, blocks = plan(other.person_id, call.now)
    counts: dict[type[Row], int] = {}
    for line in lines:
        row = _classes()[line.kind]
        counts[row] = counts.get(row, 0) + (line.count or 0)
    blocks += _stands_against(call, other)
    withdrawn = sorted(call.who.consents & declined_by(other.person_id))
    lasting = [
        [r.row_kind, n] for r, n in counts.items() if r.table not in PASSING and r.told and not r.comes_by_itself
    ]
    bindings = bindings_after(call.who, other, ended=frozenset(withdrawn))
    said = msgspec.json.encode([call.who.person_id, other.person_id, lasting, withdrawn, sorted(bindings.items())])
    return _Plan(counts, blocks, withdrawn, bindings, hashlib.sha256(said).hexdigest())


def _stands_against(call: Call, other: Person) -> list[str]:
    """Name what about the two people stands against it; one who is protected is not joined by their own word."""
    found = rows_by_key([(StandingRow, one.person_id, SK) for one in (call.who, other)])
    standings = [row for row in found if isinstance(row, StandingRow)]
    against = {
        "merge_under_way": any(row.merge_id is not None for row in standings),
        "minor": any(row.minor_until is not None and row.minor_until > call.now for row in standings),
        "other_guardian": is_guardian(other),
        "other_verified": any(row.identified for row in standings if row.pk == other.person_id),
    }
    return [code for code, applies in against.items() if applies]


@cache
def _classes() -> dict[str, type[Row]]:
    return {kind: row for (_, kind), row in owned().items()}


def _standings(call: Call, other: Person, request_id: str) -> list[Write]:
    alone = StandingRow.merge_id.does_not_exist()
    same = (StandingRow.epoch == other.epoch) & (StandingRow.status == ACTIVE) & alone
    closed = [
        StandingRow.status.set(MERGING),
        StandingRow.epoch.set(other.epoch + 1),
        StandingRow.session_epoch.add(1),
    ]
    return [
        change(call.who, [StandingRow.merge_id.set(request_id)], alone, otherwise=MergePlanChanged),
        update((StandingRow, other.person_id, SK), closed, same, otherwise=MergePlanChanged),
    ]


def _record(call: Call, other: Person, row: MergeRow, *, digest: str) -> list[Write]:
    """Write the merge, the case that ends the other account, and what is to be told of it on both sides."""
    return [
        put_new(row),
        put_new(_case(call, other, row.pk, digest=digest)),
        append(ErasureRow.entry(call, other.ref, action="erasure:begun", subject_id=row.pk, plan_hash=digest)),
        record(call, "person:account:merged", subject_id=row.pk),
        record(call, "person:account:absorbed", reference=other.ref, subject_id=row.pk),
        sessions.notice(call, call.who, "accounts_merged", session_id=call.who.session_id),
    ]


def _merge(call: Call, other: Person) -> MergeRow:
    return MergeRow(
        pk=new_id("req"),
        sk=MERGE_SK,
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        state=MOVING,
        requested_at=call.now,
        reference=other.ref,
    )


def _case(call: Call, other: Person, request_id: str, *, digest: str) -> CancellationRow:
    """Make the case of the other account's end; it begins when whatever ran for that account has ended."""
    return CancellationRow(
        pk=request_id,
        sk=CANCELLATION_SK,
        erasing_id=other.person_id,
        mobile=CancellationRow.mobile.seal(other.keys, mobile_of(other.person_id) or ""),
        key_ids=other.keys,
        step=STEPS[0],
        started_at=call.now,
        plan_hash=digest,
        plan=[],
        counts={},
        reference=other.ref,
        due_shard=shard(other.ref),
        due_at=call.now + WORKING,
    )


def _line(row: type[Row], count: int, bindings: dict[str, Outcome], *, language: str) -> MergeLineView:
    items = {lookup.item(said.item) for _, said in personal(row)}
    titles = sorted({item.title if language == "zh-CN" else item.title_en for item in items})
    moves = bindings.get(KINDS.get(row.row_kind, "")) == "moves"
    outcome = "moves" if moves else _OUTCOMES[row.on_merge or OnMerge.DROP]
    return MergeLineView(kind=row.row_kind, count=count, outcome=outcome, items=titles)  # type: ignore[arg-type]


def _view(row: MergeRow) -> MergeView:
    return MergeView(request_id=row.pk, state=row.state, requested_at=row.requested_at)
