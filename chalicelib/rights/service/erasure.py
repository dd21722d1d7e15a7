"""Erasing a person, checkpoint by checkpoint; every step may run twice."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ...foundation.gateways.errors import ProviderUnavailable
from ...foundation.kernel import log
from ...foundation.kernel.call import Call
from ...foundation.kernel.config import config
from ...foundation.kernel.deadlines import Deadline
from ...foundation.kernel.errors import Failure
from ...foundation.standing.access import commit
from ...foundation.standing.rows import StandingRow
from ...foundation.store.declare import FIRST_RANK, GUARD_RANK
from ...foundation.store.due import due
from ...foundation.store.keys import DataKeyRow, destroy_key
from ...foundation.store.outbox import shard
from ...foundation.store.planner import plan, ranked, read, survey
from ...foundation.store.row import Row, get
from ...foundation.store.write import ConditionFailed, delete, update
from ...foundation.vault import keyring
from ...foundation.work.job import NotYet
from ..errors import ErasureIncomplete
from ..rules import APPLE_TRIED, WORKING, look_again, midnight, next_step
from ..tables import CANCELLATION_SK, CancellationRow, checkpoint, put_off, take_case
from .carrying import carry_over
from .certificate import write_certificate
from .files import files_of, remove_files_of
from .last_notice import send_last_notice
from .passes import GROUND, StillOpen, take
from .plans import begun, kept


def erase(call: Call, request_id: str, deadline: Deadline) -> None:
    """Take an erasure as far as it can go now.

    Order: entrances (sessions, copies, an authorization at Apple), data key, guards, rows with their objects; then,
    after every lease and index has settled, a second pass, a check that nothing is left, standing, last notices,
    certificate. One process at a time works on a case: it moves the time for others to look at it past its own end.

    Keeps: J3.2, J7.3, J7.4, J11.1, K2.2

    Raises:
        NotYet: time is short; the sweep goes on from the checkpoint.
    """
    row = _taken(call, request_id)
    if row is None:
        return
    try:
        _run(call, row, deadline)
    except NotYet:
        _let_go(call, row, call.now)
        raise
    except StillOpen:
        _let_go(call, row, look_again(row.started_at, call.now))
    except Exception:
        _let_go(call, row, look_again(row.started_at, call.now))
        raise


def continue_erasures(call: Call, deadline: Deadline) -> None:
    """Go on with every erasure that waits or was interrupted; one that fails stops no other."""
    for request_id, _ in due("cases", call.now, frozenset({CANCELLATION_SK})):
        if deadline.passed():
            return
        try:
            erase(call, request_id, deadline)
        except NotYet:
            return
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must not hold up other people's erasures
            log.event(
                log.Event.JOB_FAULT,
                job="continue_erasures",
                message_id=request_id,
                kind=fault.code if isinstance(fault, Failure) else type(fault).__name__,
                where=log.where(fault),
                request_id=call.request_id,
            )


def _taken(call: Call, request_id: str) -> CancellationRow | None:
    """Take a case that nobody is at; None when it is done, waits, or somebody else has it."""
    row = get(CancellationRow, request_id, CANCELLATION_SK)
    if row is None or row.step == "done" or row.due_at > call.now:
        return None
    try:
        commit(call, [take_case(row, call.now + WORKING)], legal_ground=GROUND)
    except ConditionFailed:
        return None
    row.due_at = call.now + WORKING
    return row


def _let_go(call: Call, row: CancellationRow, until: datetime) -> None:
    try:
        commit(call, [put_off(row, until)], legal_ground=GROUND)
    except ConditionFailed:
        return


def _run(call: Call, taken: CancellationRow, deadline: Deadline) -> None:
    row: CancellationRow | None = taken
    while row is not None and row.step != "done":
        if deadline.passed():
            raise NotYet
        if row.step == "settle" and not _settled(call, row):
            return
        _DO[row.step](call, row, deadline)
        log.event(log.Event.ERASURE_STEP, request_id=row.pk, step=row.step, count=sum(row.counts.values()))
        row = _advance(call, row) if row.step != "certificate" else None


def _advance(call: Call, row: CancellationRow) -> CancellationRow | None:
    step = next_step(row.step)
    changes: dict[str, object] = {
        "step": step,
        "counts": row.counts,
        "plan": row.plan,
        "found_afterwards": row.found_afterwards,
        "due_at": call.now + WORKING,
    }
    if step == "settle":
        settle_at = call.now + timedelta(seconds=int(config().setting("ERASURE_SETTLE_S")))
        changes |= {"settle_at": settle_at, "due_at": settle_at}
    try:
        commit(call, [checkpoint(row, **changes)], legal_ground=GROUND)
    except ConditionFailed:
        return None
    return get(CancellationRow, row.pk, CANCELLATION_SK)


def _settled(call: Call, row: CancellationRow) -> bool:
    return row.settle_at is not None and call.now >= row.settle_at


def _entrances(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    """End what would let somebody in, unless something is still open.

    An order placed at the very moment of cancelling stands in no plan: the transaction that closes the account sees
    no order. It is waited for here, before the first destructive call, and what came of it is kept or goes.

    Keeps: J7.4, K2.1
    """
    if row.erasing_id is not None:
        lines, blocks = plan(row.erasing_id, call.now)
        if blocks:
            raise StillOpen
        if carry_over(call, row, deadline):
            raise StillOpen
        row.plan = begun(row.plan, lines)
        _leave_apple(call, row)
    take(call, row, [r for r in ranked() if r.erase_rank >= FIRST_RANK], deadline=deadline)


def _leave_apple(call: Call, row: CancellationRow) -> None:
    """End what Apple still has authorized, while the token for it can be read; after an hour it is let be.

    Raises:
        ProviderUnavailable: not now; the erasure goes on a little later.
    """
    from ...accounts.service.leaving_apple import end_all_authorizations

    try:
        end_all_authorizations(call, str(row.erasing_id), reference=row.reference, ground=GROUND)
    except ProviderUnavailable:
        if call.now < row.started_at + APPLE_TRIED:
            raise


def _key(call: Call, row: CancellationRow, _: Deadline) -> None:
    commit(call, [destroy_key(row.key_ids["main"])], legal_ground=GROUND)
    keyring.forget((row.key_ids["main"],))


def _guards(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    take(call, row, [r for r in ranked() if GUARD_RANK <= r.erase_rank < FIRST_RANK], deadline=deadline)


def _rows(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    take(call, row, [r for r in _all_but_standing() if r.erase_rank < GUARD_RANK], deadline=deadline)


def _second(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    """Take what was written late, and files that a killed export left without a record."""
    take(call, row, _all_but_standing(), deadline=deadline)
    remove_files_of(row.reference)


def _standing(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    """Check that nothing is left, then let standing go: with its salt the evidence is cut loose for good.

    The trade key ends with the last record that was really cut, whichever pass cut it.
    """
    if row.erasing_id is None:
        return
    take(call, row, _all_but_standing(), deadline=deadline)
    row.found_afterwards = _left(row)
    if row.found_afterwards:
        raise ErasureIncomplete
    _end_trade_key(call, row)
    commit(call, [delete((StandingRow, row.erasing_id, "STANDING"))], legal_ground=GROUND)
    row.counts["standing:delete"] = 1


def _left(row: CancellationRow) -> int:
    """Count what is still there: records, files of copies in all versions, and uploads of such that never ended."""
    found = (one for one in survey(row.erasing_id) if one.row is not StandingRow)
    return sum(1 for _ in read(found)) + sum(1 for _ in files_of(row.reference))


def _nothing(call: Call, row: CancellationRow, deadline: Deadline) -> None:
    """Do nothing: waiting has no work of its own."""


def _notices(call: Call, row: CancellationRow, _: Deadline) -> None:
    send_last_notice(call, row)


def _certificate(call: Call, row: CancellationRow, _: Deadline) -> None:
    write_certificate(call, row)


def _end_trade_key(call: Call, row: CancellationRow) -> None:
    """Let the trade key end with the last record it seals; at once when nothing is kept."""
    last = max((str(line["until"]) for line in kept(row.plan)), default="")
    key_id = row.key_ids["trade"]
    if not last:
        commit(call, [destroy_key(key_id)], legal_ground=GROUND)
        return
    actions = [DataKeyRow.due_shard.set(shard(key_id)), DataKeyRow.due_at.set(midnight(last))]
    try:
        commit(call, [update((DataKeyRow, key_id, "KEY"), actions)], legal_ground=GROUND)
    except ConditionFailed:
        return


def _all_but_standing() -> list[type[Row]]:
    return [r for r in ranked() if r is not StandingRow]


_DO: dict[str, Callable[[Call, CancellationRow, Deadline], None]] = {
    "entrances": _entrances,
    "key": _key,
    "guards": _guards,
    "rows": _rows,
    "settle": _nothing,
    "second": _second,
    "standing": _standing,
    "notices": _notices,
    "certificate": _certificate,
}
