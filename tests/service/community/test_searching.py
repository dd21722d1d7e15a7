"""What everyone may see is found by its words, and what they may not is found by nobody."""

import contextlib
from datetime import UTC, datetime

import pytest

from chalicelib.community import rules
from chalicelib.community.contracts import PostsQuery, WritePost
from chalicelib.community.service import publishing, reading, searching
from chalicelib.community.tables import PostWordRow, postings
from chalicelib.foundation.gateways import objects
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.erase import execute
from chalicelib.foundation.store.planner import fates, told
from tests.support.killing import Killed, changes_something, killed_at
from tests.support.people import Someone
from tests.support.publishing import Town

BLOCKED = "低价代开发票"


def write(town: Town, who: Someone, text: str) -> str:
    given = WritePost(text=text, affirmed_others=True)
    post_id = publishing.write_post(who.call(idempotency_key=new_id("key")), given).post_id
    town.settle()
    return post_id


def search(words: str, **more: object) -> list[str]:
    found = reading.list_posts(Call(request_id="rid_guest", now=datetime.now(UTC)), PostsQuery(q=words, **more))
    return [post.post_id for post in found.data]


def words_in(town: Town) -> list[dict]:
    return [item for item in town.cloud.items("community") if item["kind"]["S"] == "post_word"]


def test_a_post_is_found_by_every_word_of_its_own_in_any_width_and_case(town: Town):
    who = town.author()
    nu, zaku = write(town, who, "RG 1/144 牛高达完成了"), write(town, who, "ＨＧ 扎古，素组")
    for words, found in {
        "高达": [nu],
        "rg": [nu],
        "hg 扎古": [zaku],
        "扎古 hg": [zaku],
        "1/144 牛高达": [nu],
        "高达 扎古": [],
        "古素": [],
        "！": [],
        "完": [nu],
    }.items():
        assert search(words) == found
    assert search("  ") == [zaku, nu]


@pytest.mark.promise("F3.1")
def test_what_did_not_pass_is_found_under_no_word(town: Town):
    write(town, town.author(), BLOCKED)
    assert words_in(town) == []
    assert search("发票") == []


def test_a_posting_holds_no_word_and_names_its_author_for_erasure_only(town: Town):
    who = town.author()
    post_id = write(town, who, "牛高达")
    found = words_in(town)
    assert len(found) == len(rules.words_of("牛高达"))
    assert {item["person_id"]["S"] for item in found} == {who.person_id}
    assert all(item["sk"]["S"].endswith(post_id) for item in found)
    assert not any(word in str(found) for word in ("牛", "高", "达"))
    assert PostWordRow not in told()


def test_a_long_post_is_found_by_its_beginning(town: Town):
    post_id = write(town, town.author(), f"开头{'　' * rules.SEARCHED}结尾")
    assert (search("开头"), search("结尾")) == ([post_id], [])


def test_pages_follow_each_other_newest_first_without_gap_or_repeat(town: Town):
    who = town.author()
    ids = [write(town, who, f"高达 第{number}篇 {'红' if number % 2 else '蓝'}") for number in range(7)]
    for words, wanted in (("高达", ids[::-1]), ("高达 红", ids[5:0:-2])):
        seen, cursor = [], ""
        for _ in range(9):
            call = Call(request_id="rid_guest", now=datetime.now(UTC))
            page = reading.list_posts(call, PostsQuery(q=words, limit=2, cursor=cursor))
            seen += [post.post_id for post in page.data]
            assert page.has_more == (page.next_cursor is not None)
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert seen == wanted


def test_a_cursor_works_for_its_own_search_only(town: Town):
    who = town.author()
    for number in range(2):
        write(town, who, f"高达 第{number}篇")
    call = Call(request_id="rid_guest", now=datetime.now(UTC))
    cursor = reading.list_posts(call, PostsQuery(q="高达", limit=1)).next_cursor
    assert cursor is not None
    for words in ("", "第"):
        with pytest.raises(InvalidInput):
            reading.list_posts(call, PostsQuery(q=words, limit=1, cursor=cursor))


def test_a_common_word_beside_a_rare_one_costs_a_bounded_number_of_reads(town: Town, monkeypatch, aws_calls):
    monkeypatch.setattr(searching, "LOOKED_AT", 2)
    who = town.author()
    rare = write(town, who, "高达 独角兽")
    for number in range(5):
        write(town, who, f"高达 第{number}篇")
    aws_calls.clear()
    assert search("高达 独") == []
    assert [call.operation for call in aws_calls] == ["Query", "BatchGetItem"] * 2
    seen, cursor = [], ""
    for _ in range(9):
        page = reading.list_posts(
            Call(request_id="rid_guest", now=datetime.now(UTC)), PostsQuery(q="高达 独", cursor=cursor)
        )
        seen += [post.post_id for post in page.data]
        cursor = page.next_cursor or ""
        if not cursor:
            break
    assert seen == [rare]


@pytest.mark.promise("J3.1")
def test_a_removed_post_is_found_no_more_and_leaves_no_posting(town: Town):
    who = town.author()
    gone, stays = write(town, who, "牛高达"), write(town, who, "牛高达")
    publishing.remove_post(who.call(), gone)
    assert search("高达") == [stays]
    town.settle()
    assert {item["sk"]["S"].rpartition("#")[2] for item in words_in(town)} == {stays}


@pytest.mark.promise("J3.1")
@pytest.mark.parametrize("removed", ["before", "meanwhile", "killed meanwhile"])
def test_a_post_removed_while_it_is_indexed_leaves_no_posting(town: Town, monkeypatch, removed: str):
    who = town.author()
    post_id = write(town, who, "牛高达")
    call = who.call()

    def remove() -> None:
        publishing.remove_post(call, post_id)
        assert town.pump("community") == []

    if removed == "before":
        remove()
    else:
        real = searching.put_rows
        monkeypatch.setattr(searching, "put_rows", lambda rows: (remove(), real(rows)))
    if removed == "killed meanwhile":
        monkeypatch.setattr(searching, "_is_gone", _dies)
        with pytest.raises(Killed):
            searching.index_post(call, post_id)
        assert words_in(town)
        monkeypatch.undo()
    searching.index_post(call, post_id)
    assert town.cloud.items("community") == []


@pytest.mark.promise("J3.1")
def test_a_removal_killed_at_any_write_is_finished_by_the_next_delivery(town: Town):
    who = town.author()
    for number in range(1, 9):
        post_id = write(town, who, "牛高达完成了")
        publishing.remove_post(who.call(), post_id)
        (told_of,) = [message["Body"] for message in town.cloud.messages("community")]
        with killed_at(number, "after", changes_something) as killed, contextlib.suppress(Killed):
            town.hand("community", told_of)
        town.hand("community", told_of)
        assert town.cloud.items("community") == []
        if not killed():
            return
    pytest.fail("the job never ran to its end")


@pytest.mark.promise("J3.1")
def test_erasing_an_author_takes_their_postings_and_leaves_others(town: Town):
    who, other = town.author(), town.author("另一位")
    write(town, who, "牛高达")
    stays = write(town, other, "牛高达")
    list(execute(fates(who.person_id, datetime.now(UTC)), objects.delete_all_versions))
    assert {item["person_id"]["S"] for item in words_in(town)} == {other.person_id}
    assert search("高达") == [stays]


def test_a_posting_stands_where_search_looks_for_it(town: Town):
    post_id = write(town, town.author(), "牛高达")
    row = searching.tables.post(post_id)
    assert row is not None
    made = {(one.pk, one.sk) for one in postings(row, rules.words_of(row.text))}
    assert made == {(item["pk"]["S"], item["sk"]["S"]) for item in words_in(town)}


def _dies(_post_id: str) -> bool:
    raise Killed
