"""What is written stays unseen until it passed, belongs to its author, and goes when they say so."""

import pytest

from chalicelib.community.contracts import Place, WriteComment, WritePost
from chalicelib.community.errors import AffirmationMissing
from chalicelib.community.service import publishing
from chalicelib.community.tables import PostRow, comment, post
from chalicelib.foundation.audit.evidence import AuditRow
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.vault import keyring
from chalicelib.media.errors import MediaUnusable
from tests.support.people import Someone
from tests.support.photographs import jpeg, of_colour
from tests.support.publishing import Town, state_of, unknown_media
from tests.support.rows import every

PLACE = "community.place"
PHOTO = jpeg()


def fresh(who: Someone) -> Call:
    """Give a call of theirs under a key that was never used."""
    return who.call(idempotency_key=new_id("key"), route="POST /v1/posts", purpose="community.publish")


def written(who: Someone, text: str = "完成了", *media_ids: str, district: str = "") -> str:
    place = Place(district=district) if district else None
    given = WritePost(text, affirmed_others=True, media_ids=media_ids, place=place, affirmed_leaving=True)
    return publishing.write_post(fresh(who), given).post_id


def raw(town: Town, content_id: str) -> dict[str, dict[str, str]]:
    (item,) = [item for item in town.cloud.items("community") if item["pk"]["S"] == content_id]
    return item


@pytest.mark.promise("F3.1")
def test_what_was_just_written_stands_in_no_public_list(town: Town):
    who = town.author()
    post_id = written(who)
    item = raw(town, post_id)
    assert item["state"] == {"S": "pending"}
    assert "visible_key" not in item
    assert "visible_at" not in item


@pytest.mark.promise("F6.1")
def test_the_authors_word_about_others_is_kept_with_what_they_wrote(town: Town):
    who = town.author()
    row = post(written(who))
    assert row is not None
    assert row.affirmed == "others.agreed@1"
    with pytest.raises(AffirmationMissing):
        publishing.write_post(fresh(who), WritePost(text="好", affirmed_others=False))
    with pytest.raises(AffirmationMissing):
        publishing.write_comment(fresh(who), row.pk, WriteComment(text="好", affirmed_others=False))
    assert len([i for i in town.cloud.items("community") if i["kind"]["S"] == "post"]) == 1


def test_the_authors_name_is_not_copied_into_what_they_wrote(town: Town):
    who = town.author("独一无二的名字")
    written(who)
    assert "独一无二的名字" not in str(town.cloud.items("community"))


@pytest.mark.promise("A4.1", "F3.2")
def test_a_place_needs_its_own_consent_and_is_sealed(town: Town):
    who = town.author()
    with pytest.raises(ConsentRequired) as refused:
        written(who, district="嘉定区")
    assert refused.value.errors[0].pointer == "/purposes/community.place"
    assert [i for i in town.cloud.items("community") if i["kind"]["S"] == "post"] == []
    agreeing = town.author(consents=[PLACE])
    item = raw(town, written(agreeing, district="嘉定区"))
    assert "嘉定区".encode() not in item["place"]["B"]
    assert publishing.own_post(agreeing.call(), item["pk"]["S"]).place.district == "嘉定区"


@pytest.mark.promise("A4.1", "J6.1")
def test_consent_withdrawn_while_the_post_is_written_keeps_the_place_out(town: Town):
    who = town.author(consents=[PLACE])
    call = fresh(who)
    commit([update(who.standing(), [StandingRow.consents.delete({PLACE})])])
    with pytest.raises(ConsentRequired):
        publishing.write_post(call, WritePost(text="好", affirmed_others=True, place=Place(district="嘉定区")))
    assert [i for i in town.cloud.items("community") if i["kind"]["S"] == "post"] == []


@pytest.mark.promise("J6.1")
def test_withdrawal_takes_the_place_off_every_post_and_leaves_the_posts(town: Town):
    who, other = town.author(consents=[PLACE]), town.author("另一位", consents=[PLACE])
    mine = [written(who, f"第{n}篇", district="嘉定区") for n in range(3)]
    theirs = written(other, district="浦东新区")
    publishing.remove_places(who.call())
    assert all("place" not in raw(town, post_id) for post_id in mine)
    assert "place" in raw(town, theirs)


def test_a_place_attached_after_agreeing_anew_outlives_the_late_news_of_the_withdrawal(town: Town):
    who = town.author(consents=[PLACE])
    before = written(who, district="嘉定区")
    old = post(before)
    assert old is not None
    after = written(who, district="浦东新区")
    publishing.remove_places(who.call(announced_at=old.created_at))
    assert "place" not in raw(town, before)
    assert "place" in raw(town, after)


def test_pictures_must_be_ones_own_and_unused(town: Town):
    who, other = town.author(), town.author("另一位")
    mine = town.picture(who, PHOTO)
    written(who, "第一篇", mine)
    for bad in (mine, town.picture(other, PHOTO), unknown_media(), town.picture(who, of_colour((255, 0, 0)))):
        with pytest.raises(MediaUnusable):
            written(who, "第二篇", bad)
    good = town.picture(who, PHOTO)
    with pytest.raises(MediaUnusable):
        written(who, "两次", good, good)
    assert state_of(good).post_id is None


@pytest.mark.promise("J3.1")
def test_a_removed_post_is_gone_at_once_and_its_pictures_follow(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    post_id = written(who, "好", media_id)
    town.settle()
    publishing.remove_post(who.call(), post_id)
    for attempt in (publishing.own_post, publishing.remove_post):
        with pytest.raises(NotFound):
            attempt(who.call(), post_id)
    commit([update(who.standing(), [StandingRow.status.set(FROZEN)])])
    town.settle()
    assert town.objects("media") | town.objects("quarantine") == set()
    assert {item["kind"]["S"] for item in town.cloud.items("community")} == set()


def test_nobody_removes_what_is_anothers_or_not_there(town: Town):
    who, stranger = town.author(), town.author("路人")
    post_id = written(who)
    town.settle()
    comment_id = publishing.write_comment(fresh(who), post_id, WriteComment(text="好", affirmed_others=True)).comment_id
    for attempt in (
        lambda: publishing.remove_post(stranger.call(), post_id),
        lambda: publishing.remove_post(who.call(), new_id("pst")),
        lambda: publishing.remove_comment(stranger.call(), comment_id),
        lambda: publishing.remove_comment(who.call(), new_id("cmt")),
        lambda: publishing.own_post(stranger.call(), post_id),
        lambda: publishing.own_comment(stranger.call(), comment_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert post(post_id) is not None
    assert comment(comment_id) is not None


def test_nobody_comments_on_what_nobody_sees(town: Town):
    who = town.author()
    post_id = written(who)
    with pytest.raises(NotFound):
        publishing.write_comment(fresh(who), post_id, WriteComment(text="好", affirmed_others=True))
    assert [i for i in town.cloud.items("community") if i["kind"]["S"] == "comment"] == []


@pytest.mark.promise("J11.1")
def test_each_step_leaves_its_evidence(town: Town):
    who = town.author()
    post_id = written(who)
    town.settle()
    publishing.remove_post(who.call(), post_id)
    rows = every(AuditRow, who.ref, AuditRow.sk.startswith("AUDIT#"))
    steps = [(row.action, row.actor) for row in rows if row.subject_id == post_id]
    assert steps == [
        ("person:post:written", "self"),
        ("system:post:judged", "system"),
        ("person:post:removed", "self"),
    ]


def test_a_place_whose_key_is_destroyed_is_no_place(town: Town):
    who = town.author(consents=[PLACE])
    row = post(written(who, district="嘉定区"))
    assert row is not None
    never_stored = keyring.new_data_key().key_id
    commit([update(row, [PostRow.place.set(PostRow.place.seal({"main": never_stored}, "嘉定区"))])])
    keyring.forget()
    assert publishing.own_post(who.call(), row.pk).place is None


@pytest.mark.promise("K4.1", "F3.1")
@pytest.mark.parametrize(("text", "public"), [("素组完成了", True), ("低价代开发票", False), ("加微信转账", False)])
def test_what_has_not_passed_lies_sealed(town: Town, text: str, public: bool):  # noqa: FBT001 - what follows
    who, other = town.author(), town.author("另一位")
    post_id = written(who, text)
    assert text not in str(town.cloud.items("community"))
    assert publishing.own_post(who.call(), post_id).text == text
    town.settle()
    assert ("draft" in raw(town, post_id)) is not public
    assert (text in str(town.cloud.items("community"))) is public
    assert publishing.own_post(who.call(), post_id).text == text
    shown = post_id if public else written(who)
    town.settle()
    given = WriteComment(text=text, affirmed_others=True, affirmed_leaving=True)
    comment_id = publishing.write_comment(fresh(other), shown, given).comment_id
    assert publishing.own_comment(other.call(), comment_id).text == text
    assert text not in str(raw(town, comment_id))
    town.settle()
    assert (text in str(raw(town, comment_id))) is public


def test_a_draft_goes_with_its_post_at_once(town: Town):
    who = town.author()
    post_id = written(who)
    publishing.remove_post(who.call(), post_id)
    assert "draft" not in raw(town, post_id)
    town.settle()
    assert town.cloud.items("community") == []
