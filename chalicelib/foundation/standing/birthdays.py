"""What is known of somebody's age, written: standing, and when a sweep is to look at them next."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..kernel.call import Minor, Person
from ..kernel.errors import Busy, ConsentRequired, FieldError
from ..store.attributes import Instant, Integer, Text
from ..store.declare import EPOCH, INDEX, KEY, OnMerge, Personal
from ..store.due import due
from ..store.outbox import shard
from ..store.row import Row, get
from ..store.write import Write, delete, put, update
from .access import SK, change
from .rows import CLOSING, StandingRow

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

BIRTHDAY = "BIRTHDAY"


class BirthdayRow(Row, table="people", kind="birthday"):
    """When a minor turns 14 or 18, whichever is next."""

    on_merge = OnMerge.DROP

    told = False

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    due_shard = Text(INDEX)
    due_at = Instant(INDEX)


def keep_age(who: Person, minor: Minor | None, *, at: datetime | None, ended: Iterable[str] = ()) -> list[Write]:
    """Write what is known of somebody's age now, only while nothing of it moved.

    Args:
        who: as read.
        minor: what is known; None for whoever is of age.
        at: their next birthday.
        ended: purposes that they may not agree to at that age.
    """
    over = [StandingRow.consents.delete(set(ended))] if ended else []
    return [revise(who, [*_age(minor), *over]), next_birthday(who, at)]


def keep_identity(who: Person, minor: Minor | None, purpose: str, *, at: datetime | None) -> list[Write]:
    """Write that somebody's identity is verified, with the age that follows, while they agree to its purpose.

    Keeps: A4.1, M1.2
    """
    revision = StandingRow.revision
    known = [*_age(minor), StandingRow.identified.set(True), revision.set(who.revision + 1)]
    refused = ConsentRequired((FieldError(f"/purposes/{purpose}", "not_agreed"),))
    write = change(who, known, StandingRow.consents.contains(purpose), otherwise=refused)
    due = [next_birthday(who, at)] if minor is not None or who.minor is not None else []
    return [write, *due]


def forget_identity(who: Person) -> Write:
    """Write that somebody's identity is not verified any more; the age that was learned from it stays."""
    return revise(who, [StandingRow.identified.remove()])


def grown(who: Person, minor: Minor | None, *, at: datetime | None, keep: bool) -> list[Write]:
    """Write that somebody turned 14, or 18 (None); what guardians said before goes unless it is to `keep`."""
    if minor is None:
        return keep_age(who, None, at=None)
    over = [] if keep else [StandingRow.guarded.remove(), StandingRow.limited.remove()]
    return [revise(who, over), next_birthday(who, at)]


def keep_guarded(who: Person, guarded: str) -> Write:
    """Write what guardians' answers add up to."""
    value = StandingRow.guarded.set(guarded) if guarded else StandingRow.guarded.remove()
    return revise(who, [value])


def keep_limited(who: Person, purposes: set[str]) -> Write:
    """Write which purposes a guardian closed."""
    value = StandingRow.limited.set(purposes) if purposes else StandingRow.limited.remove()
    return revise(who, [value])


def revise(who: Person, actions: "Sequence[Action]") -> Write:
    """Change what is known of age, guardians or identity; no transaction stands any more on what was read before."""
    revision = StandingRow.revision
    same = revision == who.revision if who.revision else revision.does_not_exist()
    there = (StandingRow.epoch == who.epoch) & (StandingRow.status != CLOSING)
    raised = [*actions, revision.set(who.revision + 1)]
    return update((StandingRow, who.person_id, SK), raised, there & same, otherwise=Busy(retry_after_s=1))


def next_birthday(who: Person, at: datetime | None) -> Write:
    """Have a sweep look at somebody when they turn 14 or 18; not any more where `at` is None."""
    if at is None:
        return delete((BirthdayRow, who.person_id, BIRTHDAY))
    return put(
        BirthdayRow(
            pk=who.person_id,
            sk=BIRTHDAY,
            person_id=who.person_id,
            epoch=who.epoch,
            due_shard=shard(who.person_id),
            due_at=at,
        )
    )


def turned(now: datetime) -> Iterator[BirthdayRow]:
    """Read whose birthday has come."""
    for pk, sk in due("people", now, frozenset({BIRTHDAY})):
        row = get(BirthdayRow, pk, sk)
        if row is not None and row.due_at <= now:
            yield row


def _age(minor: Minor | None) -> "list[Action]":
    row = StandingRow
    if minor is None:
        gone = (row.child_until, row.minor_until, row.age_from, row.guarded, row.limited)
        return [attribute.remove() for attribute in gone]
    return [
        row.child_until.set(minor.child_until),
        row.minor_until.set(minor.minor_until),
        row.age_from.set(minor.told_by),
    ]
