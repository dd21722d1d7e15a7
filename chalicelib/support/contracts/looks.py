"""Wire shapes of looks: what staff see of an account, masked until a look opens it; what the person is told of it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.catalog.contracts import Quantity
from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.shapes import Command, View

Field = Literal["account.mobile", "account.user_name", "profile.residence", "order.recipient"]
"""What of an account is masked, by data item."""


class OpenFields(Command):
    """Open these fields of the account of a case, for some minutes; sensitive ones need a second person's approval."""

    fields: Annotated[list[Field], msgspec.Meta(min_length=1, max_length=4)]
    approval_id: Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)] = ""


class LookView(View):
    """What is open, until when."""

    look_id: str
    case_id: str
    fields: list[Field]
    until: datetime


class RecipientShown(View):
    """Whom an order went to; masked unless opened."""

    name: str
    mobile: str
    address: str


class OrderShown(View):
    """An order, as much of it as a case is about."""

    order_id: str
    state: str
    placed_at: datetime
    amount: Money
    goods: list[str]
    quantities: list[Quantity]
    recipient: RecipientShown


class PersonShown(View):
    """Whose case it is: their account and orders. `open` names the fields that are not masked."""

    case_id: str
    status: str
    user_name: str
    mobile: str
    residence: str | None
    opened_at: datetime
    orders: list[OrderShown]
    open: list[Field]


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
