"""Money that comes when nobody waits for it any more: found, and given for goods or given back."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.gateways import wechatpay
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store import erase, planner
from tests.support.counterparties import disclosed
from tests.support.goods import stock
from tests.support.people import make_person
from tests.support.torn import torn
from tests.support.trading import refund_to_the_end, renewed, run_sweep, settle, state, steps, stored

FREE = {"available": 2, "held": 0, "sold": 0}
SOLD = {"available": 0, "held": 0, "sold": 2}


def under_way(shop, order_id: str) -> None:
    """Let the provider know nothing of a payment yet: what announced it is still on its way."""
    with shop.providers.world.ledger.writing() as books:
        del books.trades[order_id]


def arrive(shop, order_id: str) -> None:
    """Let what was on its way arrive at the provider, and the payer approve it."""
    wechatpay.prepay(
        out_trade_no=order_id,
        amount_fen=47600,
        openid=stored(order_id).payment.openid.reveal(),
        description="late",
        expires_at=datetime.now(UTC) + timedelta(minutes=30),
        now=datetime.now(UTC),
        under=disclosed("wechatpay", "order.number", "order.amount", "order.payment"),
    )
    shop.approve(order_id)


def paid_after_the_end(shop, order_id: str, ending) -> None:
    """Let a payment arrive at the provider only after we closed, and be paid: this must not be, but might."""
    under_way(shop, order_id)
    ending()
    assert state(order_id) in {"closed", "cancelled"}
    arrive(shop, order_id)
    settle(shop.notices(order_id, tamper={"offset_s": shop.late_s})[0])


@pytest.fixture
def expired(shop, hands):
    """Let the half hour pass and the sweep run."""
    shop.late_s = 31 * 60

    def act():
        hands.by(minutes=31)
        run_sweep()

    return act


def test_late_money_buys_the_goods_if_they_are_still_there(shop, buyer, order_id, variant_id, expired):
    """Pitfall 3: a closed order turned paid though its stock is gone (litemall)."""
    shop.begin(buyer, order_id)
    paid_after_the_end(shop, order_id, expired)
    assert (steps(order_id), stock(variant_id)) == (["unpaid", "closing", "closed", "paid"], SOLD)


@pytest.mark.promise("D9.1")
def test_late_money_goes_back_if_the_goods_are_gone(shop, buyer, order_id, variant_id, expired, hands):
    """Pitfall 3 and 6: one refund, under a number fixed before the first try."""
    shop.begin(buyer, order_id)

    def gone():
        expired()
        shop.placed(renewed(make_person()), variant_id, 1)

    paid_after_the_end(shop, order_id, gone)
    assert (state(order_id), stock(variant_id)) == ("refunding", {"available": 1, "held": 1, "sold": 0})
    refund_to_the_end(shop, order_id, hands)
    assert stock(variant_id) == {"available": 1, "held": 1, "sold": 0}


def test_late_money_for_a_cancelled_order_goes_back(shop, buyer, order_id, variant_id, hands):
    shop.begin(buyer, order_id)
    shop.late_s = 6 * 60

    def cancelled():
        shop.act(buyer, order_id, "cancel")
        hands.by(minutes=6)
        run_sweep()

    paid_after_the_end(shop, order_id, cancelled)
    assert (state(order_id), stock(variant_id)) == ("refunding", FREE)
    refund_to_the_end(shop, order_id, hands)


@pytest.fixture
def cancelled(shop, buyer, order_id, hands):
    """Cancel and close at the provider."""
    shop.late_s = 6 * 60

    def act():
        shop.act(buyer, order_id, "cancel")
        hands.by(minutes=6)
        run_sweep()

    return act


@pytest.mark.promise("D9")
def test_what_was_on_its_way_when_the_order_was_cancelled_is_waited_for(shop, buyer, order_id, variant_id, hands):
    """Pitfall 3: nobody tells of this money; the sweep finds it because the order was not closed too soon."""
    shop.begin(buyer, order_id)
    hands.by(minutes=10)
    shop.begin(buyer, order_id)
    under_way(shop, order_id)
    shop.act(buyer, order_id, "cancel")
    hands.by(seconds=50)
    run_sweep()
    assert state(order_id) == "closing"
    arrive(shop, order_id)
    hands.by(seconds=20)
    run_sweep()
    assert (state(order_id), stock(variant_id)) == ("refunding", FREE)
    refund_to_the_end(shop, order_id, hands)


def test_what_never_arrived_ends_a_minute_after_the_last_offer(shop, buyer, order_id, variant_id, hands):
    shop.begin(buyer, order_id)
    hands.by(minutes=10)
    under_way(shop, order_id)
    shop.act(buyer, order_id, "cancel")
    hands.by(seconds=70)
    run_sweep()
    assert (state(order_id), stock(variant_id)) == ("cancelled", FREE)


@pytest.mark.promise("D8")
def test_asking_finds_late_money_though_the_payment_counts_as_closed(shop, buyer, order_id, cancelled, hands):
    shop.begin(buyer, order_id)
    under_way(shop, order_id)
    cancelled()
    arrive(shop, order_id)
    assert shop.act(renewed(buyer), order_id, "payments/sync").json["state"] == "refunding"
    refund_to_the_end(shop, order_id, hands)


@pytest.mark.parametrize("gone", [False, True])
def test_a_hidden_order_that_money_revives_is_listed_again(shop, buyer, order_id, variant_id, expired, gone):
    shop.begin(buyer, order_id)

    def hidden():
        expired()
        assert shop.act(renewed(buyer), order_id, "hide").status == 200
        assert shop.http("GET", "/v1/orders", who=renewed(buyer)).json["data"] == []
        if gone:
            shop.placed(renewed(make_person()), variant_id, 2)

    paid_after_the_end(shop, order_id, hidden)
    (card,) = shop.http("GET", "/v1/orders", who=renewed(buyer)).json["data"]
    assert (card["order_id"], card["state"]) == (order_id, "refunding" if gone else "paid")


def test_an_order_that_money_revives_while_it_is_being_hidden_stays_listed(shop, buyer, order_id, expired):
    shop.begin(buyer, order_id)
    under_way(shop, order_id)
    expired()

    def revive():
        arrive(shop, order_id)
        settle(shop.notices(order_id, tamper={"offset_s": shop.late_s})[0])

    with torn(revive, first=frozenset({"ORDER", "PAYMENT", "REFUND"})):
        answer = shop.act(renewed(buyer), order_id, "hide")
    assert (answer.status, answer.code) == (409, "orders.not_finished")
    (card,) = shop.http("GET", "/v1/orders", who=renewed(buyer)).json["data"]
    assert (card["order_id"], card["state"]) == (order_id, "paid")


@pytest.mark.promise("J7")
def test_an_account_waits_for_money_as_long_as_the_provider_may_take_some(shop, buyer, order_id, cancelled, hands):
    shop.begin(buyer, order_id)
    under_way(shop, order_id)
    cancelled()
    assert planner.plan(buyer.person_id, clock.now())[1] == ["payment_pending"]
    hands.by(minutes=25)
    assert planner.plan(buyer.person_id, clock.now())[1] == []
    arrive(shop, order_id)
    settle(shop.notices(order_id, tamper={"offset_s": 31 * 60})[0])
    assert planner.plan(buyer.person_id, clock.now())[1] == ["order_open"]
    refund_to_the_end(shop, order_id, hands)
    assert planner.plan(buyer.person_id, clock.now())[1] == []


@pytest.mark.promise("J7", "D9")
def test_an_erasure_does_not_take_an_order_that_money_came_for_since_it_looked(shop, buyer, order_id, cancelled, hands):
    shop.begin(buyer, order_id)
    under_way(shop, order_id)
    cancelled()
    hands.by(minutes=25)
    fates = list(planner.fates(buyer.person_id, clock.now()))
    assert not [fate for fate in fates if fate.blocks]
    arrive(shop, order_id)
    settle(shop.notices(order_id, tamper={"offset_s": 31 * 60})[0])
    taken = set(erase.execute([fate for fate in fates if fate.found.row.table == "trade"], lambda _use, _key: None))
    assert not {fate.found.row.row_kind for fate in taken} & {"order", "payment", "refund"}
    refund_to_the_end(shop, order_id, hands)
