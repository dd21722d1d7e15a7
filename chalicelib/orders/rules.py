"""Pure decisions of orders: who may move an order where, what it costs, when it is due, whether a payment fits it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from chalicelib.catalog.contracts import Quoted
from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.kernel.money import CURRENCY

from .contracts import OrderLine
from .contracts import OrderState as State
from .errors import AffirmationRequired, AmountTooLarge, LinesRepeated

PAY_WITHIN: Final = timedelta(minutes=30)
LEAST_LEFT: Final = timedelta(minutes=1)
LEFT_ALONE: Final = timedelta(minutes=5)
"""WeChat Pay asks that an order be closed no sooner after it was made: its own copies may not know of it yet."""
OFFER_TAKES: Final = timedelta(minutes=1)
"""Longer than a request may run: what was to announce a payment has reached the provider by then, or never does."""
CONFIRMED_AFTER: Final = timedelta(days=10)
MOST_FEN: Final = 10_000_000_000

Actor = Literal["person", "clock", "provider", "warehouse"]
TRANSITIONS: Final[frozenset[tuple[State, State, Actor]]] = frozenset(
    {
        (State.UNPAID, State.PAID, "provider"),
        (State.UNPAID, State.CLOSING, "person"),
        (State.UNPAID, State.CLOSING, "clock"),
        (State.CLOSING, State.CLOSING, "person"),  # the clock closes it, and now its person wants no goods either
        (State.UNPAID, State.CANCELLED, "person"),  # no payment was ever begun
        (State.UNPAID, State.CLOSED, "clock"),
        (State.CLOSING, State.CANCELLED, "person"),
        (State.CLOSING, State.CLOSED, "clock"),
        (State.CLOSING, State.PAID, "provider"),
        (State.CLOSING, State.REFUNDING, "provider"),  # paid after all, but its person has let it go
        (State.CLOSED, State.PAID, "provider"),  # money came late, and the goods are still there
        (State.CLOSED, State.REFUNDING, "provider"),
        (State.CANCELLED, State.REFUNDING, "provider"),
        (State.PAID, State.SHIPPED, "warehouse"),
        (State.PAID, State.REFUNDING, "person"),
        (State.SHIPPED, State.RECEIVED, "person"),
        (State.SHIPPED, State.RECEIVED, "clock"),
        (State.REFUNDING, State.REFUNDED, "provider"),
    }
)
OPEN: Final = frozenset({State.UNPAID, State.CLOSING, State.PAID, State.SHIPPED, State.REFUNDING})
"""What must be over before the account can be cancelled."""
AWAITING: Final = frozenset({State.UNPAID, State.CLOSING, State.CLOSED, State.CANCELLED})
"""Where the first news of money finds an order."""
COMPLETED: Final = frozenset({State.RECEIVED, State.REFUNDED})
"""From here the years of the law run."""


class Facts(msgspec.Struct, frozen=True):
    """What the payment provider says about a payment, by notification or when asked."""

    mchid: str
    appid: str | None
    out_trade_no: str
    transaction_id: str | None
    amount_fen: int | None
    currency: str | None
    state: str


class MoveForbidden(RuntimeError):
    """A verb tried to move an order where its table of states does not lead: a fault of ours."""


def check_move(before: str, after: State, actor: Actor) -> None:
    """Let an order go only where the table leads.

    Raises:
        MoveForbidden: elsewhere.
    """
    if (State(before), after, actor) not in TRANSITIONS:
        raise MoveForbidden


def due_at(state: State, now: datetime) -> datetime | None:
    """Say when somebody must look at an order that has just come into a state."""
    if state is State.UNPAID:
        return now + PAY_WITHIN
    if state is State.SHIPPED:
        return now + CONFIRMED_AFTER
    return now if state in {State.CLOSING, State.REFUNDING} else None


def pay_until(placed_at: datetime) -> datetime:
    """Say until when a payment may begin; whoever begins last still has a minute to approve it."""
    return placed_at + PAY_WITHIN - LEAST_LEFT


def payable(state: str, placed_at: datetime, now: datetime) -> bool:
    """Say whether there is still time to pay."""
    return state == State.UNPAID and now < pay_until(placed_at)


def closable_at(begun_at: datetime, closing_since: datetime, placed_at: datetime) -> datetime:
    """Say from when a begun payment may be closed at the provider, so that nothing of it can arrive afterwards.

    The last offer was made before the order began to close, and within the time to pay. Closed sooner, the provider
    might not know the payment yet, and learn of it from the offer that is still on its way.
    """
    last_offer_at = min(closing_since, pay_until(placed_at))
    return max(begun_at + LEFT_ALONE, last_offer_at + OFFER_TAKES)


def amount_of(lines: Sequence[Quoted]) -> int:
    """Add up an order, in fen.

    Raises:
        AmountTooLarge: more than one payment may carry.
    """
    amount_fen = sum(line.quantity * line.price_fen for line in lines)
    if amount_fen > MOST_FEN:
        raise AmountTooLarge
    return amount_fen


def refuse_repeated(lines: Sequence[OrderLine]) -> None:
    """Stop an order that lists a variant twice.

    Raises:
        LinesRepeated: names the second.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines):
        if line.variant_id in seen:
            raise LinesRepeated((FieldError(f"/lines/{number}/variant_id", "repeated"),))
        seen.add(line.variant_id)


def refuse_unaffirmed(*, for_other: bool, affirmed: bool) -> None:
    """Stop an order for somebody else without the buyer's word that this person agreed.

    Keeps: D4

    Raises:
        AffirmationRequired: it is missing.
    """
    if for_other and not affirmed:
        raise AffirmationRequired((FieldError("/affirmed", "required"),))


def misfit(told: Facts, *, mchid: str, appid: str, amount_fen: int) -> str:
    """Say, by code, what about a payment does not fit the order; empty when all of it does.

    Keeps: D8.1
    """
    checks = {
        "merchant": told.mchid == mchid,
        "app": told.appid == appid,
        "state": told.state == "SUCCESS",
        "transaction": bool(told.transaction_id),
        "currency": told.currency == CURRENCY,
        "amount": told.amount_fen == amount_fen,
    }
    return next((name for name, fits in checks.items() if not fits), "")
