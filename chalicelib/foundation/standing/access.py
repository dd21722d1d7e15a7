"""Reading standing, and committing under it."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from msgspec import structs
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ..gateways import queue
from ..kernel import clock, log
from ..kernel.call import Call, Minor, Person, Staff
from ..kernel.errors import Busy, ConsentRequired, Failure, FieldError, Kind, Unauthenticated
from ..kernel.ids import letters
from ..store.keys import DataKeyRow
from ..store.row import Row, get, rows_by_key
from ..store.write import Write, check, update
from ..store.write import commit as write_all
from ..vault.keyring import WrappedKey, learn
from . import minors
from .rows import ACTIVE, CLOSING, FROZEN, MERGING, StandingRow
from .staff import StaffRow, staff_fence

LEASE_S = 30.0
SK = "STANDING"


class AccountFrozen(Failure):
    """The account is frozen; customer service can help."""

    code = "account.frozen"
    kind = Kind.FORBIDDEN
    title_zh = "账户已冻结"
    title_en = "The account is frozen"


class AccountClosing(Failure):
    """The account is being cancelled."""

    code = "account.closing"
    kind = Kind.GONE
    title_zh = "账户正在注销"
    title_en = "The account is being closed"


def load(person_id: str, *key_ids: str) -> StandingRow | None:
    """Read standing strongly; with key ids, the wrapped data keys come along in the same call."""
    if not key_ids:
        return get(StandingRow, person_id, SK)
    keys = [(DataKeyRow, key_id, "KEY") for key_id in key_ids]
    row, *found = rows_by_key([(StandingRow, person_id, SK), *keys])
    for key in found:
        if isinstance(key, DataKeyRow):
            learn(WrappedKey(key.pk, key.wrapped, key.wrapping_id))
    return row if isinstance(row, StandingRow) else None


def reference(row: StandingRow) -> str:
    """Give the person's salted reference in the evidence; without the salt nobody can compute it again."""
    return "ref_" + letters(hmac.digest(row.salt, row.pk.encode(), hashlib.sha256))


def log_name(row: StandingRow) -> str:
    """Give the person's pseudonym in the log; it dies with the salt, and from then on joins to nothing that is kept.

    Keeps: J3.2
    """
    return "who_" + letters(hmac.digest(row.salt, b"log\0" + row.pk.encode(), hashlib.sha256)[:16])


def person_of(row: StandingRow, *, session_id: str = "", reauthenticated_at: datetime | None = None) -> Person:
    """Make the caller from their standing row."""
    return Person(
        person_id=row.pk,
        epoch=row.epoch,
        status=row.status,
        consents=frozenset(row.consents or ()),
        keys=dict(row.keys),
        ref=reference(row),
        log_name=log_name(row),
        read_s=clock.steady_s(),
        policy_version=row.policy_version,
        session_id=session_id,
        reauthenticated_at=reauthenticated_at,
        minor=minor_of(row),
        identified=bool(row.identified),
        revision=row.revision or 0,
    )


def minor_of(row: StandingRow) -> Minor | None:
    """Give what standing says of somebody's age; None for whoever is not known to be under age."""
    if row.child_until is None or row.minor_until is None:
        return None
    limited = frozenset(row.limited or ())
    return Minor(row.child_until, row.minor_until, row.age_from or "declared", row.guarded or "", limited)


def person(person_id: str) -> Person | None:
    """Read one person's standing as a caller, whatever its status; None when there is nobody."""
    row = load(person_id)
    return None if row is None else person_of(row)


def refuse_unless_active(status: str) -> None:
    """Stop whoever may not act.

    Raises:
        AccountFrozen: frozen.
        AccountClosing: being cancelled.
    """
    if status == ACTIVE:
        return
    raise AccountFrozen if status == FROZEN else AccountClosing


def fence(who: Person, *, otherwise: type[Failure] = Unauthenticated) -> Write:
    """Let a transaction pass only while the person's epoch is the one we read and the account is active."""
    return check(
        (StandingRow, who.person_id, SK),
        _may_act(who),
        otherwise,
    )


def _may_act(who: Person) -> Condition:
    """Hold the row against what was read: the epoch, that they may act, and what is known of age and guardians.

    Somebody frozen may not act, but customer service may for them: their status then is to be the one that was read.
    """
    revision = StandingRow.revision
    same = revision == who.revision if who.revision else revision.does_not_exist()
    status = who.status if who.spoken_for else ACTIVE
    unchanged: Condition = (StandingRow.epoch == who.epoch) & (StandingRow.status == status) & same
    return unchanged


def again(before: Person) -> Person:
    """Read somebody anew who may go on with what they began.

    Raises:
        Unauthenticated: they may not act any more, or are somebody else by now.
    """
    now = person(before.person_id)
    status = before.status if before.spoken_for else ACTIVE
    if now is None or now.epoch != before.epoch or now.status != status:
        raise Unauthenticated
    return structs.replace(
        now,
        session_id=before.session_id,
        reauthenticated_at=before.reauthenticated_at,
        spoken_for=before.spoken_for,
    )


def still_there(who: Person, *, otherwise: type[Failure], agreeing: str = "") -> Write:
    """Let a transaction about a person pass only while they are the one we read, frozen or not, and not leaving.

    Where it names a purpose, they must agree to that as well.
    """
    same = (StandingRow.epoch == who.epoch) & ~StandingRow.status.is_in(CLOSING, MERGING)
    same = same & StandingRow.consents.contains(agreeing) if agreeing else same
    return check((StandingRow, who.person_id, SK), same, otherwise)


def agreed(who: Person, *purposes: str) -> Write:
    """Let a transaction pass only while the person may act and agrees to every purpose; takes the fence's place.

    Keeps: A2.2, A4.1
    """
    condition = _may_act(who)
    for purpose in purposes:
        condition &= StandingRow.consents.contains(purpose)
    told = tuple(FieldError(f"/purposes/{purpose}", "not_agreed") for purpose in purposes)
    return check((StandingRow, who.person_id, SK), condition, ConsentRequired(told))


def commit(call: Call, writes: Sequence[Write], *, legal_ground: str = "") -> None:
    """Write all or nothing under the caller's standing, then send what the outbox took.

    A transaction for a person carries the epoch fence unless it changes standing itself (and then conditions
    it). A single write relies on the lease: standing was read at most 30 s ago. Writes on a legal ground
    (settlement, refund, complaint, erasure) name it and are exempt. What a member of staff writes is fenced by
    their own row: a role taken away bites in the transaction too. What takes a guardian's agreement is refused here,
    so that no verb can forget it.

    Keeps: M1.1, M2.1

    Raises:
        GuardianConsentRequired, NotForChildren: the caller is under age, and this is not theirs to do alone.
        Busy: the lease ran out, or the store did not take it; nothing was written.
        Failure: whatever the first failing write declared.
    """
    todo = [*writes, *call.also]
    who = call.person
    if who is not None and not legal_ground:
        if clock.steady_s() - who.read_s > LEASE_S:
            raise Busy(retry_after_s=1)
        if not call.of_right:
            minors.refuse(who, call.purpose, call.now)
        if len(todo) > 1 and not any(_stands_on(w, who.person_id) for w in todo):
            todo.append(fence(who))
    if call.staff is not None:
        _fence_staff(todo, call.staff)
    write_all(todo)
    deliver(todo)


def _fence_staff(todo: list[Write], staff: Staff) -> None:
    """Have what a member of staff writes pass only while they may do what they could when it was read."""
    if clock.steady_s() - staff.read_s > LEASE_S:
        raise Busy(retry_after_s=1)
    if not any(_is_at(w, StaffRow, staff.staff_id) for w in todo):
        todo.append(staff_fence(staff))


def _is_at(write: Write, row: type[Row], sk: str) -> bool:
    place = write.kwargs.get("Key") or write.kwargs["Item"]
    return write.row is row and bool(place["sk"]["S"] == sk)


def _stands_on(write: Write, person_id: str) -> bool:
    place = write.kwargs.get("Key") or write.kwargs["Item"]
    return write.row is StandingRow and bool(place["pk"]["S"] == person_id)


def deliver(writes: Sequence[Write]) -> None:
    """Send the messages of committed writes; what does not get through is left to the sweep."""
    by_queue: dict[str, list[bytes]] = {}
    for write in writes:
        if write.message is not None:
            by_queue.setdefault(write.message.queue, []).append(write.message.body)
    for name, bodies in by_queue.items():
        try:
            failed = len(queue.send(name, bodies))
        except Exception:  # noqa: BLE001 - the outbox row is committed: the sweep sends it
            failed = len(bodies)
        if failed:
            log.event(log.Event.OUTBOX_DEFERRED, queue=name, count=failed)


def change(
    who: Person,
    actions: Sequence[Action],
    condition: Condition | None = None,
    *,
    otherwise: Failure | type[Failure] = Unauthenticated,
) -> Write:
    """Change the caller's standing, only while it is what we read."""
    mine = _may_act(who)
    condition = mine if condition is None else mine & condition
    return update((StandingRow, who.person_id, SK), actions, condition, otherwise=otherwise)


def end_at_once(row: StandingRow, session_id: str, *, until: datetime, now: datetime) -> Write:
    """Refuse a session's access tokens from now on; what has died by itself is dropped from the list."""
    ended = {name: end for name, end in (row.ended or {}).items() if end > now.timestamp()}
    ended[session_id] = int(until.timestamp())
    unchanged = (StandingRow.epoch == row.epoch) & (StandingRow.ended == row.ended)
    return update((StandingRow, row.pk, SK), [StandingRow.ended.set(ended)], unchanged, otherwise=Busy(retry_after_s=1))


def next_session_epoch(who: Person, seen: StandingRow, *, otherwise: type[Failure] = Unauthenticated) -> Write:
    """End every session that was begun before."""
    raised = [StandingRow.session_epoch.set(seen.session_epoch + 1)]
    return change(who, raised, StandingRow.session_epoch == seen.session_epoch, otherwise=otherwise)


def freeze(seen: StandingRow, by: str, now: datetime, *, otherwise: type[Failure]) -> Write:
    """Freeze an account that is as it was read, and end every session that was begun before.

    Args:
        seen: as it was read, active or frozen.
        by: who freezes it and why, `OWNER` or `staff:<ground>`.
        now: the time of the request.
        otherwise: raised where it is not what was read.

    Keeps: K6.1
    """
    actions = [
        StandingRow.status.set(FROZEN),
        StandingRow.frozen_by.set(by),
        StandingRow.frozen_at.set(now),
        StandingRow.session_epoch.set(seen.session_epoch + 1),
    ]
    same = (StandingRow.session_epoch == seen.session_epoch) & (StandingRow.status == seen.status)
    unchanged = (StandingRow.epoch == seen.epoch) & same
    return update((StandingRow, seen.pk, SK), actions, unchanged, otherwise=otherwise)


def thaw(seen: StandingRow, *, otherwise: type[Failure]) -> Write:
    """Let an account act again that is frozen by whom it was read; the sessions that the freeze ended stay ended."""
    by = StandingRow.frozen_by
    same = by.does_not_exist() if seen.frozen_by is None else by == seen.frozen_by
    frozen = (StandingRow.epoch == seen.epoch) & (StandingRow.status == FROZEN) & same
    actions = [StandingRow.status.set(ACTIVE), by.remove(), StandingRow.frozen_at.remove()]
    return update((StandingRow, seen.pk, SK), actions, frozen, otherwise=otherwise)
