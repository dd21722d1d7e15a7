"""A shop in this process: goods, buyers, WeChat's counterparty, and shorthands for what they do with each other."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.web import tokens
from chalicelib.foundation.web.route import Raw
from chalicelib.orders import tables
from chalicelib.orders.service import notify, sweep

from .clocks import Hands
from .counterparties import Counterparties
from .edges import Http, Reply
from .people import Someone

RECIPIENT = {"name": "林小满", "mobile": "13800138000", "address": "上海市徐汇区漕溪北路 595 号 3 幢 1402"}


def system_call(**changes: Any) -> Call:
    """Make a call of nobody's, as provider routes and schedules do."""
    return Call(**{"request_id": new_id("rid"), "now": clock.now(), "purpose": "order.payment", **changes})


def order_body(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    """Write the body of an order."""
    listed = [{"variant_id": variant_id, "quantity": quantity} for variant_id, quantity in lines]
    return {"lines": listed, "recipient": RECIPIENT, "for_other": False, **more}


def key() -> dict[str, str]:
    """Make a fresh idempotency key."""
    return {"Idempotency-Key": uuid4().hex}


def stored(order_id: str) -> tables.Trade:
    """Read an order as it is stored."""
    found = tables.trade(order_id)
    assert found is not None
    return found


def state(order_id: str) -> str:
    """Read an order's state."""
    return stored(order_id).order.state


class Shop:
    """The API, and the other side of it."""

    def __init__(self, http: Http, providers: Counterparties) -> None:
        self.http = http
        self.providers = providers

    def place(self, who: Someone, *lines: tuple[str, int], given: dict[str, str] | None = None, **more: Any) -> Reply:
        """Try to order."""
        return self.http("POST", "/v1/orders", order_body(*lines, **more), who=who, headers=given or key())

    def placed(self, who: Someone, variant_id: str, quantity: int = 1, **more: Any) -> str:
        """Order, and give the order's number."""
        answer = self.place(who, (variant_id, quantity), **more)
        assert answer.status == 201, answer.text
        return str(answer.json["order_id"])

    def act(self, who: Someone, order_id: str, verb: str, given: dict[str, str] | None = None) -> Reply:
        """Cancel, receive, hide or sync."""
        return self.http("POST", f"/v1/orders/{order_id}/{verb}", who=who, headers=given or key())

    def begin(self, who: Someone, order_id: str, payer: str = "payer", given: dict[str, str] | None = None) -> Reply:
        """Begin to pay from a payer's phone."""
        body = {"code": self.providers.login_code(payer)}
        return self.http("POST", f"/v1/orders/{order_id}/payments", body, who=who, headers=given or key())

    def approve(self, order_id: str) -> None:
        """Pay, without the merchant being told."""
        self.providers.control("POST", "/wechatpay/approve", {"number": order_id, "notify": False})

    def approved(self, who: Someone, order_id: str) -> str:
        """Begin and approve a payment that we have not heard of yet."""
        answer = self.begin(who, order_id)
        assert answer.status == 201, answer.text
        self.approve(order_id)
        return order_id

    def notices(self, order_id: str, times: int = 1, repeat: str = "bytes", **more: Any) -> list[Raw]:
        """Have WeChat Pay write notifications, honest unless `tamper` says otherwise."""
        asked = {"number": order_id, "times": times, "repeat": repeat, **more}
        written = self.providers.control("POST", "/wechatpay/compose", asked)
        return [
            Raw({name.lower(): value for name, value in one["headers"].items()}, one["body"].encode())
            for one in written
        ]

    def notify(self, notice: Raw) -> Reply:
        """Hand a notification in over HTTP."""
        return self.http("POST", "/v1/payments/wechat/notifications", raw=notice.body, headers=notice.headers)

    def paid(self, who: Someone, variant_id: str, quantity: int = 1) -> str:
        """Order, pay and settle."""
        order_id = self.approved(who, self.placed(who, variant_id, quantity))
        settle(self.notices(order_id)[0])
        assert state(order_id) == "paid"
        return order_id

    def refunds(self, order_id: str) -> list[dict[str, Any]]:
        """Look at what went back, in the provider's books."""
        trades = self.providers.control("GET", "/state")["trades"]
        return list(trades[order_id]["refunds"]) if order_id in trades else []

    def trade_state(self, order_id: str) -> str | None:
        """Look at how the provider's books have a payment."""
        trade = self.providers.control("GET", "/state")["trades"].get(order_id)
        return None if trade is None else str(trade["state"])


def settle(notice: Raw) -> None:
    """Hand a notification to the verb, as one of many threads may."""
    notify.take_notification(system_call(), notice)


def steps(order_id: str) -> list[str]:
    """Name the states that an order went through."""
    return [step[0] for step in stored(order_id).order.history]


def refund_to_the_end(shop: Shop, order_id: str, hands: Hands) -> None:
    """Have the sweep ask for a refund and finish it, and hold the provider's books against ours."""
    run_sweep()
    assert (state(order_id), len(shop.refunds(order_id))) == ("refunding", 1)
    hands.by(minutes=2)
    wait_for_refund(shop, order_id)
    run_sweep()
    assert state(order_id) == "refunded"
    (refund,) = shop.refunds(order_id)
    found = stored(order_id)
    amount_fen = int(found.order.amount_fen.reveal())
    assert (refund["out_refund_no"], refund["refund"]) == (order_id.replace("ord_", "rfd_"), amount_fen)
    assert found.payment is not None
    assert found.refund is not None
    assert found.order.completed_at == found.payment.completed_at == found.refund.completed_at is not None


def wait_for_refund(shop: Shop, order_id: str) -> None:
    """Wait until the provider has given the money back."""
    until = time.monotonic() + 5
    while shop.refunds(order_id)[0]["status"] != "SUCCESS":
        assert time.monotonic() < until
        time.sleep(0.02)


def run_sweep() -> None:
    """Run the schedule's verb now."""
    sweep.sweep_orders(system_call(purpose=""), Deadline(60))


def renewed(who: Someone) -> Someone:
    """Give a person a new access token, after the clock was moved."""
    claims = tokens.Claims(
        who.person_id, who.session_id, 1, who.keys["main"], clock.now() + timedelta(minutes=10), None, who.keys["trade"]
    )
    return who._replace(token=tokens.issue(claims))


@pytest.fixture
def shop(cloud: Any, http: Http, counterparties: Counterparties) -> Shop:
    """Open the shop over an empty cloud and providers who remember nothing."""
    return Shop(http, counterparties)


def with_fields(call: Call, **changes: Any) -> Call:
    """Change a call as the edge does when it learns more."""
    return msgspec.structs.replace(call, **changes)
