from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.catalog.contracts import Quoted
from chalicelib.orders import errors, rules
from chalicelib.orders.contracts import OrderLine, PlaceOrder, Recipient
from chalicelib.orders.contracts import OrderState as State
from chalicelib.orders.rules import TRANSITIONS, Facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACTORS = ("person", "clock", "provider", "warehouse")
PAID = Facts("1900", "wx1", "ord_x", "4200", 23800, "CNY", "SUCCESS")
FITTING = {"mchid": "1900", "appid": "wx1", "amount_fen": 23800}


@given(st.sampled_from(State), st.sampled_from(State), st.sampled_from(ACTORS))
def test_an_order_goes_where_the_table_leads_and_nowhere_else(before, after, actor):
    if (before, after, actor) in TRANSITIONS:
        rules.check_move(before, after, actor)
    else:
        with pytest.raises(rules.MoveForbidden):
            rules.check_move(before, after, actor)


def test_only_the_provider_says_that_money_came_or_went_back():
    """Pitfall 4: trusting the client (mall#613, newbee-mall#100)."""
    assert {actor for _, after, actor in TRANSITIONS if after in {State.PAID, State.REFUNDED}} == {"provider"}


def test_goods_are_sent_only_after_they_are_paid_and_the_end_is_the_end():
    assert {before for before, after, _ in TRANSITIONS if after is State.SHIPPED} == {State.PAID}
    assert not [before for before, _, _ in TRANSITIONS if before in rules.COMPLETED]


class OneOrder(RuleBasedStateMachine):
    """An order under every actor in any order, with the money and goods that its states stand for."""

    def __init__(self):
        super().__init__()
        self.state, self.money, self.goods = State.UNPAID, "none", "held"

    def _may(self, after: State, actor: str) -> bool:
        try:
            rules.check_move(self.state, after, actor)
        except rules.MoveForbidden:
            return False
        return True

    @rule(after=st.sampled_from(State), actor=st.sampled_from(("person", "clock", "warehouse")))
    def somebody_tries(self, after, actor):
        if not self._may(after, actor):
            return
        if after in {State.CLOSED, State.CANCELLED} or (self.state, after) == (State.PAID, State.REFUNDING):
            self.goods = "back"
        if after is State.SHIPPED:
            self.goods = "sent"
        self.state = after

    @precondition(lambda self: self.money == "none")
    @rule(still_there=st.booleans())
    def money_comes(self, still_there):
        if still_there and self._may(State.PAID, "provider"):
            self.state, self.money, self.goods = State.PAID, "ours", "sold"
        elif self._may(State.REFUNDING, "provider"):
            self.state, self.money, self.goods = State.REFUNDING, "ours", "back"

    @rule()
    def money_goes_back(self):
        if self._may(State.REFUNDED, "provider"):
            self.state, self.money = State.REFUNDED, "back"

    @invariant()
    def money_and_goods_are_where_the_state_says(self):
        expected = {
            State.UNPAID: ("none", "held"),
            State.CLOSING: ("none", "held"),
            State.CLOSED: ("none", "back"),
            State.CANCELLED: ("none", "back"),
            State.PAID: ("ours", "sold"),
            State.SHIPPED: ("ours", "sent"),
            State.RECEIVED: ("ours", "sent"),
            State.REFUNDING: ("ours", "back"),
            State.REFUNDED: ("back", "back"),
        }
        assert (self.money, self.goods) == expected[self.state]


class TestOneOrder(OneOrder.TestCase):
    pass


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"mchid": "1901"}, "merchant"),
        ({"appid": "wx2"}, "app"),
        ({"appid": None}, "app"),
        ({"state": "NOTPAY"}, "state"),
        ({"state": "REFUND"}, "state"),
        ({"transaction_id": None}, "transaction"),
        ({"currency": "USD"}, "currency"),
        ({"amount_fen": 23799}, "amount"),
        ({"amount_fen": 23801}, "amount"),
        ({"amount_fen": None}, "amount"),
        ({"amount_fen": 0}, "amount"),
    ],
)
@pytest.mark.promise("D8.1")
def test_a_payment_fits_only_as_a_whole(change, why):
    """Pitfall 4: mall checks the signature and not merchant, app, number, amount, currency and state."""
    assert rules.misfit(msgspec.structs.replace(PAID, **change), **FITTING) == why


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 10_000_000)), min_size=1, max_size=40))
def test_an_amount_is_the_exact_sum_in_fen(lines):
    """Pitfall 13: float money (litemall's ×100 truncation)."""
    quoted = [Quoted("v", "p", "t", "t", quantity, price) for quantity, price in lines]
    expected = sum(quantity * price for quantity, price in lines)
    if expected > rules.MOST_FEN:
        with pytest.raises(errors.AmountTooLarge):
            rules.amount_of(quoted)
    else:
        assert rules.amount_of(quoted) == expected
        assert type(rules.amount_of(quoted)) is int


def test_the_same_variant_twice_is_named():
    lines = [OrderLine(variant_id="var_a", quantity=1), OrderLine(variant_id="var_b", quantity=1)]
    rules.refuse_repeated(lines)
    with pytest.raises(errors.LinesRepeated) as refused:
        rules.refuse_repeated([*lines, lines[0]])
    assert refused.value.errors[0].pointer == "/lines/2/variant_id"


@pytest.mark.promise("D4")
@pytest.mark.parametrize(("for_other", "affirmed", "passes"), [(0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0, 0)])
def test_an_order_for_somebody_else_needs_the_buyers_word(for_other, affirmed, passes):
    if passes:
        rules.refuse_unaffirmed(for_other=bool(for_other), affirmed=bool(affirmed))
    else:
        with pytest.raises(errors.AffirmationRequired):
            rules.refuse_unaffirmed(for_other=bool(for_other), affirmed=bool(affirmed))


CARRIED_BY_NO_LABEL = ["林\x00满", "林小满\n", "上海市\n徐汇区", "\x7f", "     "]


@pytest.mark.parametrize("field", ["name", "address"])
@pytest.mark.parametrize("text", CARRIED_BY_NO_LABEL)
def test_what_no_label_can_carry_is_refused(field, text):
    fields = {"name": "林小满", "mobile": "13800138000", "address": "上海市徐汇区", field: text}
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(fields, type=Recipient)


def test_time_to_pay_ends_a_minute_before_the_order_does():
    assert rules.payable("unpaid", NOW, NOW + timedelta(minutes=28, seconds=59))
    assert not rules.payable("unpaid", NOW, NOW + timedelta(minutes=29))
    assert not rules.payable("closing", NOW, NOW)


@pytest.mark.parametrize(
    ("begun", "closing", "closable"),
    [
        ((0, 10), (1, 0), (5, 10)),  # no sooner than the provider asks
        ((0, 10), (12, 0), (13, 0)),  # an offer may be on its way
        ((0, 10), (30, 0), (30, 0)),  # the last offer was a minute before
        ((28, 50), (30, 0), (33, 50)),
    ],
)
def test_a_payment_is_closed_when_nothing_of_it_can_come_any_more(begun, closing, closable):
    at = [NOW + timedelta(minutes=minutes, seconds=seconds) for minutes, seconds in (begun, closing, closable)]
    assert rules.closable_at(at[0], at[1], NOW) == at[2]


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.UNPAID, timedelta(minutes=30)),
        (State.SHIPPED, timedelta(days=10)),
        (State.CLOSING, timedelta()),
        (State.REFUNDING, timedelta()),
        (State.PAID, None),
        (State.CLOSED, None),
        (State.CANCELLED, None),
    ],
)
def test_what_waits_for_us_is_due(state, after):
    assert rules.due_at(state, NOW) == (None if after is None else NOW + after)


@pytest.mark.promise("D1.1")
def test_an_order_takes_exactly_these_fields():
    whole = {
        "lines": [{"variant_id": "var_" + "a" * 26, "quantity": 1}],
        "recipient": {"name": "林小满", "mobile": "13800138000", "address": "上海市徐汇区"},
        "for_other": False,
    }
    assert msgspec.convert(whole, type=PlaceOrder).affirmed is False
    for name in whole:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({k: v for k, v in whole.items() if k != name}, type=PlaceOrder)
    for name in whole["recipient"]:
        rest = {k: v for k, v in whole["recipient"].items() if k != name}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**whole, "recipient": rest}, type=PlaceOrder)
    for extra in ("id_number", "price_fen", "email"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**whole, extra: "x"}, type=PlaceOrder)
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**whole, "recipient": {**whole["recipient"], extra: "x"}}, type=PlaceOrder)
