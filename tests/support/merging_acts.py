"""What somebody with several accounts does with each of them, and what each of them then holds."""

from typing import NamedTuple

import msgspec

from chalicelib.accounts.service.profile import mobile_of
from chalicelib.accounts.tables.sessions import SESSION, SessionRow
from chalicelib.community.contracts import WritePost
from chalicelib.community.service.publishing import write_post
from chalicelib.community.tables import PostRow
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.write import commit, put
from chalicelib.foundation.web import tokens
from chalicelib.orders.contracts import PlaceOrder
from chalicelib.orders.service.close import cancel_order
from chalicelib.orders.service.place import place_order
from chalicelib.orders.tables import OrderRow, PointerRow

from .accounts import new_mobile, new_name
from .lives import make_account
from .people import Someone
from .planted import bare
from .trading import order_body


class Held(NamedTuple):
    """The ids of what accounts hold and can read, each as often as it is there."""

    orders: list[str]
    pointers: list[str]
    posts: list[str]


def account() -> Someone:
    """Open an account under a number and a name of its own."""
    return make_account(f"+86{new_mobile()}", new_name())


def call_of(who: Someone, purpose: str = "rights.answer") -> Call:
    """Make a call of theirs at the time that the product's clock tells, with a key of its own."""
    return who.call(clock.now(), purpose=purpose, route="test", idempotency_key=new_id("key"))


def come_in(who: Someone) -> Someone:
    """Begin a session now, and give them with its token."""
    now, seen, session_id = clock.now(), who.standing(), new_id("ses")
    row = bare(who, SessionRow)
    assert isinstance(row, SessionRow)
    row.pk, row.sk, row.session_epoch, row.started_at = session_id, SESSION, seen.session_epoch, now
    row.expires_at = now + tokens.LIFE
    commit([put(row)])
    claims = tokens.Claims(
        who.person_id, session_id, seen.session_epoch, who.keys["main"], now + tokens.LIFE, now, who.keys["trade"]
    )
    return who._replace(session_id=session_id, token=tokens.issue(claims))


def order(who: Someone, variant_id: str) -> str:
    """Order something, unpaid."""
    body = msgspec.convert(order_body((variant_id, 1)), PlaceOrder)
    return place_order(call_of(who, "order.fulfil"), body).order_id


def cancel(who: Someone, order_id: str) -> None:
    """Cancel an order that was not paid."""
    cancel_order(call_of(who, "order.fulfil"), order_id)


def post(who: Someone) -> str:
    """Write a post."""
    return write_post(call_of(who, "community.publish"), WritePost(text="完成了", affirmed_others=True)).post_id


def holdings(*accounts: Someone) -> Held:
    """Say what accounts hold together, and open whatever is sealed of it."""
    found = Held([], [], [])
    for who in accounts:
        for row in planner.read(planner.traverse(who.person_id, [OrderRow, PointerRow, PostRow])):
            if isinstance(row, OrderRow):
                assert row.goods.reveal()
                found.orders.append(row.pk)
            elif isinstance(row, PointerRow):
                found.pointers.append(row.order_id)
            elif isinstance(row, PostRow):
                assert row.read()
                found.posts.append(row.pk)
    return Held(*map(sorted, found))


def number_of(who: Someone) -> str:
    """Give the number that somebody logs in by."""
    return str(mobile_of(who.person_id)).removeprefix("+86")
