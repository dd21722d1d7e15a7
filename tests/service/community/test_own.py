"""One place shows a person their profile, orders and activity, whatever became of each, and nobody else's."""

import base64
from datetime import datetime, timedelta

import pytest

from chalicelib.community.contracts.own import ActivityQuery
from chalicelib.community.rules import State
from chalicelib.community.service import own
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.vault import keyring
from chalicelib.orders.contracts import ListOrders
from chalicelib.orders.service import show
from tests.support.clocks import began
from tests.support.goods import on_sale
from tests.support.lives import make_account
from tests.support.merging import finish, two
from tests.support.pages import page_of, write_comment, write_post
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.trading import Shop

STATES = [State.PENDING, State.REVIEW, State.VISIBLE, State.REFUSED]


@pytest.fixture
def who(shop: Shop, town: Town) -> Someone:
    """Give somebody with an account, once there are a shop and a town."""
    assert town.objects("media") == set()
    return make_account()


def at(minute: int) -> datetime:
    return began() + timedelta(minutes=minute)


@pytest.mark.promise("B5.1")
def test_one_answer_holds_profile_settings_orders_and_activity(shop: Shop, who: Someone):
    other = make_account("+8613900000002", "路人乙")
    orders = [shop.placed(who, on_sale()) for _ in range(2)]
    shop.placed(other, on_sale())
    written = [write_post(who, f"第{n}篇", state, at(n)).pk for n, state in enumerate(STATES)]
    write_post(other, "别人的", State.VISIBLE, at(9))
    seen = page_of(who)
    shown = own.show_own(who.call())
    assert (shown.profile.user_name, shown.visibility) == ("收藏家甲", seen)
    assert [order.order_id for order in shown.orders.data] == orders[::-1]
    assert [one.post_id for one in shown.activity.data] == written[::-1]
    assert [one.state for one in shown.activity.data] == [state.value for state in STATES[::-1]]


@pytest.mark.promise("B5.1")
def test_activity_tells_of_everything_one_wrote_in_every_state(who: Someone):
    other = write_post(make_account("+8613900000002", "路人乙"), "别人的", State.VISIBLE, at(0))
    expected = []
    for number, state in enumerate(STATES):
        post = write_post(who, f"帖子{number}", state, at(2 * number))
        comment = write_comment(who, other.pk, f"评论{number}", state, at(2 * number + 1))
        expected += [("post", post.pk, None, state, f"帖子{number}")]
        expected += [("comment", other.pk, comment.pk, state, f"评论{number}")]
    write_post(who, "正在删除", State.REMOVING, at(20))
    page = own.list_activity(who.call(), ActivityQuery())
    told = [(one.kind, one.post_id, one.comment_id, one.state, one.text) for one in page.data]
    assert told == expected[::-1]
    assert [one.published_at is not None for one in page.data] == [one.state == "visible" for one in page.data]


@pytest.mark.promise("B5.1")
def test_the_first_pages_go_on_in_their_own_lists(shop: Shop, who: Someone):
    for number in range(own.LATEST + 1):
        shop.placed(who, on_sale())
        write_post(who, f"第{number}篇", State.VISIBLE, at(number))
    first = own.show_own(who.call())
    assert (len(first.orders.data), len(first.activity.data)) == (own.LATEST, own.LATEST)
    assert first.orders.next_cursor is not None
    assert first.activity.next_cursor is not None
    assert len(show.list_orders(who.call(), ListOrders(cursor=first.orders.next_cursor)).data) == 1
    rest = own.list_activity(who.call(), ActivityQuery(cursor=first.activity.next_cursor))
    assert ([one.text for one in rest.data], rest.has_more) == (["第0篇"], False)
    cursor = first.activity.next_cursor
    assert who.person_id.encode() not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    stranger = make_account("+8613900000002", "路人乙")
    with pytest.raises(InvalidInput):
        own.list_activity(stranger.call(), ActivityQuery(cursor=cursor))


def test_it_costs_five_reads_besides_standing(shop: Shop, who: Someone, aws_calls):
    shop.placed(who, on_sale())
    write_post(who, "一篇", State.PENDING, at(0))
    call = who.call()
    keyring.fetch(who.keys.values())
    aws_calls.clear()
    own.show_own(call)
    operations = [one.operation for one in aws_calls if one.operation != "Decrypt"]
    assert operations == ["GetItem", "Query", "BatchGetItem", "Query", "BatchGetItem"]


@pytest.mark.promise("B4.4", "B5.1")
def test_after_a_merge_both_accounts_things_are_in_one_place(shop: Shop, town: Town):
    both = two()
    assert town.objects("media") == set()
    order = shop.placed(both.goes, on_sale())
    drafts = [write_post(one, "还没公开", State.PENDING, at(n)).pk for n, one in enumerate(both)]
    shop.act(both.goes, order, "cancel")
    finish(both.merge().request_id)
    shown = own.show_own(both.stays.call())
    assert [one.post_id for one in shown.activity.data] == drafts[::-1]
    assert {one.text for one in shown.activity.data} == {"还没公开"}
    assert [one.order_id for one in shown.orders.data] == [order]
