"""Processes that die at any call to AWS, before it or after it took effect; then somebody tries again."""

from collections.abc import Callable

import msgspec
import pytest

from chalicelib.foundation.gateways.errors import CodeInvalid
from chalicelib.foundation.web import idempotency
from chalicelib.orders.contracts import PayOrder, PlaceOrder, ShipmentReported
from chalicelib.orders.service import close, deliver, pay, place
from tests.support.goods import on_sale, stock
from tests.support.killing import MOMENTS, Killed, killed_at
from tests.support.people import make_person
from tests.support.trading import order_body, run_sweep, settle, state, stored, system_call

MOST_CALLS = 40


def call_of(someone, verb: str, name: str):
    route = "POST /v1/orders" + (f"/{{order_id}}/{verb}" if verb else "")
    return someone.call(purpose="order.fulfil", route=route, idempotency_key=name, fingerprint="same")


def each_death(moment: str, begin: Callable[[str], Callable[[], None]]) -> int:
    """Run what `begin` prepares once for each of its calls, dying there; it is called with a name of the round."""
    for number in range(1, MOST_CALLS):
        act = begin(f"{moment}-{number}-of-many")
        with killed_at(number, moment) as reached:
            try:
                act()
            except Killed:
                died = True
            else:
                died = False
        act()
        if not died:
            assert not reached()
            return number - 1
    raise AssertionError(MOST_CALLS)


def unless_replayed(act: Callable[[], object]) -> None:
    try:
        act()
    except idempotency.Replayed:
        return


@pytest.mark.parametrize("moment", MOMENTS)
def test_placing(shop, cloud, buyer, moment):
    variant_id, rounds = on_sale(stock=100), []

    def begin(name: str) -> Callable[[], None]:
        rounds.append(name)
        call = call_of(buyer, "", name)
        body = msgspec.convert(order_body((variant_id, 2)), type=PlaceOrder)
        return lambda: unless_replayed(lambda: place.place_order(call, body))

    assert each_death(moment, begin) >= 2
    assert stock(variant_id) == {"available": 100 - 2 * len(rounds), "held": 2 * len(rounds), "sold": 0}
    kinds = [item["kind"]["S"] for item in cloud.items("trade")]
    assert (kinds.count("order"), kinds.count("order_pointer")) == (len(rounds), len(rounds))


def begin_or_go_on(call, order_id: str, body: PayOrder) -> None:
    try:
        pay.begin_payment(call, order_id, body)
    except idempotency.Replayed:
        pay.offer_payment(call, order_id)


@pytest.mark.parametrize("moment", MOMENTS)
def test_beginning_to_pay(shop, buyer, moment):
    order_ids = []

    def begin(name: str) -> Callable[[], None]:
        order_id = shop.placed(buyer, on_sale())
        order_ids.append(order_id)
        call, body = call_of(buyer, "payments", name), PayOrder(code=shop.providers.login_code())
        fresh, other = call_of(buyer, "payments", f"{name}-again"), PayOrder(code=shop.providers.login_code())

        def act() -> None:
            """Try; where WeChat has taken the code, try with a new one under a new key, as a client does."""
            try:
                begin_or_go_on(call, order_id, body)
            except CodeInvalid:
                begin_or_go_on(fresh, order_id, other)

        return act

    assert each_death(moment, begin) >= 3
    for order_id in order_ids:
        assert shop.trade_state(order_id) == "NOTPAY"
        assert stored(order_id).payment.openid.reveal() == shop.providers.openid()


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("moment", MOMENTS)
def test_settling(shop, cloud, buyer, moment):
    variant_id, rounds = on_sale(stock=100), []

    def begin(_: str) -> Callable[[], None]:
        order_id = shop.approved(buyer, shop.placed(buyer, variant_id, 2))
        rounds.append(order_id)
        notice = shop.notices(order_id)[0]
        return lambda: settle(notice)

    assert each_death(moment, begin) >= 3
    assert [state(order_id) for order_id in rounds] == ["paid"] * len(rounds)
    assert stock(variant_id) == {"available": 100 - 2 * len(rounds), "held": 0, "sold": 2 * len(rounds)}
    assert sum("order_paid" in item["body"]["S"] for item in cloud.items("outbox")) == len(rounds)


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancelling_a_begun_payment(shop, moment, hands):
    variant_id, rounds = on_sale(stock=100), []

    def begin(name: str) -> Callable[[], None]:
        buyer = make_person()  # a person may begin twenty payments a minute
        order_id = shop.placed(buyer, variant_id, 2)
        shop.begin(buyer, order_id)
        rounds.append(order_id)
        call = call_of(buyer, "cancel", name)

        def act() -> None:
            unless_replayed(lambda: close.cancel_order(call, order_id))
            late_sweep(hands, minutes=6)

        return act

    assert each_death(moment, begin) >= 6
    late_sweep(hands, minutes=6)
    assert [state(order_id) for order_id in rounds] == ["cancelled"] * len(rounds)
    assert stock(variant_id) == {"available": 100, "held": 0, "sold": 0}
    assert {shop.trade_state(order_id) for order_id in rounds} == {"CLOSED"}


@pytest.mark.parametrize("moment", MOMENTS)
def test_sweeping(shop, moment, hands):
    variant_id, rounds = on_sale(stock=100), []

    def begin(_: str) -> Callable[[], None]:
        buyer = make_person()
        rounds.extend(shop.placed(buyer, variant_id) for _ in range(2))
        shop.begin(buyer, rounds[-1])
        return lambda: late_sweep(hands)

    assert each_death(moment, begin) >= 6
    late_sweep(hands)
    assert [state(order_id) for order_id in rounds] == ["closed"] * len(rounds)
    assert stock(variant_id) == {"available": 100, "held": 0, "sold": 0}


def late_sweep(hands, minutes: int = 31) -> None:
    """Sweep as if half an hour were over, and come back to the present."""
    hands.by(minutes=minutes)
    try:
        run_sweep()
    finally:
        hands.by(minutes=-minutes)


@pytest.mark.parametrize("moment", MOMENTS)
def test_shipping_and_receiving(shop, cloud, buyer, moment):
    rounds = []

    def begin(name: str) -> Callable[[], None]:
        order_id = shop.paid(buyer, on_sale())
        rounds.append(order_id)
        report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
        call = call_of(buyer, "receive", name)

        def act() -> None:
            deliver.record_shipment(system_call(), report)
            unless_replayed(lambda: deliver.receive_order(call, order_id))

        return act

    assert each_death(moment, begin) >= 6
    for order_id in rounds:
        found = stored(order_id)
        assert [step[0] for step in found.order.history] == ["unpaid", "paid", "shipped", "received"]
        assert found.payment.completed_at is not None


@pytest.mark.promise("D9.1")
@pytest.mark.parametrize("moment", MOMENTS)
def test_refunding(shop, buyer, moment):
    variant_id, rounds = on_sale(stock=100), []

    def begin(name: str) -> Callable[[], None]:
        order_id = shop.paid(buyer, variant_id)
        rounds.append(order_id)
        call = call_of(buyer, "cancel", name)

        def act() -> None:
            unless_replayed(lambda: close.cancel_order(call, order_id))
            run_sweep()

        return act

    assert each_death(moment, begin) >= 6
    assert {len(shop.refunds(order_id)) for order_id in rounds} == {1}
    assert stock(variant_id) == {"available": 100, "held": 0, "sold": 0}
