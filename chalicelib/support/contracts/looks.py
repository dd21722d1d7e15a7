"""Wire shapes of looks: what staff see of an account, masked until a look opens it; what the person is told of it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.catalog.contracts import Quantity
from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.shapes import Command, View

Field = Literal[
    "account.mobile",
    "account.standing",
    "account.user_name",
    "order.amount",
    "order.goods",
    "order.number",
    "order.recipient",
    "order.state",
    "profile.residence",
    "support.text",
]
"""What can be opened of an account and its cases, by data item; of somebody under age nothing else is shown."""
LookPurpose = Literal[
    "account.security",
    "account.service",
    "minor.protection",
    "order.fulfil",
    "order.payment",
    "rights.answer",
    "support.case",
]
"""What staff may look for, by purpose of the register."""


class OpenFields(Command):
    """Open these fields of the account of a case for a purpose, for some minutes.

    Sensitive ones, and all of somebody under age, need a second person's approval of these fields and this purpose.
    `support.text`, asked for alone, is what was said in the case; a minor's case may then be read and answered for
    some hours.
    """

    fields: Annotated[list[Field], msgspec.Meta(min_length=1, max_length=9)]
    purpose: LookPurpose
    approval_id: Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)] = ""


class LookView(View):
    """What is open, until when."""

    look_id: str
    case_id: str
    fields: list[Field]
    purpose: LookPurpose
    until: datetime


class RecipientShown(View):
    """Whom an order went to; masked unless opened."""

    name: str
    mobile: str
    address: str


class OrderShown(View):
    """An order, as much of it as a case is about or was opened; null is what was not."""

    order_id: str | None
    state: str | None
    placed_at: datetime | None
    amount: Money | None
    goods: list[str]
    quantities: list[Quantity]
    recipient: RecipientShown | None


class PersonShown(View):
    """Whose case it is: their account, and the order that the case names or what was opened of orders.

    `open` names the fields that were opened; `masked` those of which a part is shown. Null is what is not shown.
    """

    case_id: str
    status: str | None
    user_name: str | None
    mobile: str | None
    residence: str | None
    opened_at: datetime | None
    orders: list[OrderShown]
    open: list[Field]
    masked: list[Field]


class OwnLookView(View):
    """A look of staff at the caller's data: who by role, when, in which case, for what, at which data items."""

    look_id: str
    at: datetime
    action: Literal["granted", "opened"]
    role: str
    case_id: str
    purpose: str
    items: list[str]
    masked: list[str]
    until: datetime | None


class OwnLookListView(View):
    """Every look of staff at the caller's data, newest first."""

    data: list[OwnLookView]
