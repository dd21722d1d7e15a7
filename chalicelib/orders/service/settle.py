"""The one way in which a payment settles an order, whoever brings the news: notification, query or sweep."""

from typing import Final, NamedTuple

from chalicelib.catalog.errors import StockMoved
from chalicelib.catalog.service import stock
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.kernel.ids import is_id
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import ConditionFailed, Write

from .. import rules, tables
from ..contracts import OrderState as State
from ..errors import OrderMoved, PaymentMismatch, TransactionUsed
from ..rules import Facts
from .moves import GROUND, TRIES, amount_of, ending_of, moved, wanted_of, whose
from .refund import refund_writes

METHOD: Final = "wechatpay"
SUCCESS: Final = "success"
LATE: Final = "late"


def settle(call: Call, told: Facts, also: tuple[Write, ...] = ()) -> None:
    """Let a payment pay its order, exactly once however often and in whatever order the news comes.

    Money for an order that the clock closed meanwhile buys the goods if they are still there; otherwise, and where
    the person had it closed, it goes back.

    Args:
        call: who brings the news.
        told: what the provider says.
        also: what must be written along with it, such as a notification's nonce.

    Keeps: D8.1

    Raises:
        PaymentMismatch: it does not fit the order; logged, nothing written.
        Busy: the order kept moving.
    """
    give_back = used = False
    for _ in range(TRIES):
        found = _begun(told)
        if told.transaction_id and found.payment.transaction_id == told.transaction_id:
            return
        if used or found.payment.transaction_id:
            raise mismatch(told.out_trade_no, "transaction")
        person = whose(found.order)
        refuse_misfit(told, found.order)
        try:
            writes = _writes(call, found.order, person, give_back=give_back)
            paid = _paid(call, found, told.transaction_id or "")
            access.commit(call, [*paid, *writes, *also], legal_ground=GROUND)
        except StockMoved:
            give_back = True
        except TransactionUsed:
            used = True
        except (OrderMoved, ConditionFailed):
            continue
        else:
            return
    raise Busy(retry_after_s=1)


def refuse_misfit(told: Facts, row: tables.OrderRow) -> None:
    """Stop a payment that is not this order's: another merchant, app, amount, currency or state.

    Keeps: D8.1

    Raises:
        PaymentMismatch: and a line in the log, which raises an alarm.
    """
    setting = config().setting
    why = rules.misfit(
        told, mchid=setting("WECHATPAY_MCHID"), appid=setting("WECHAT_APP_ID"), amount_fen=amount_of(row)
    )
    if why:
        raise mismatch(told.out_trade_no, why)


class _Begun(NamedTuple):
    """An order with a payment that was begun."""

    order: tables.OrderRow
    payment: tables.PaymentRow


def _begun(told: Facts) -> _Begun:
    found = tables.trade(told.out_trade_no) if is_id("ord", told.out_trade_no) else None
    if found is None or found.payment is None:
        raise mismatch(told.out_trade_no, "unknown_order")
    return _Begun(found.order, found.payment)


def mismatch(out_trade_no: str, reason: str) -> PaymentMismatch:
    """Log that the provider's word does not fit an order, which raises an alarm; gives the refusal."""
    known = out_trade_no if is_id("ord", out_trade_no) else "unknown"
    log.event(log.Event.PAYMENT_MISMATCH, order_id=known, reason=reason)
    return PaymentMismatch()


def _paid(call: Call, found: _Begun, transaction_id: str) -> list[Write]:
    """Note the payment itself, and guard its transaction."""
    payment = tables.PaymentRow
    noted = (payment.transaction_id.set(transaction_id), payment.paid_at.set(call.now))
    return [tables.guard(found.order, transaction_id), tables.change(found.payment, SUCCESS, *noted)]


def _writes(call: Call, row: tables.OrderRow, person: Person, *, give_back: bool) -> list[Write]:
    """Move the order and its stock: in time, late with the goods still there, or given back.

    One that was over comes back onto its person's list, where they may have taken it off.

    Raises:
        OrderMoved: the payment was read before somebody settled it, the order after.
    """
    if row.state not in rules.AWAITING:
        raise OrderMoved
    wanted, over = wanted_of(row), row.state in {State.CLOSED, State.CANCELLED}
    after, goods = State.PAID, stock.sell_writes(wanted)
    if row.state == State.CANCELLED or (over and give_back):
        after, goods = State.REFUNDING, []
    elif over:
        goods = stock.sell_again_writes(wanted)
    elif row.state == State.CLOSING and ending_of(row)[0] is State.CANCELLED:
        after, goods = State.REFUNDING, stock.release_writes(wanted)
    method = tables.OrderRow.method.seal({"trade": row.goods.key_id}, METHOD)
    extra = [tables.OrderRow.method.set(method)]
    return [
        *moved(call, row, after, actor="provider", person=person, extra=extra),
        *goods,
        *(refund_writes(call, row, LATE) if after is State.REFUNDING else ()),
        *(tables.relist(row) if over else ()),
    ]
