"""What staff decide about a minor in an identified case: between guardians, and on an age that is wrong."""

from datetime import date

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.standing import birthdays
from chalicelib.foundation.standing.minors import DISPUTED, stage_of
from chalicelib.foundation.store.write import Write

from ..errors import AgeSettled, NotUnderAge
from ..rules.ages import minor_born
from ..rules.profile import birth_date_of
from ..tables import disputes
from ..tables import guardians as tables
from . import ages


def decision_writes(call: Call, ward: Person, *, stands: bool) -> list[Write]:
    """Give what settles a disagreement: one side's answers count no more, and stay on record.

    Keeps: M2.2

    Raises:
        NotUnderAge: nobody disagrees about this person now.
    """
    stage = stage_of(ward.minor, call.now)
    if stage is None or ward.minor is None or ward.minor.guarded != DISPUTED:
        raise NotUnderAge
    losing = {"refused", "withdrawn"} if stands else {"agreed"}
    rows = [row for row in tables.guardians_of(ward.person_id) if row.stage == stage and row.answer in losing]
    return [
        birthdays.keep_guarded(ward, stage if stands else ""),
        *(tables.overrule(row, call.now) for row in rows),
        ages.told(call, ward, "guardian_answered"),
    ]


def correction_writes(call: Call, ward: Person, born: date) -> list[Write]:
    """Give what corrects somebody's age on proof that staff have seen; a verified identity outweighs it.

    Keeps: M1.2

    Raises:
        InvalidInput: no possible date.
        AgeSettled: it changes nothing, or the authority has spoken.
    """
    birth_date_of(born, call.now)
    writes = ages.age_writes(call, ward, minor_born(born, "staff"))
    if not writes:
        raise AgeSettled
    return writes


def older_as(call: Call, ward: Person, born: date) -> str:
    """Say what a date of birth makes of somebody whom it makes older: `child`, `teen` or `adult`; else nothing."""
    then = minor_born(born, "staff")
    if ward.minor is None or stage_of(ward.minor, call.now) is None or then.minor_until >= ward.minor.minor_until:
        return ""
    return stage_of(then, call.now) or "adult"


def waiting_disputes(call: Call, deadline: Deadline) -> list[disputes.DisputeRow]:
    """Give the disagreements that have no case yet, as many as there is time for."""
    found = []
    for row in disputes.waiting(call.now):
        if deadline.passed():
            break
        found.append(row)
    return found


def has_case(call: Call, row: disputes.DisputeRow, *, who: Person, case_id: str) -> list[Write]:
    """Note, in the transaction that opens it, that a disagreement has its case."""
    noted = record(call, "system:guardians:case", reference=who.ref, subject_id=case_id, actor="system")
    return [disputes.has_case(row), noted]
