"""Looks of staff at somebody's account: for a case and a purpose, some minutes long, on record before it is shown."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, cast

import msgspec

from chalicelib.accounts.rules.numbers import mask_mobile
from chalicelib.accounts.service import profile
from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.audit.looks import LookRow, looked
from chalicelib.foundation.audit.reading import about
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, put
from chalicelib.orders.contracts import OrderView
from chalicelib.orders.service.show import latest_orders, show_order

from .. import rules, tables
from ..contracts.looks import (
    Field,
    LookView,
    OpenFields,
    OrderShown,
    OwnLookListView,
    OwnLookView,
    PersonShown,
    RecipientShown,
)
from ..errors import CaseClosed, NotIdentified
from ..tables import CaseRow, GrantRow
from .desk import acting, assigned, person_of_case

ALWAYS_MASKED = ("account.mobile", "account.user_name", "order.recipient", "profile.residence")
_SHOWN = ("account.standing", "order.amount", "order.goods", "order.number", "order.state")
_KEPT = timedelta(minutes=1)


def open_fields(call: Call, case_id: str, command: OpenFields) -> LookView:
    """Open fields of the account of a case to the caller alone, for some minutes.

    Keeps: K4.6, K4.7

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        ApprovalRequired: a field is sensitive or its person under age, and no second person has approved exactly these.
    """
    row, whose = identified(call, case_id)
    approved = _approved(call, row, whose, command=command)
    look_id, until, fields = new_id("lok"), call.now + rules.LOOK_LIFE, sorted(set(command.fields))
    _, pk, sk = tables.grant_key(case_id, call.officer.ref)
    grant = GrantRow(
        pk=pk,
        sk=sk,
        person_id=whose.person_id,
        epoch=whose.epoch,
        fields=set(fields),
        until=until,
        expires_at=until + _KEPT,
    )
    on_record = looked(call, whose.ref, look_id=look_id, case_id=row.pk, actor=acting(call), items=fields, until=until)
    access.commit(call, [put(grant), *approved, *on_record, access.still_there(whose, otherwise=NotFound)])
    return LookView(look_id=look_id, case_id=case_id, fields=fields, until=until)


def show_person(call: Call, case_id: str) -> PersonShown:
    """Show the account and the orders of a case's person: masked, but for what is open to the caller.

    What is shown is on record first; a case about one order shows that order alone. Of somebody under age nothing is
    shown, masked or not, before a second person has approved and something was opened by that.

    Keeps: E2.2, K4.6, K4.7, M2.3

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        ApprovalRequired: they are under age, and nothing was approved and opened to the caller.
    """
    row, whose = identified(call, case_id)
    opened = _open_to(call, case_id)
    if not opened and stage_of(whose.minor, call.now) is not None:
        raise approvals.ApprovalRequired
    on_record = looked(
        call,
        whose.ref,
        look_id=new_id("lok"),
        case_id=row.pk,
        actor=acting(call),
        items=(*_SHOWN, *opened),
        masked=set(ALWAYS_MASKED) - opened,
    )
    access.commit(call, [*on_record, access.still_there(whose, otherwise=NotFound)])
    return _shown(call, row, whose, opened=opened)


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
    used = approvals.use(call, command.approval_id, "look", what=command.fields, subject_id=row.pk)
    told = record(call, "staff:approval:used", reference=whose.ref, subject_id=command.approval_id, actor=acting(call))
    return [*used, told]


def _open_to(call: Call, case_id: str) -> frozenset[str]:
    grant = get(*tables.grant_key(case_id, call.officer.ref))
    return frozenset(grant.fields) if grant is not None and grant.until > call.now else frozenset()


def _shown(call: Call, row: CaseRow, whose: Person, *, opened: frozenset[str]) -> PersonShown:
    theirs = msgspec.structs.replace(call, person=whose)
    account, own = profile.show_account(theirs), profile.show_profile(theirs)
    mobile = profile.mobile_of(whose.person_id) if "account.mobile" in opened else account.mobile
    named, lives_at = account.user_name, own.residence
    return PersonShown(
        case_id=row.pk,
        status=whose.status,
        user_name=named if "account.user_name" in opened else rules.masked(named),
        mobile=mobile or "",
        residence=lives_at if lives_at is None or "profile.residence" in opened else rules.masked(lives_at),
        opened_at=account.opened_at,
        orders=[_order(one, opened) for one in _orders(theirs, row)],
        open=cast("list[Field]", sorted(opened)),
    )


def _orders(theirs: Call, row: CaseRow) -> Iterable[OrderView]:
    """Give the orders that a case is about: one where it names one, else the latest."""
    if row.order_id is not None:
        return [show_order(theirs, row.order_id)]
    return latest_orders(theirs, rules.MOST_ORDERS)


def _order(one: OrderView, opened: frozenset[str]) -> OrderShown:
    to = one.recipient
    whole = "order.recipient" in opened
    return OrderShown(
        order_id=one.order_id,
        state=one.state,
        placed_at=one.placed_at,
        amount=one.amount,
        goods=[f"{line.title} {line.variant_title}" for line in one.lines],
        quantities=[line.quantity for line in one.lines],
        recipient=RecipientShown(
            name=to.name if whole else rules.masked(to.name),
            mobile=to.mobile if whole else mask_mobile(to.mobile),
            address=to.address if whole else rules.masked(to.address),
        ),
    )


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
