"""Orders and their payment over HTTP."""

from typing import Any

from chalicelib.catalog.errors import NeedsMore, OutOfStock, VariantUnknown
from chalicelib.foundation.gateways.errors import (
    CodeInvalid,
    NotificationForged,
    NotificationKeyUnknown,
    NotificationLate,
    NotificationMalformed,
    ProviderRefused,
    ProviderUnavailable,
    UserBlocked,
)
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Failure, InvalidInput
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.problem import STATUS
from chalicelib.foundation.web.route import Raw, Who

from .contracts import (
    ListOrders,
    NotificationVerdict,
    OrderCard,
    OrderView,
    PayOrder,
    PlaceOrder,
    WechatPayParams,
)
from .errors import (
    AffirmationRequired,
    AmountTooLarge,
    LinesRepeated,
    NotificationReplayed,
    OrderNotCancellable,
    OrderNotFinished,
    OrderNotPayable,
    OrderNotReceivable,
    PayerDiffers,
    PaymentMismatch,
)
from .service import close, deliver, notify, pay, place, show

FULFIL, PAYMENT = "order.fulfil", "order.payment"
_PROVIDER = (ProviderUnavailable, ProviderRefused)
_FORGERIES = (NotificationForged, NotificationKeyUnknown, NotificationLate, NotificationMalformed)
_DEED: dict[str, Any] = {
    "who": Who.PERSON,
    "purpose": FULFIL,
    "returns": OrderView,
    "idempotent": True,
    "replay": show.show_order,
    "with_key": "both",
    "of_right": True,
}
api = Api(__name__)


@api.post(
    "/v1/orders",
    who=Who.PERSON,
    purpose=FULFIL,
    body=PlaceOrder,
    returns=OrderView,
    status=201,
    errors=(AffirmationRequired, LinesRepeated, AmountTooLarge, VariantUnknown, NeedsMore, OutOfStock),
    idempotent=True,
    replay=show.show_order,
    place="/v1/orders/{0.order_id}",
    with_key="both",
    limits=(Limit("order", 30, 60, per="person"),),
)
def place_order(call: Call, body: PlaceOrder) -> OrderView:
    """Place an order."""
    return place.place_order(call, body)


@api.get(
    "/v1/orders",
    who=Who.PERSON,
    purpose=FULFIL,
    query=ListOrders,
    returns=Page[OrderCard],
    errors=(InvalidInput,),
    with_key="trade",
)
def list_orders(call: Call, asked: ListOrders) -> Page[OrderCard]:
    """List one's orders, newest first."""
    return show.list_orders(call, asked)


@api.get("/v1/orders/{order_id}", who=Who.PERSON, purpose=FULFIL, returns=OrderView, with_key="both")
def show_order(call: Call, order_id: str) -> OrderView:
    """Show one of one's orders."""
    return show.show_order(call, order_id)


@api.post(
    "/v1/orders/{order_id}/payments",
    who=Who.PERSON,
    purpose=PAYMENT,
    body=PayOrder,
    returns=WechatPayParams,
    status=201,
    errors=(OrderNotPayable, PayerDiffers, CodeInvalid, UserBlocked, *_PROVIDER),
    idempotent=True,
    replay=pay.offer_payment,
    with_key="both",
    limits=(Limit("payment", 20, 60, per="person"),),
)
def begin_payment(call: Call, order_id: str, body: PayOrder) -> WechatPayParams:
    """Begin to pay an order with WeChat Pay."""
    return pay.begin_payment(call, order_id, body)


@api.post(
    "/v1/orders/{order_id}/payments/sync",
    who=Who.PERSON,
    purpose=PAYMENT,
    returns=OrderView,
    errors=(PaymentMismatch, *_PROVIDER),
    with_key="both",
    of_right=True,
    limits=(Limit("payment-sync", 30, 60, per="person"),),
)
def sync_payment(call: Call, order_id: str) -> OrderView:
    """Have us ask WeChat Pay whether an order is paid."""
    return pay.sync_payment(call, order_id)


@api.post("/v1/orders/{order_id}/cancel", errors=(OrderNotCancellable,), **_DEED)
def cancel_order(call: Call, order_id: str) -> OrderView:
    """Cancel an order that was not sent yet."""
    return close.cancel_order(call, order_id)


@api.post("/v1/orders/{order_id}/receive", errors=(OrderNotReceivable,), **_DEED)
def receive_order(call: Call, order_id: str) -> OrderView:
    """Confirm that the goods have arrived."""
    return deliver.receive_order(call, order_id)


@api.post("/v1/orders/{order_id}/hide", errors=(OrderNotFinished,), **_DEED)
def hide_order(call: Call, order_id: str) -> OrderView:
    """Take an order that is over off one's list."""
    return show.hide_order(call, order_id)


@api.post(
    "/v1/payments/wechat/notifications",
    who=Who.PROVIDER,
    purpose=PAYMENT,
    returns=None,
    status=204,
    errors=(*_FORGERIES, NotificationReplayed, PaymentMismatch),
    refuses=NotificationVerdict,
)
def take_notification(call: Call, raw: Raw) -> Answer:
    """Take a notification of WeChat Pay, which sends it again until it is taken."""
    try:
        notify.take_notification(call, raw)
    except Failure as failure:
        verdict = NotificationVerdict(code="FAIL", message=failure.code)
        return Answer(verdict, status=STATUS[failure.kind], code=failure.code)
    return Answer()
