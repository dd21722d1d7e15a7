"""Guardians who disagree: a case for whoever decides, the decision, and an age that is put right."""

import msgspec

from chalicelib.accounts.service import deciding
from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import ConditionFailed, Write, put_new

from .. import rules, tables
from ..contracts.cases import OpenForCaller
from ..contracts.guardians import CorrectAge, DecideGuardians, GuardedView
from .cases import message, new_case
from .desk import acting
from .looks import identified

GROUND = "minor_protection"
_TEXT = "监护人意见不一：一人同意，另一人拒绝或者撤回。有争议的部分已停用，请个人信息保护负责人处理。"


def open_disputes(call: Call, deadline: Deadline) -> int:
    """Open a case for each disagreement of guardians that has none; gives how many.

    Keeps: M2.2
    """
    count = 0
    for row in deciding.waiting_disputes(call, deadline):
        who = access.person(row.person_id)
        if who is None or who.epoch != row.epoch:
            continue
        case = new_case(call, OpenForCaller(topic="privacy", text=_TEXT), by="staff")
        case.state, case.identified_how = rules.IDENTIFIED, rules.DISPUTE
        case.person_id, case.epoch = who.person_id, who.epoch
        said = message(call, case, _TEXT, keys=who.keys, by="staff")
        writes = [
            put_new(case),
            put_new(said),
            tables.new_entry(case),
            *deciding.has_case(call, row, who=who, case_id=case.pk),
        ]
        try:
            access.commit(call, [*writes, access.still_there(who, otherwise=Busy)], legal_ground=GROUND)
        except (Busy, ConditionFailed):
            continue
        count += 1
    return count


def decide_guardians(call: Call, case_id: str, command: DecideGuardians) -> GuardedView:
    """Decide between guardians who disagree, in the case of the minor.

    Keeps: M2.2

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified: not a case in which anything can be decided by the caller.
        NotUnderAge: nobody disagrees about this person.
        ApprovalRequired: no second person has approved exactly this outcome.
    """
    _, ward = identified(call, case_id)
    writes = deciding.decision_writes(call, ward, stands=command.outcome == "consent_stands")
    writes += _approved(call, ward, "guardians", what=command.outcome, given=(command.approval_id, case_id))
    return _done(call, case_id, ward, verb=f"guardians:{command.outcome}", writes=writes)


def correct_age(call: Call, case_id: str, command: CorrectAge) -> GuardedView:
    """Put somebody's age right, on proof that was seen in their case; the proof itself is not kept.

    Keeps: M1.2

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified: not a case in which anything can be decided by the caller.
        InvalidInput: no possible date.
        AgeSettled: it changes nothing, or the authority has spoken.
        ApprovalRequired: it makes them older, and no second person has approved what they are then.
    """
    _, ward = identified(call, case_id)
    writes = deciding.correction_writes(call, ward, command.birth_date)
    if older := deciding.older_as(call, ward, command.birth_date):
        writes += _approved(call, ward, "age", what=older, given=(command.approval_id, case_id))
    return _done(call, case_id, ward, verb="age:corrected", writes=writes)


def _approved(call: Call, ward: Person, action: str, *, what: str, given: tuple[str, str]) -> list[Write]:
    """Use a second person's approval up; it is on the minor's record too.

    Keeps: M2.5
    """
    approval_id, case_id = given
    used = approvals.use(call, approval_id, action, what=[what], subject_id=case_id)
    told = record(call, "staff:approval:used", reference=ward.ref, subject_id=approval_id, actor=acting(call))
    return [*used, told]


def _done(call: Call, case_id: str, ward: Person, *, verb: str, writes: list[Write]) -> GuardedView:
    on_record = [
        record(call, f"staff:{verb}", reference=ref, subject_id=case_id, actor=acting(call))
        for ref in (ward.ref, call.officer.ref)
    ]
    access.commit(call, [*writes, *on_record])
    now = access.person(ward.person_id)
    minor = None if now is None else now.minor
    return msgspec.convert(
        {
            "case_id": case_id,
            "minor_until": None if minor is None else minor.minor_until,
            "guarded": None if minor is None else minor.guarded or None,
        },
        GuardedView,
    )
