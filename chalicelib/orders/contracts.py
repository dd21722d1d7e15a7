"""Wire shapes of orders, and the message of the warehouse."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from chalicelib.catalog.contracts import Quantity, VariantId
from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.paging import Limit
from chalicelib.foundation.kernel.shapes import Command, Message, View

MOST_LINES = 40
_CONTROL = r"\u0000-\u001f\u007f"
# Something to read, and nothing that no label can carry; `$` alone would let a line break end it.
_PRINTABLE = rf"^[^\S{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*(?!\n)$"
PaymentMethod = Literal["wechatpay"]


class OrderState(StrEnum):
    """Where an order stands."""

    UNPAID = "unpaid"
    CLOSING = "closing"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    PAID = "paid"
    SHIPPED = "shipped"
    RECEIVED = "received"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class Recipient(Command):
    """Whom the goods go to: what delivery needs, and nothing more."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=50, pattern=_PRINTABLE)]
    mobile: Annotated[str, msgspec.Meta(max_length=11, pattern="^1[3-9][0-9]{9}$")]
    address: Annotated[str, msgspec.Meta(min_length=5, max_length=200, pattern=_PRINTABLE)]


class OrderLine(Command):
    """So many of a variant."""

    variant_id: VariantId
    quantity: Quantity


class PlaceOrder(Command):
    """An order. `affirmed` says, where it is for somebody else, that this person agreed to it."""

    lines: Annotated[list[OrderLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    recipient: Recipient
    for_other: bool
    affirmed: bool = False


class PayOrder(Command):
    """The code that `wx.login` has just given the mini-program."""

    code: Annotated[str, msgspec.Meta(min_length=6, max_length=128, pattern="^[0-9A-Za-z_-]+$")]


class ListOrders(Command):
    """Which page of the caller's orders, newest first."""

    limit: Limit = 20
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""


class LineView(View):
    """One line of an order at the price of its day."""

    variant_id: str
    product_id: str
    title: str
    variant_title: str
    quantity: int
    price: Money


class RecipientView(View):
    """Whom the goods go to."""

    name: str
    mobile: str
    address: str


class ShipmentView(View):
    """Who carries the goods, under which number."""

    carrier: str
    tracking_number: str


class StepView(View):
    """When an order came into a state."""

    state: OrderState
    at: datetime


class OrderCard(View):
    """An order in a list. `method` is null until it is paid."""

    order_id: str
    state: OrderState
    placed_at: datetime
    amount: Money
    method: PaymentMethod | None
    lines: list[LineView]


class OrderView(View):
    """An order. A payment can begin until `pay_until`, which is null once the order is paid or closed."""

    order_id: str
    state: OrderState
    placed_at: datetime
    pay_until: datetime | None
    amount: Money
    method: PaymentMethod | None
    lines: list[LineView]
    recipient: RecipientView
    for_other: bool
    shipment: ShipmentView | None
    history: list[StepView]


class WechatPayParams(View, rename="camel"):
    """What the mini-program hands to `wx.requestPayment` as it is."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class NotificationVerdict(View):
    """What WeChat Pay is told when a notification was not taken; it then sends it again."""

    code: Literal["FAIL"]
    message: str


class ShipmentReported(Message):
    """The warehouse has handed an order to a carrier."""

    order_id: Annotated[str, msgspec.Meta(pattern="^ord_[a-z2-7]{26}$", max_length=30)]
    carrier: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_]{2,20}$")]
    tracking_number: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{6,40}$")]
