"""Many hands on the same goods and the same order."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import msgspec
import pytest

from chalicelib.catalog.errors import OutOfStock
from chalicelib.foundation.kernel.errors import Busy, Failure
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.web import idempotency
from chalicelib.orders import errors, tables
from chalicelib.orders.contracts import OrderState, PayOrder, PlaceOrder, ShipmentReported
from chalicelib.orders.service import close, deliver, pay, place
from tests.support.goods import on_sale, stock
from tests.support.people import make_person
from tests.support.trading import order_body, run_sweep, settle, state, stored, system_call

ROUTE = "POST /v1/orders"


def call_of(someone, name: str = "", **changes):
    given = {"route": ROUTE, "purpose": "order.fulfil", "idempotency_key": name or uuid4().hex, "fingerprint": "same"}
    return someone.call(**{**given, **changes})


def body_of(*lines: tuple[str, int]) -> PlaceOrder:
    return msgspec.convert(order_body(*lines), type=PlaceOrder)


def outcome(act) -> str:
    try:
        act()
    except Failure as refused:
        return type(refused).__name__
    return "done"


def together(*acts) -> list[str]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome, acts))


def test_sixty_four_buyers_of_the_last_ten_pieces(cloud):
    """Pitfall 8: oversell (vendure#3508, mall#885)."""
    variant_id, other_id = on_sale(stock=10), on_sale(stock=1000)
    calls = [call_of(make_person()) for _ in range(64)]

    def order(call) -> str:
        for _ in range(20):
            try:
                place.place_order(call, body_of((other_id, 1), (variant_id, 1)))
            except Busy:
                continue
            except OutOfStock:
                return "sold out"
            return "held"
        return "busy"

    with ThreadPoolExecutor(64) as pool:
        ended = list(pool.map(order, calls))
    assert (ended.count("held"), ended.count("sold out")) == (10, 54)
    assert stock(variant_id) == {"available": 0, "held": 10, "sold": 0}
    assert stock(other_id) == {"available": 990, "held": 10, "sold": 0}
    assert len([item for item in cloud.items("trade") if item["kind"]["S"] == "order"]) == 10


def test_one_key_pressed_eight_times_at_once_is_one_order(cloud):
    """Pitfall 10: a retry that orders twice (airline-booking#167)."""
    variant_id, name = on_sale(stock=20), uuid4().hex
    call = call_of(make_person(), name)
    ended = together(*[lambda: place.place_order(call, body_of((variant_id, 2)))] * 8)
    assert sorted(ended) == ["Replayed"] * 7 + ["done"]
    assert stock(variant_id) == {"available": 18, "held": 2, "sold": 0}
    assert len([item for item in cloud.items("trade") if item["kind"]["S"] == "order"]) == 1
    with pytest.raises(idempotency.Replayed) as replayed:
        place.place_order(call, body_of((variant_id, 2)))
    assert idempotency.earlier(call) == replayed.value.resource_id


def test_cancelling_eight_times_at_once_gives_stock_back_once(shop):
    """Pitfall 8: released twice on a retry."""
    buyer, variant_id = make_person(), on_sale(stock=3)
    order_id = shop.placed(buyer, variant_id, 2)
    cancels = [call_of(buyer, route="POST /v1/orders/{order_id}/cancel") for _ in range(8)]
    ended = together(*[lambda c=c: close.cancel_order(c, order_id) for c in cancels])
    assert ended.count("done") >= 1
    assert set(ended) <= {"done", "Replayed", "Busy"}
    assert stock(variant_id) == {"available": 3, "held": 0, "sold": 0}
    assert [step[0] for step in stored(order_id).order.history] == ["unpaid", "cancelled"]


@pytest.mark.parametrize("round_number", range(3))
def test_cancel_against_payment_ends_in_one_of_the_two(shop, round_number):
    """Pitfall 7: refund, cancel and payment against each other."""
    buyer, variant_id = make_person(), on_sale(stock=2)
    order_id = shop.approved(buyer, shop.placed(buyer, variant_id, 2))
    notices = shop.notices(order_id, times=3, repeat="event")
    cancels = [call_of(buyer, route="POST /v1/orders/{order_id}/cancel") for _ in range(3)]
    together(*[lambda n=n: settle(n) for n in notices], *[lambda c=c: close.cancel_order(c, order_id) for c in cancels])
    settle(notices[0])
    assert state(order_id) in {"paid", "refunding"}
    expected = {"paid": {"available": 0, "held": 0, "sold": 2}, "refunding": {"available": 2, "held": 0, "sold": 0}}
    assert stock(variant_id) == expected[state(order_id)]
    assert (stored(order_id).refund is None) == (state(order_id) == "paid")


def test_shipping_against_cancelling_sends_or_refunds_never_both(shop):
    """Pitfall 7: refund against shipment."""
    buyer, variant_id = make_person(), on_sale(stock=2)
    order_id = shop.paid(buyer, variant_id, 2)
    report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
    cancel = call_of(buyer, route="POST /v1/orders/{order_id}/cancel")
    ended = together(
        *[lambda: deliver.record_shipment(system_call(), report)] * 4, lambda: close.cancel_order(cancel, order_id)
    )
    if state(order_id) == "shipped":
        assert stock(variant_id) == {"available": 0, "held": 0, "sold": 2}
        assert ended[-1] == "OrderNotCancellable"
    else:
        assert (state(order_id), stock(variant_id)) == ("refunding", {"available": 2, "held": 0, "sold": 0})
        assert "done" not in ended[:-1]


def test_two_phones_begin_one_payment(shop):
    buyer = make_person()
    order_id = shop.placed(buyer, on_sale())
    route = "POST /v1/orders/{order_id}/payments"
    bodies = [PayOrder(code=shop.providers.login_code()) for _ in range(4)]
    ended = together(*[lambda b=b: pay.begin_payment(call_of(buyer, route=route), order_id, b) for b in bodies])
    assert ended == ["done"] * 4
    assert list(shop.providers.control("GET", "/state")["trades"]) == [order_id]


def test_overlapping_sweeps_close_once(shop, hands):
    buyer, variant_id = make_person(), on_sale(stock=5)
    order_ids = [shop.placed(buyer, variant_id) for _ in range(5)]
    hands.by(minutes=31)
    together(*[run_sweep] * 4)
    assert [state(order_id) for order_id in order_ids] == ["closed"] * 5
    assert stock(variant_id) == {"available": 5, "held": 0, "sold": 0}


def test_a_state_read_before_another_changed_it_moves_nothing(shop):
    buyer, variant_id = make_person(), on_sale(stock=1)
    stale = stored(shop.placed(buyer, variant_id)).order
    shop.act(buyer, stale.pk, "cancel")
    with pytest.raises(errors.OrderMoved):
        commit([tables.move(stale, OrderState.CLOSED, "clock", now=stale.placed_at)])
