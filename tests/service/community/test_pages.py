"""A page lists what its owner chose of what everyone may see, page by page, and says nothing of the rest."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.accounts.contracts.visibility import SetVisibility
from chalicelib.community.contracts.pages import ShownQuery
from chalicelib.community.rules import State
from chalicelib.community.service import pages, publishing
from chalicelib.community.tables import remove_comment
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, NotFound
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.vault import keyring
from tests.support.clocks import began
from tests.support.lives import make_account
from tests.support.merging import finish, two
from tests.support.pages import ALL, guest_call, page_of, write_comment, write_post
from tests.support.people import Someone
from tests.support.publishing import Town

HIDDEN = [State.PENDING, State.REVIEW, State.REFUSED, State.REMOVING]


@pytest.fixture
def who(town: Town) -> Someone:
    """Give somebody with an account, once there is a town to be seen in."""
    assert town.objects("media") == set()
    return make_account()


@pytest.fixture
def guest() -> Call:
    return guest_call(began())


def at(minute: int) -> datetime:
    return began() + timedelta(minutes=minute)


def posts(call: Call, public_id: str | None, **asked: Any) -> Page[Any]:
    return pages.list_posts_of(call, str(public_id), ShownQuery(**asked))


def comments(call: Call, public_id: str | None, **asked: Any) -> Page[Any]:
    return pages.list_comments_of(call, str(public_id), ShownQuery(**asked))


@pytest.mark.promise("B5.2", "F3.1")
def test_a_page_lists_what_everyone_may_see_newest_first(who: Someone, guest: Call):
    other = make_account("+8613900000002", "路人乙")
    elsewhere = write_post(other, "别人的", State.VISIBLE, at(0))
    mine = [write_post(who, f"第{n}篇", State.VISIBLE, at(n)).pk for n in range(3)]
    said = [write_comment(who, elsewhere.pk, f"第{n}句", State.VISIBLE, at(n)).pk for n in range(3)]
    for number, state in enumerate(HIDDEN):
        write_post(who, "不可见", state, at(10 + number))
    for number, state in enumerate((State.PENDING, State.REVIEW, State.REFUSED)):
        write_comment(who, elsewhere.pk, "不可见", state, at(10 + number))
    public_id = page_of(who).public_id
    shown = pages.show_page(guest, str(public_id))
    assert (shown.name, shown.badges, shown.posts, shown.comments) == ("收藏家甲", ["member"], True, True)
    listed = posts(guest, public_id)
    assert [post.post_id for post in listed.data] == mine[::-1]
    assert {post.author.public_id for post in listed.data} == {public_id}
    heard = comments(guest, public_id)
    assert [(one.comment_id, one.post_id) for one in heard.data] == [(one, elsewhere.pk) for one in said[::-1]]
    assert [listed.has_more, heard.has_more] == [False, False]


@pytest.mark.promise("B5.2")
@pytest.mark.parametrize("name", ["posts", "comments"])
def test_a_list_that_was_not_chosen_is_not_there(who: Someone, guest: Call, name: str):
    write_post(who, "公开", State.VISIBLE, at(0))
    public_id = page_of(who, SetVisibility(**{name: True})).public_id
    lists = {"posts": posts, "comments": comments}
    lists[name](guest, public_id)
    (absent,) = {*lists} - {name}
    with pytest.raises(NotFound):
        lists[absent](guest, public_id)


@pytest.mark.promise("B5.2")
def test_a_list_is_read_page_by_page_and_its_cursors_say_nothing(who: Someone, guest: Call):
    mine = [write_post(who, f"第{n}篇", State.VISIBLE, at(n)).pk for n in range(5)]
    write_post(who, "不可见", State.PENDING, at(9))
    public_id = page_of(who).public_id
    seen, cursor = [], ""
    while True:
        page = posts(guest, public_id, limit=2, cursor=cursor)
        seen += [post.post_id for post in page.data]
        assert len(page.data) == 2 or not page.has_more, "a short page would tell of something hidden"
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        assert who.person_id.encode() not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert seen == mine[::-1]
    with pytest.raises(InvalidInput):
        comments(guest, public_id, cursor=cursor)
    with pytest.raises(InvalidInput):
        posts(guest, page_of(make_account("+8613900000002", "路人乙")).public_id, cursor=cursor)


@pytest.mark.promise("B5.2", "J3.1")
def test_what_is_removed_leaves_the_page_at_once(who: Someone, guest: Call):
    other = make_account("+8613900000002", "路人乙")
    post, kept = write_post(who, "要删的", State.VISIBLE, at(0)), write_post(other, "留下的", State.VISIBLE, at(0))
    write_comment(who, post.pk, "在要删的下面", State.VISIBLE, at(1))
    second = write_comment(who, kept.pk, "第二句", State.VISIBLE, at(2))
    public_id = page_of(who).public_id
    publishing.remove_post(who.call(), post.pk)
    assert posts(guest, public_id).data == []
    assert [one.comment_id for one in comments(guest, public_id).data] == [second.pk]
    commit([remove_comment(second)])
    assert comments(guest, public_id).data == []


@pytest.mark.promise("B4.4", "B5.2")
def test_what_moves_in_a_merge_is_listed_where_it_went(town: Town, guest: Call):
    both = two()
    theirs, mine = (
        write_post(both.goes, "旧号的", State.VISIBLE, at(0)),
        write_post(both.stays, "新", State.VISIBLE, at(1)),
    )
    public_id = page_of(both.stays).public_id
    request_id = both.merge().request_id
    finish(request_id)
    assert [post.post_id for post in posts(guest, public_id).data] == [mine.pk, theirs.pk]


def test_a_page_costs_three_reads_and_a_list_two_more_and_leaves_no_trace(who: Someone, guest: Call, aws_calls):
    other = write_post(make_account("+8613900000002", "路人乙"), "别人的", State.VISIBLE, at(0))
    for number in range(3):
        write_post(who, f"第{number}篇", State.VISIBLE, at(number))
        write_comment(who, other.pk, f"第{number}句", State.VISIBLE, at(number))
    public_id = str(page_of(who, ALL).public_id)
    side, listed = ["Query", "BatchGetItem", "BatchGetItem"], ["Query", "BatchGetItem"]
    for look, cost in ((pages.show_page, side), (posts, side + listed), (comments, side + listed)):
        keyring.forget()
        aws_calls.clear()
        look(guest, public_id)
        assert [call.operation for call in aws_calls if call.operation != "Decrypt"] == cost
