"""Whoever would lead others off the platform is warned first, and whoever reads it is warned too."""

from datetime import UTC, datetime

import pytest

from chalicelib.community.contracts import PostsQuery, WriteComment, WritePost
from chalicelib.community.errors import LeavesPlatform
from chalicelib.community.service import publishing, reading
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from tests.support.people import Someone
from tests.support.publishing import Town

AWAY = "想要的加微信 gundam_fan，直接转账"


def fresh(who: Someone) -> Call:
    return who.call(idempotency_key=new_id("key"), route="POST /v1/posts", purpose="community.publish")


def put_on_record(town: Town) -> list[str]:
    entries = town.cloud.items("evidence")
    return [one["subject_id"]["S"] for one in entries if one.get("action") == {"S": "person:leaving:affirmed"}]


@pytest.mark.promise("K6.2")
def test_the_author_is_warned_before_it_is_taken_and_may_go_on(town: Town):
    who = town.author()
    with pytest.raises(LeavesPlatform) as warned:
        publishing.write_post(fresh(who), WritePost(text=AWAY, affirmed_others=True))
    said = [(e.pointer, e.code) for e in warned.value.errors]
    assert said == [("/text", "contact"), ("/text", "payment"), ("/affirmed_leaving", "required")]
    assert [i for i in town.cloud.items("community") if i["kind"]["S"] == "post"] == []
    assert put_on_record(town) == []
    made = publishing.write_post(fresh(who), WritePost(text=AWAY, affirmed_others=True, affirmed_leaving=True))
    assert made.leads_away == ["contact", "payment"]
    assert put_on_record(town) == [made.post_id]


@pytest.mark.promise("K6.2")
def test_every_reader_of_a_post_and_of_a_comment_is_warned_too(town: Town):
    who, guest = town.author(), Call(request_id="rid_guest", now=datetime.now(UTC))
    post = WritePost(text=AWAY, affirmed_others=True, affirmed_leaving=True)
    post_id = publishing.write_post(fresh(who), post).post_id
    town.settle()
    assert reading.show_post(guest, post_id).leads_away == ["contact", "payment"]
    assert [one.leads_away for one in reading.list_posts(guest, PostsQuery()).data] == [["contact", "payment"]]
    with pytest.raises(LeavesPlatform):
        publishing.write_comment(fresh(who), post_id, WriteComment(text="打款给我", affirmed_others=True))
    said = WriteComment(text="打款给我", affirmed_others=True, affirmed_leaving=True)
    assert publishing.write_comment(fresh(who), post_id, said).leads_away == ["payment"]


@pytest.mark.promise("K6.2")
def test_whoever_leads_nowhere_is_not_asked_and_nothing_goes_on_record(town: Town):
    made = publishing.write_post(
        fresh(town.author()), WritePost(text="完成了", affirmed_others=True, affirmed_leaving=True)
    )
    assert made.leads_away == []
    assert put_on_record(town) == []
