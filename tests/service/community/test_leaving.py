"""What a plan says of an author's posts, comments and pictures is all there is, and erasing it leaves nothing."""

from datetime import UTC, datetime

import pytest

from chalicelib.community.contracts import Place, WriteComment, WritePost
from chalicelib.community.service import publishing
from chalicelib.community.tables import CommentRow, PostRow, PostWordRow
from chalicelib.foundation.gateways import objects
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.erase import execute, values_of
from chalicelib.foundation.store.planner import fates, read, traverse
from chalicelib.media.tables import MediaRow
from tests.support.people import Someone
from tests.support.photographs import jpeg
from tests.support.publishing import Town

PLACE = "community.place"
OURS = [CommentRow, MediaRow, PostWordRow, PostRow]


def post(who: Someone, text: str, *media_ids: str) -> str:
    given = WritePost(text=text, affirmed_others=True, media_ids=media_ids, place=Place(district="嘉定区"))
    return publishing.write_post(who.call(idempotency_key=new_id("key")), given).post_id


def say(who: Someone, post_id: str, text: str) -> str:
    given = WriteComment(text=text, affirmed_others=True)
    return publishing.write_comment(who.call(idempotency_key=new_id("key")), post_id, given).comment_id


def a_busy_author(town: Town, name: str = "模型君") -> Someone:
    """Have somebody with something in every state."""
    who = town.author(name, consents=[PLACE])
    post_id = post(who, "有图", town.picture(who, jpeg()))
    post(who, "低价代开发票")
    town.settle()
    say(who, post_id, "我的评论")
    town.settle()
    say(who, post_id, "等待中")
    post(who, "等待中", town.upload(who, jpeg()))
    town.upload(who, jpeg())
    return who


@pytest.mark.promise("J3.2", "J7.4")
def test_erasing_an_author_leaves_nothing_of_theirs_and_everything_of_others(town: Town):
    who, other = a_busy_author(town), a_busy_author(town, "留下的人")
    theirs = {item["pk"]["S"] for item in town.cloud.items("community") if item["person_id"]["S"] == other.person_id}
    kept = {(bucket, key) for row in read(traverse(other.person_id, [MediaRow])) for bucket, key in row.objects()}
    erased = list(execute(fates(who.person_id, datetime.now(UTC), OURS), objects.delete_all_versions))
    assert {fate.found.row.row_kind for fate in erased} == {"comment", "media", "post", "post_word"}
    assert {fate.verb for fate in erased} == {"delete"}
    left = town.cloud.items("community")
    assert {item["pk"]["S"] for item in left} == theirs
    assert who.person_id not in str(left)
    assert {("media", key) for key in town.objects("media")} <= kept
    assert {("quarantine", key) for key in town.objects("quarantine")} <= kept
    assert list(execute(fates(who.person_id, datetime.now(UTC), OURS), objects.delete_all_versions)) == []


@pytest.mark.promise("J2.1")
def test_a_copy_holds_every_value_that_was_put_in(town: Town):
    who = a_busy_author(town)
    shown = [values_of(row) for row in read(traverse(who.person_id, OURS))]
    text = str(shown)
    for value in ("有图", "低价代开发票", "我的评论", "等待中", "嘉定区", "others.agreed@1", "refused"):
        assert value in text
    pictures = [
        key for row in read(traverse(who.person_id, [MediaRow])) for use, key in row.objects() if use == "media"
    ]
    assert town.objects("media") <= set(pictures)
