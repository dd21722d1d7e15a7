"""Whatever everybody does in whatever sequence: goods, money and the order's state agree (pitfall 7)."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.errors import ShipmentConflict
from chalicelib.orders.rules import TRANSITIONS
from chalicelib.orders.service import deliver
from tests.support.goods import on_sale, stock
from tests.support.people import make_person
from tests.support.trading import run_sweep, settle, state, stored, system_call

HELD = {"unpaid", "closing"}
SOLD = {"paid", "shipped", "received"}
DEEDS = ("begin", "approve", "notify", "sync", "cancel", "expire", "sweep", "ship", "receive", "provider_down")


class Story:
    """One order and everybody who may do something about it."""

    def __init__(self, shop, hands) -> None:
        self.shop, self.hands = shop, hands
        self.buyer, self.variant_id = make_person(), on_sale(stock=3)
        self.order_id = shop.placed(self.buyer, self.variant_id, 2)

    def do(self, deed: str) -> None:
        getattr(self, f"_{deed}")()

    def _begin(self) -> None:
        self.shop.begin(self.buyer, self.order_id)

    def _approve(self) -> None:
        if self.shop.trade_state(self.order_id) == "NOTPAY":
            self.shop.approve(self.order_id)

    def _notify(self) -> None:
        if self.shop.trade_state(self.order_id) == "SUCCESS":
            settle(self.shop.notices(self.order_id)[0])

    def _sync(self) -> None:
        self.shop.act(self.buyer, self.order_id, "payments/sync")

    def _cancel(self) -> None:
        self.shop.act(self.buyer, self.order_id, "cancel")

    def _expire(self) -> None:
        self.hands.by(minutes=31)
        run_sweep()
        self.hands.by(minutes=-31)

    def _sweep(self) -> None:
        run_sweep()

    def _ship(self) -> None:
        report = ShipmentReported(order_id=self.order_id, carrier="SF", tracking_number="SF1234567890")
        with suppress(ShipmentConflict):
            deliver.record_shipment(system_call(), report)

    def _receive(self) -> None:
        self.shop.act(self.buyer, self.order_id, "receive")

    def _provider_down(self) -> None:
        self.shop.providers.plan("wechatpay.*", "error", times=2)

    def check(self) -> None:
        """Hold goods and history against the state."""
        now = state(self.order_id)
        place = "held" if now in HELD else "sold" if now in SOLD else "available"
        expected = {"available": 1, "held": 0, "sold": 0}
        expected[place] += 2
        assert stock(self.variant_id) == expected
        steps = stored(self.order_id).order.history
        for before, after in pairwise(steps):
            assert (before[0], after[0], after[2]) in TRANSITIONS

    def check_money(self) -> None:
        """Once the news is in, money is with us exactly where goods are sold, or on its way back."""
        self.shop.providers.control("DELETE", "/faults")
        self.hands.by(minutes=40)
        run_sweep()
        run_sweep()
        self.hands.by(minutes=-40)
        self._sync()
        self.check()
        money = self.shop.trade_state(self.order_id)
        if money in {"SUCCESS", "REFUND"}:
            assert state(self.order_id) in SOLD | {"refunding", "refunded"}
            assert bool(self.shop.refunds(self.order_id)) == (state(self.order_id) not in SOLD)
        else:
            assert state(self.order_id) in {"closed", "cancelled"}


def play(shop, hands, deeds: list[str]) -> None:
    story = Story(shop, hands)
    for deed in deeds:
        story.do(deed)
        story.check()
    story.check_money()


@settings(max_examples=12)
@given(deeds=st.lists(st.sampled_from(DEEDS), min_size=3, max_size=8))
def test_goods_money_and_state_agree(shop, hands, deeds):
    play(shop, hands, deeds)


@pytest.mark.soak
@settings(max_examples=400)
@given(deeds=st.lists(st.sampled_from(DEEDS), min_size=3, max_size=14))
def test_goods_money_and_state_agree_over_many_stories(shop, hands, deeds):
    play(shop, hands, deeds)
