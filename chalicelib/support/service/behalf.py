"""Doing in somebody's name what they ask for: only in a case in which they proved who they are, and on its record."""

from typing import Final, Literal

import msgspec

from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write
from chalicelib.notifications.contracts import CaseTemplate, DoneInCase

from .. import rules
from ..contracts.behalf import InTheirName
from ..errors import NotIdentified
from ..tables import CaseRow
from .cases import message, one_more
from .desk import acting
from .looks import identified

Verb = Literal["copy", "correct", "withdraw", "preview", "cancel"]
_TOLD: Final[dict[str, CaseTemplate]] = {
    "copy": "case_copy",
    "correct": "case_corrected",
    "withdraw": "case_withdrawn",
}


def acting_for(call: Call, case_id: str, command: InTheirName, *, verb: Verb) -> Call:
    """Give the call in which customer service acts for the person of a case, also while they are frozen.

    What they asked for, what was done and by which role stand in one transaction with the act itself, and so does the
    approval that it uses up.

    Keeps: E1.1, K4.7, K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed: not a case in which the caller can do anything.
        NotIdentified: who asks was not checked; a session alone checks nobody whose account is frozen.
        ApprovalRequired: it takes a second person, and none has approved exactly this.
        CaseFull: it takes no more.
    """
    row, whose = proved(call, case_id)
    said = message(call, row, rules.in_their_name(verb, command.wish), keys=whose.keys, by="staff")
    with_it = [
        *one_more(row, said),
        *_on_record(call, row, whose, verb=verb),
        *_approved(call, row, whose, command=command, verb=verb),
    ]
    if verb in _TOLD:
        with_it.append(announce(call, "notices", DoneInCase(template=_TOLD[verb], subject_id=row.pk), person=whose))
    return msgspec.structs.replace(
        call,
        person=msgspec.structs.replace(whose, spoken_for=True),
        of_right=True,
        acting=acting(call),
        also=tuple(with_it),
        idempotency_key=new_id("idk"),
    )


def proved(call: Call, case_id: str) -> tuple[CaseRow, Person]:
    """Read a case of the caller's whose person proved who they are, and may still be served.

    Raises:
        NotFound, NotAssigned, CaseClosed: not a case in which the caller can do anything.
        NotIdentified: nobody was checked in it, or by a session alone whose account is frozen.
    """
    row, whose = identified(call, case_id)
    if whose.status not in {ACTIVE, FROZEN}:
        raise NotFound
    if row.identified_how not in rules.PROVES[whose.status]:
        raise NotIdentified
    return row, whose


def _approved(call: Call, row: CaseRow, whose: Person, *, command: InTheirName, verb: Verb) -> list[Write]:
    """Use a second person's approval up: for whoever is under age, and for what can't be undone.

    Keeps: M2.3
    """
    if stage_of(whose.minor, call.now) is None and verb not in rules.FOR_GOOD:
        return []
    used = approvals.use(call, command.approval_id, "right", what=[verb], subject_id=row.pk)
    told = record(call, "staff:approval:used", reference=whose.ref, subject_id=command.approval_id, actor=acting(call))
    return [*used, told]


def _on_record(call: Call, row: CaseRow, whose: Person, *, verb: Verb) -> list[Write]:
    return [
        record(call, f"staff:right:{verb}", reference=ref, subject_id=row.pk, actor=acting(call))
        for ref in (whose.ref, call.officer.ref)
    ]
