"""What staff are shown of an account: whole, in part, or not at all, item by item."""

from typing import NamedTuple, cast

import msgspec

from chalicelib.accounts.rules.numbers import mask_mobile
from chalicelib.accounts.service import profile
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.orders.contracts import OrderView
from chalicelib.orders.service.show import latest_orders, show_order

from .. import rules
from ..contracts.looks import Field, OrderShown, PersonShown, RecipientShown
from ..tables import CaseRow


class Sight(NamedTuple):
    """Data items shown whole, data items of which a part is shown, and which of them were opened."""

    whole: frozenset[str]
    part: frozenset[str]
    opened: frozenset[str]

    def of(self, item: str, whole: str | None, part: str | None) -> str | None:
        """Give a value as much of it as is to be seen."""
        return whole if item in self.whole else part if item in self.part else None


def person_shown(call: Call, row: CaseRow, whose: Person, *, sight: Sight) -> PersonShown:
    """Show whose case it is, as far as the caller may see; the look is on record already.

    Keeps: E2.2, K4.6, M2.3
    """
    theirs = msgspec.structs.replace(call, person=whose)
    account, own = profile.show_account(theirs), profile.show_profile(theirs)
    whole_mobile = profile.mobile_of(whose.person_id) if "account.mobile" in sight.whole else None
    lives_at = own.residence
    standing = "account.standing" in sight.whole
    return PersonShown(
        case_id=row.pk,
        status=whose.status if standing else None,
        user_name=sight.of("account.user_name", account.user_name, rules.masked(account.user_name)),
        mobile=sight.of("account.mobile", whole_mobile, account.mobile),
        residence=sight.of("profile.residence", lives_at, None if lives_at is None else rules.masked(lives_at)),
        opened_at=account.opened_at if standing else None,
        orders=[_order(one, sight) for one in _orders(theirs, row, sight)],
        open=cast("list[Field]", sorted(sight.opened)),
        masked=cast("list[Field]", sorted(sight.part)),
    )


def _orders(theirs: Call, row: CaseRow, sight: Sight) -> list[OrderView]:
    """Give the order that a case names, else the latest, where anything of orders is to be seen at all.

    Keeps: E2.2
    """
    if not (sight.whole | sight.part) & {*rules.ORDER_PARTS, "order.recipient"}:
        return []
    if row.order_id is not None:
        return [show_order(theirs, row.order_id)]
    return list(latest_orders(theirs, rules.MOST_ORDERS))


def _order(one: OrderView, sight: Sight) -> OrderShown:
    goods, state = "order.goods" in sight.whole, "order.state" in sight.whole
    return OrderShown(
        order_id=sight.of("order.number", one.order_id, None),
        state=one.state if state else None,
        placed_at=one.placed_at if state else None,
        amount=one.amount if "order.amount" in sight.whole else None,
        goods=[f"{line.title} {line.variant_title}" for line in one.lines] if goods else [],
        quantities=[line.quantity for line in one.lines] if goods else [],
        recipient=_recipient(one, sight),
    )


def _recipient(one: OrderView, sight: Sight) -> RecipientShown | None:
    to = one.recipient
    if "order.recipient" in sight.whole:
        return RecipientShown(name=to.name, mobile=to.mobile, address=to.address)
    if "order.recipient" in sight.part:
        return RecipientShown(
            name=rules.masked(to.name), mobile=mask_mobile(to.mobile), address=rules.masked(to.address)
        )
    return None
