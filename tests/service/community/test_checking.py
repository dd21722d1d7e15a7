"""Everything published has passed, in whatever order verdicts arrive; what has not is told to its author only."""

import itertools

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.community.contracts import Place, WriteComment, WritePost
from chalicelib.community.service import checking, publishing, reading
from chalicelib.community.service.checking import check_picture, check_post
from chalicelib.community.tables import PostRow, comment, post, visible_posts
from chalicelib.foundation.audit.disclosures import DisclosureRow
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, update
from tests.support.people import Someone
from tests.support.photographs import jpeg, of_colour
from tests.support.publishing import Town
from tests.support.rows import every
from tests.support.wire import Wire, is_down

PLACE = "community.place"
PHOTO, RED, MAGENTA = jpeg(), of_colour((255, 0, 0)), of_colour((255, 0, 255))
BLOCKED, REVIEWED = "低价代开发票", "喜欢的加微信转账"


def write(who: Someone, text: str = "完成了", *media_ids: str, district: str = "") -> str:
    place = Place(district=district) if district else None
    given = WritePost(text, affirmed_others=True, affirmed_leaving=True, media_ids=media_ids, place=place)
    return publishing.write_post(who.call(idempotency_key=new_id("key")), given).post_id


def row_of(post_id: str) -> PostRow:
    row = post(post_id)
    assert row is not None
    return row


def listed() -> list[str]:
    return [row.pk for row in visible_posts(100, None)[0]]


def told(town: Town) -> list[tuple[str, str]]:
    """List what authors were told about what they wrote, as (template, subject)."""
    rows = [item for item in town.cloud.items("people") if item["kind"]["S"] == "inbox"]
    return [(row["template"]["S"], row["subject_id"]["S"]) for row in rows]


@pytest.mark.promise("F3.1", "G1.1")
def test_a_post_that_passed_is_listed_and_its_author_told(town: Town):
    who = town.author()
    post_id = write(who)
    assert listed() == []
    town.settle()
    assert listed() == [post_id]
    assert row_of(post_id).published_at is not None
    assert town.judged(post_id) == [("Pass", "Normal")]
    assert told(town) == [("post_published", post_id)]


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize(
    ("text", "state", "label", "templates"),
    [(BLOCKED, "refused", "Ad", ["post_refused"]), (REVIEWED, "review", "Ad", [])],
)
def test_a_text_that_did_not_pass_is_listed_nowhere(
    town: Town, text: str, state: str, label: str, templates: list[str]
):
    post_id = write(town.author(), text)
    town.settle()
    assert (row_of(post_id).state, row_of(post_id).label) == (state, label)
    assert listed() == []
    assert [template for template, _ in told(town)] == templates


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize(("content", "state"), [(RED, "refused"), (b"no picture", "refused"), (MAGENTA, "review")])
def test_a_picture_that_did_not_pass_keeps_its_post_back(town: Town, content: bytes, state: str):
    who = town.author()
    good, bad = town.upload(who, PHOTO), town.upload(who, content)
    post_id = write(who, "好", good, bad)
    town.settle()
    assert row_of(post_id).state == state
    assert listed() == []


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("order", list(itertools.permutations(["text", "first", "second"])))
def test_verdicts_may_arrive_in_any_order(town: Town, order: tuple[str, ...]):
    who = town.author()
    pictures = {"first": town.upload(who, PHOTO), "second": town.upload(who, PHOTO)}
    events = {name: town.event(media_id) for name, media_id in pictures.items()}
    post_id = write(who, "好", *pictures.values())
    town.cloud.messages("media")
    written = town.cloud.messages("community")[0]["Body"]
    for step, name in enumerate(order):
        assert listed() == []
        if name == "text":
            town.hand("community", written)
        else:
            town.hand("media", events[name])
            town.pump("community")
        assert (row_of(post_id).state == "visible") == (step == 2)
    assert listed() == [post_id]
    assert len(row_of(post_id).pictures) == 2


def test_a_picture_judged_before_the_post_was_written_counts(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    town.settle()
    post_id = write(who, "好", media_id)
    town.settle()
    assert listed() == [post_id]


@pytest.mark.promise("F3")
def test_pictures_are_shown_in_the_authors_order(town: Town):
    who = town.author()
    wide, high = town.picture(who, jpeg(6)), town.picture(who, jpeg())
    post_id = write(who, "好", wide, high)
    town.settle()
    shown = reading.show_post(who.call(), post_id).pictures
    assert [(p.width, p.height) for p in shown] == [(360, 480), (480, 360)]


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("mode", ["error", "lost", "garbage"])
def test_without_a_moderator_it_waits_and_is_tried_again(town: Town, mode: str):
    post_id = write(town.author())
    town.moderator.plan("tms.*", mode, times=2)
    (failed,) = town.pump("community")
    assert (row_of(post_id).state, row_of(post_id).verdict) == ("pending", None)
    assert listed() == []
    town.moderator.world.faults.clear()
    assert town.hand("community", failed)
    assert listed() == [post_id]


@pytest.mark.promise("I2.3")
def test_each_text_that_leaves_is_on_record_first(town: Town, wire: Wire):
    who = town.author()
    post_id = write(who)
    town.settle()
    rows = every(DisclosureRow, who.ref, DisclosureRow.sk.startswith("DISCLOSURE#"))
    assert [(row.recipient, row.items, row.purpose, row.subject_id) for row in rows] == [
        ("moderation", "post.text", "community.safety", post_id)
    ]
    another, call = write(who), who.call(purpose="community.safety")
    wire.always("PutItem", is_down)
    with pytest.raises(EndpointConnectionError):
        check_post(call, another)
    assert [sent["TableName"] for sent in wire.bodies("PutItem")][-1:] == ["jule-test-evidence"]
    assert town.judged(another) == []


def test_news_about_what_is_gone_or_decided_changes_nothing(town: Town):
    who = town.author()
    post_id = write(who)
    town.settle()
    before = row_of(post_id)
    check_post(who.call(), post_id)
    check_post(who.call(), new_id("pst"))
    checking.check_comment(who.call(), new_id("cmt"))
    check_picture(who.call(), new_id("med"))
    check_picture(who.call(), town.picture(who, PHOTO))
    assert row_of(post_id).published_at == before.published_at
    assert len(town.judged(post_id)) == 1


@pytest.mark.promise("A4.1", "F3.2", "J6.1")
def test_a_place_is_not_published_when_its_consent_is_gone_by_then(town: Town):
    who = town.author(consents=[PLACE])
    post_id = write(who, "好", district="嘉定区")
    commit([update(who.standing(), [StandingRow.consents.delete({PLACE})])])
    town.settle()
    assert listed() == [post_id]
    assert row_of(post_id).place is None


@pytest.mark.promise("F2.1")
def test_comments_are_checked_like_posts(town: Town):
    who, other = town.author(), town.author("另一位")
    post_id = write(who)
    town.settle()
    ids = {}
    for text in ("漂亮", BLOCKED, REVIEWED):
        given = WriteComment(text=text, affirmed_others=True, affirmed_leaving=True)
        view = publishing.write_comment(other.call(idempotency_key=new_id("key")), post_id, given)
        assert (view.state, view.author.name) == ("pending", "另一位")
        ids[text] = view.comment_id
    town.settle()
    states = {text: row.state for text, comment_id in ids.items() if (row := comment(comment_id))}
    assert states == {"漂亮": "visible", BLOCKED: "refused", REVIEWED: "review"}
    assert ("comment_refused", ids[BLOCKED]) in told(town)
