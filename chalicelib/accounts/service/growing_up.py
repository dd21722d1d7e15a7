"""Birthdays: a guardian's word lapses by the clock itself; here the person is asked, and what is over is removed."""

from typing import TYPE_CHECKING

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.birthdays import BirthdayRow
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.standing.rows import CLOSING
from chalicelib.foundation.store.write import Write

from ..rules.ages import next_birthday
from ..tables import guardians as tables
from . import ages

if TYPE_CHECKING:
    from ..contracts.guardians import AgeEvent

GROUND = "minor_protection"


def celebrate_birthdays(call: Call, deadline: Deadline) -> int:
    """Look at whoever turned 14 or 18: end what is over, and ask the person themselves; gives how many.

    The powers of guardians were gone with the midnight; nobody waits for this sweep.

    Keeps: M1.2, M2.4
    """
    count = 0
    for row in birthdays.turned(call.now):
        if deadline.passed():
            break
        count += _celebrated(call, row)
    return count


def _celebrated(call: Call, row: BirthdayRow) -> bool:
    who = access.person(row.person_id)
    if who is None or who.status == CLOSING or who.epoch != row.epoch:
        return False
    try:
        access.commit(call, _writes(call, who), legal_ground=GROUND)
    except Busy:
        return False
    return True


def _writes(call: Call, who: Person) -> list[Write]:
    """Give what a birthday changes; where it was moved meanwhile, only the next look."""
    minor, stage = who.minor, stage_of(who.minor, call.now)
    if minor is None:
        return [birthdays.next_birthday(who, None)]
    if stage == "child":
        return [birthdays.next_birthday(who, next_birthday(minor, call.now))]
    over = [row for row in tables.guardians_of(who.person_id) if row.stage != stage]
    event: AgeEvent = "turned_14" if stage == "teen" else "turned_18"
    at = None if stage is None else next_birthday(minor, call.now)
    return [
        *birthdays.grown(who, minor if stage else None, at=at, keep=minor.guarded == stage),
        *(write for row in over for write in tables.drop_guardian(row)),
        record(call, f"system:minor:{event}", reference=who.ref, actor="system"),
        ages.told(call, who, event),
    ]
