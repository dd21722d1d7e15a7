"""Looks of staff at somebody's account: for a case and a purpose, some minutes long, on record before it is shown."""

from datetime import timedelta
from typing import Literal, cast

import msgspec

from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.audit.looks import LookRow, looked
from chalicelib.foundation.audit.reading import about
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import FieldError, InvalidInput, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, put

from .. import rules, tables
from ..contracts.looks import LookView, OpenFields, OwnLookListView, OwnLookView, PersonShown
from ..errors import CaseClosed, NotIdentified
from ..tables import CaseRow, GrantRow
from .desk import acting, assigned, person_of_case
from .reading import allow_writes
from .shown import Sight, person_shown

_KEPT = timedelta(minutes=1)


def open_fields(call: Call, case_id: str, command: OpenFields) -> LookView:
    """Open fields of the account of a case to the caller alone, for a named purpose and some minutes.

    Keeps: K4.6, K4.7, M2.3

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        InvalidInput: what was said in a case is opened alone.
        ApprovalRequired: a field is sensitive or its person under age, and no second person has approved exactly these.
    """
    row, whose = identified(call, case_id)
    fields = sorted(set(command.fields))
    if rules.TEXT in fields and len(fields) > 1:
        raise InvalidInput((FieldError("/fields", "alone"),))
    approved = _approved(call, row, whose, command=command)
    text = fields == [rules.TEXT]
    look_id, until = new_id("lok"), call.now + (rules.TEXT_LIFE if text else rules.LOOK_LIFE)
    purpose = command.purpose
    granted = allow_writes(call, row, whose, purpose=purpose) if text else _grant(call, row, whose, command=command)
    on_record = looked(
        msgspec.structs.replace(call, purpose=purpose),
        whose.ref,
        look_id=look_id,
        case_id=row.pk,
        actor=acting(call),
        items=fields,
        until=until,
    )
    access.commit(call, [granted, *approved, *on_record, access.still_there(whose, otherwise=NotFound)])
    return LookView(look_id=look_id, case_id=case_id, fields=fields, purpose=purpose, until=until)


def show_person(call: Call, case_id: str) -> PersonShown:
    """Show the account of a case's person and the order that the case names, masked but for what is open to the caller.

    What is shown is on record first. Other orders show what was opened of them. Of somebody under age nothing is shown
    but what a second person has approved and was opened by that.

    Keeps: E2.2, K4.6, K4.7, M2.3

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        ApprovalRequired: they are under age, and nothing was approved and opened to the caller.
    """
    row, whose = identified(call, case_id)
    grant = _open_to(call, row, whose)
    opened = frozenset(grant.fields) if grant is not None else frozenset[str]()
    under_age = stage_of(whose.minor, call.now) is not None
    if under_age and not opened:
        raise approvals.ApprovalRequired
    whole, part = rules.shown_of(opened, under_age=under_age, names_order=row.order_id is not None)
    purpose = rules.purpose_of(row.topic) if grant is None else grant.purpose
    on_record = looked(
        msgspec.structs.replace(call, purpose=purpose),
        whose.ref,
        look_id=new_id("lok"),
        case_id=row.pk,
        actor=acting(call),
        items=whole,
        masked=part,
    )
    access.commit(call, [*on_record, access.still_there(whose, otherwise=NotFound)])
    return person_shown(call, row, whose, sight=Sight(whole, part, opened))


def list_own_looks(call: Call) -> OwnLookListView:
    """List every look of staff at the caller's data, newest first.

    Keeps: K4.7, J11.2
    """
    rows = [row for row in about(call.who.ref, LookRow.row_kind) if isinstance(row, LookRow)]
    return OwnLookListView(data=[_own_look(row) for row in sorted(rows, key=lambda row: row.at, reverse=True)])


def identified(call: Call, case_id: str) -> tuple[CaseRow, Person]:
    """Read a case of the caller's that is open, with whose it was found to be.

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
    """
    row = assigned(call, case_id)
    if row.state == rules.CLOSED:
        raise CaseClosed
    whose = person_of_case(row)
    if row.state != rules.IDENTIFIED or whose is None:
        raise NotIdentified
    return row, whose


def _approved(call: Call, row: CaseRow, whose: Person, *, command: OpenFields) -> list[Write]:
    """Use a second person's approval up, where what is to be opened needs one; it is on the person's record too.

    Keeps: M2.3
    """
    guarded = stage_of(whose.minor, call.now) is not None
    if not guarded and not any(lookup.item(field).sensitive for field in command.fields):
        return []
    exactly = {*command.fields, command.purpose}
    used = approvals.use(call, command.approval_id, "look", what=exactly, subject_id=row.pk)
    told = record(call, "staff:approval:used", reference=whose.ref, subject_id=command.approval_id, actor=acting(call))
    return [*used, told]


def _grant(call: Call, row: CaseRow, whose: Person, *, command: OpenFields) -> Write:
    _, pk, sk = tables.grant_key(row.pk, call.officer.ref)
    until = call.now + rules.LOOK_LIFE
    grant = GrantRow(
        pk=pk,
        sk=sk,
        person_id=whose.person_id,
        epoch=whose.epoch,
        fields=set(command.fields),
        purpose=command.purpose,
        until=until,
        expires_at=until + _KEPT,
    )
    return put(grant)


def _open_to(call: Call, row: CaseRow, whose: Person) -> GrantRow | None:
    grant = get(*tables.grant_key(row.pk, call.officer.ref))
    if grant is None or grant.until <= call.now or grant.epoch != whose.epoch:
        return None
    return grant


def _own_look(row: LookRow) -> OwnLookView:
    return OwnLookView(
        look_id=row.look_id,
        at=row.at,
        action=cast('Literal["granted", "opened"]', row.action.rpartition(":")[2]),
        role=row.actor.partition(":")[2],
        case_id=row.case_id,
        purpose=row.purpose,
        items=row.items.split(","),
        masked=row.masked.split(",") if row.masked else [],
        until=row.until,
    )
