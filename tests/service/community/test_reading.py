"""Everyone reads what passed, under names as they are now, page by page, and leaves no trace."""

import base64
from datetime import UTC, datetime

import pytest

from chalicelib.accounts.tables.profile import PROFILE, ProfileRow
from chalicelib.community.contracts import CommentsQuery, Place, PostsQuery, WriteComment, WritePost
from chalicelib.community.service import publishing, reading
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.foundation.vault import keyring
from tests.support.people import Someone
from tests.support.publishing import Town

PLACE = "community.place"


def write(who: Someone, text: str, district: str = "") -> str:
    place = Place(district=district) if district else None
    given = WritePost(text=text, affirmed_others=True, affirmed_leaving=True, place=place)
    return publishing.write_post(who.call(idempotency_key=new_id("key")), given).post_id


def say(who: Someone, post_id: str, text: str) -> str:
    given = WriteComment(text=text, affirmed_others=True, affirmed_leaving=True)
    return publishing.write_comment(who.call(idempotency_key=new_id("key")), post_id, given).comment_id


@pytest.fixture
def guest(town: Town) -> Call:
    """Give a call nobody is known of, once there is a town to visit."""
    assert town.objects("media") == set()
    return Call(request_id="rid_guest", now=datetime.now(UTC))


@pytest.mark.promise("A1.4")
def test_a_visit_writes_nothing(town: Town, guest: Call, aws_calls):
    who = town.author(consents=[PLACE])
    post_id = write(who, "好", "嘉定区")
    town.settle()
    say(who, post_id, "漂亮")
    town.settle()
    aws_calls.clear()
    page = reading.list_posts(guest, PostsQuery())
    reading.show_post(guest, post_id)
    reading.list_comments(guest, post_id, CommentsQuery())
    assert [post.post_id for post in page.data] == [post_id]
    assert aws_calls
    assert {call.operation for call in aws_calls} <= {"Query", "GetItem", "BatchGetItem", "Decrypt"}


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize("status", [CLOSING, FROZEN])
def test_nothing_is_shown_of_an_author_who_may_not_act(town: Town, guest: Call, status: str):
    going, staying = town.author("要走的人"), town.author("留下的人")
    theirs, mine = write(going, "再见"), write(staying, "你好")
    town.settle()
    say(going, mine, "再会")
    comment_id = say(staying, mine, "谢谢")
    town.settle()
    commit([update(going.standing(), [StandingRow.status.set(status)])])
    assert [post.post_id for post in reading.list_posts(guest, PostsQuery()).data] == [mine]
    assert [one.comment_id for one in reading.list_comments(guest, mine, CommentsQuery()).data] == [comment_id]
    with pytest.raises(NotFound):
        reading.show_post(guest, theirs)


def test_a_list_of_many_authors_and_places_costs_four_reads(town: Town, guest: Call, aws_calls):
    authors = [town.author(f"作者{n}", consents=[PLACE]) for n in range(4)]
    for number, who in enumerate(authors):
        write(who, f"第{number}篇", "嘉定区")
    town.settle()
    keyring.forget()
    reading.list_posts(guest, PostsQuery())
    keyring.forget()
    aws_calls.clear()
    page = reading.list_posts(guest, PostsQuery())
    assert {(post.author.name, post.place.district) for post in page.data} == {(f"作者{n}", "嘉定区") for n in range(4)}
    assert [call.operation for call in aws_calls] == ["Query", "BatchGetItem", "BatchGetItem"]


def test_pages_follow_each_other_newest_first_without_gap_or_repeat(town: Town, guest: Call):
    who = town.author()
    ids = []
    for number in range(7):
        ids.append(write(who, f"第{number}篇"))
        town.pump("community")
    seen, cursor = [], ""
    for _ in range(5):
        page = reading.list_posts(guest, PostsQuery(limit=3, cursor=cursor))
        seen += [post.post_id for post in page.data]
        assert page.has_more == (page.next_cursor is not None)
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == ids[::-1]


@pytest.mark.promise("A1.2", "F2.1")
def test_comments_follow_each_other_oldest_first(town: Town, guest: Call):
    who, other = town.author(), town.author("另一位")
    post_id = write(who, "好")
    town.pump("community")
    ids = []
    for number in range(5):
        ids.append(say(other, post_id, f"第{number}条"))
        town.pump("community")
    first = reading.list_comments(guest, post_id, CommentsQuery(limit=3))
    assert first.next_cursor is not None
    second = reading.list_comments(guest, post_id, CommentsQuery(limit=3, cursor=first.next_cursor))
    assert [c.comment_id for c in [*first.data, *second.data]] == ids
    assert {c.author.name for c in first.data} == {"另一位"}


def test_a_cursor_works_for_its_own_list_only_and_unaltered(town: Town, guest: Call):
    who = town.author()
    posts = []
    for number in range(3):
        posts.append(write(who, f"第{number}篇"))
        town.pump("community")
    for number in range(3):
        say(who, posts[0], f"第{number}条")
        town.pump("community")
    cursor = reading.list_posts(guest, PostsQuery(limit=1)).next_cursor
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = base64.urlsafe_b64encode(raw.replace(b'"POST"', b'"COMM"')).decode()
    for bad in (forged, cursor[:-2], cursor[1:], "x", "é", "=" * 40):
        with pytest.raises(InvalidInput):
            reading.list_posts(guest, PostsQuery(cursor=bad))
    with pytest.raises(InvalidInput):
        reading.list_comments(guest, posts[0], CommentsQuery(cursor=cursor))
    of_comments = reading.list_comments(guest, posts[0], CommentsQuery(limit=1)).next_cursor
    assert of_comments is not None
    with pytest.raises(InvalidInput):
        reading.list_comments(guest, posts[1], CommentsQuery(cursor=of_comments))


def test_names_are_as_they_are_now(town: Town, guest: Call):
    who = town.author("旧名字")
    post_id = write(who, "好")
    town.settle()
    renamed = ProfileRow.nickname.seal(who.keys, "新名字")
    commit([update((ProfileRow, who.person_id, PROFILE), [ProfileRow.nickname.set(renamed)])])
    assert reading.show_post(guest, post_id).author.name == "新名字"


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize("gone", ["profile", "key"])
def test_nothing_is_shown_of_an_author_who_is_going(town: Town, guest: Call, gone: str):
    who, stays = town.author(), town.author("留下的人")
    theirs, post_id = write(who, "好"), write(stays, "好")
    town.settle()
    say(who, post_id, "漂亮")
    town.settle()
    if gone == "profile":
        commit([delete((ProfileRow, who.person_id, PROFILE))])
    else:
        commit([destroy_key(who.keys["main"])])
        keyring.forget()
    assert [post.post_id for post in reading.list_posts(guest, PostsQuery()).data] == [post_id]
    assert reading.list_comments(guest, post_id, CommentsQuery()).data == []
    with pytest.raises(NotFound):
        reading.show_post(guest, theirs)


def test_comments_vanish_with_the_post_they_are_on(town: Town, guest: Call):
    who, other = town.author(), town.author("另一位")
    post_id = write(who, "好")
    town.settle()
    comment_id = say(other, post_id, "漂亮")
    town.settle()
    publishing.remove_post(who.call(), post_id)
    with pytest.raises(NotFound):
        reading.list_comments(guest, post_id, CommentsQuery())
    assert publishing.own_comment(other.call(), comment_id).text == "漂亮"


def test_a_removed_comment_is_in_no_list(town: Town, guest: Call):
    who = town.author()
    post_id = write(who, "好")
    town.settle()
    comment_id = say(who, post_id, "漂亮")
    town.settle()
    assert len(reading.list_comments(guest, post_id, CommentsQuery()).data) == 1
    publishing.remove_comment(who.call(), comment_id)
    assert reading.list_comments(guest, post_id, CommentsQuery()).data == []


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("text", ["低价代开发票", "喜欢的加微信转账"])
def test_what_did_not_pass_is_not_there_for_anyone(town: Town, guest: Call, text: str):
    post_id = write(town.author(), text)
    for _ in range(2):
        with pytest.raises(NotFound):
            reading.show_post(guest, post_id)
        with pytest.raises(NotFound):
            reading.list_comments(guest, post_id, CommentsQuery())
        assert reading.list_posts(guest, PostsQuery()).data == []
        town.settle()
