"""The community job takes duplicates, poison and sudden death; what it publishes it publishes once."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from chalicelib.community.contracts import PostWritten, WriteComment, WritePost
from chalicelib.community.jobs import apply_verdict
from chalicelib.community.service import publishing
from chalicelib.community.tables import comment, post, visible_posts
from chalicelib.consent import service as consents
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit as commit_for
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import commit, update
from chalicelib.media.contracts import MediaJudged
from tests.support.consents import answer
from tests.support.edges import deliver
from tests.support.killing import MOMENTS, Killed, Moment, killed_at
from tests.support.people import Someone
from tests.support.photographs import jpeg, scene
from tests.support.publishing import Town

PLACE = "community.place"
PHOTO = jpeg(picture=scene((96, 64)))
MOST_CALLS = 60


def write(who: Someone, text: str = "完成了", *media_ids: str, **more: object) -> str:
    given = msgspec.convert({"text": text, "affirmed_others": True, "media_ids": media_ids, **more}, WritePost)
    return publishing.write_post(who.call(idempotency_key=new_id("key"), purpose="community.publish"), given).post_id


def waiting(town: Town) -> list[str]:
    """Take what waits, but for news that a post is to be found by its words."""
    return [m["Body"] for m in town.cloud.messages("community") if '"kind":"PostShown"' not in m["Body"]]


def listed() -> list[str]:
    return [row.pk for row in visible_posts(100, None)[0]]


def test_however_often_it_is_told_a_post_is_published_once(town: Town):
    post_id = write(town.author())
    (body,) = waiting(town)
    assert deliver(apply_verdict, body, body) == []
    assert deliver(apply_verdict, body) == []
    assert listed() == [post_id]
    assert len(town.judged(post_id)) == 1
    assert len(town.outbox("NoticeOrdered")) == 1


def test_told_several_times_at_once_a_post_is_published_once(town: Town):
    post_id = write(town.author())
    (body,) = waiting(town)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: deliver(apply_verdict, body), range(4))) == [[]] * 4
    assert listed() == [post_id]
    assert len(town.outbox("NoticeOrdered")) == 1


@pytest.mark.promise("F3.1")
def test_text_and_pictures_judged_at_the_same_moment_still_publish(town: Town):
    who = town.author()
    for _ in range(4):
        media_ids = [town.upload(who, PHOTO) for _ in range(2)]
        post_id = write(who, "好", *media_ids)
        (written,) = waiting(town)
        assert town.pump("media") == []
        bodies = [written, *waiting(town)]
        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(lambda body: deliver(apply_verdict, body), bodies)) == [[]] * 3
        row = post(post_id)
        assert row is not None
        assert row.state == "visible"
        assert len(row.pictures) == 2


def test_a_message_of_another_queue_fails(town: Town):
    who = town.author()
    commit_for(who.call(), [announce(who.call(), "community", ConsentWithdrawn(purpose="account.membership"))])
    (body,) = waiting(town)
    assert deliver(apply_verdict, body.replace("ConsentWithdrawn", "CopyRequested")) == [0]


def test_a_withdrawal_that_concerns_other_purposes_changes_no_post(town: Town):
    who = town.author(consents=[PLACE])
    post_id = write(who, place={"district": "嘉定区"})
    commit_for(who.call(), [announce(who.call(), "community", ConsentWithdrawn(purpose="account.membership"))])
    town.settle()
    row = post(post_id)
    assert row is not None
    assert row.place is not None


@pytest.mark.promise("A4.1", "J6.1")
def test_a_withdrawn_place_is_taken_off_what_is_public(town: Town):
    who = town.author(consents=[PLACE])
    post_id = write(who, place={"district": "嘉定区"})
    town.settle()
    consents.withdraw_consent(who.call(), PLACE)
    assert town.pump("community") == []
    row = post(post_id)
    assert row is not None
    assert row.place is None
    assert (row.state, row.text) == ("visible", "完成了")


@pytest.mark.promise("J6.1", "A4.1")
def test_a_place_withdrawn_by_somebody_frozen_meanwhile_is_taken_off_all_the_same(town: Town):
    who = town.author(consents=[PLACE])
    post_id = write(who, place={"district": "嘉定区"})
    town.settle()
    consents.withdraw_consent(who.call(), PLACE)
    commit([update(who.standing(), [StandingRow.status.set(FROZEN)])])
    assert town.pump("community") == []
    row = post(post_id)
    assert row is not None
    assert row.place is None


@pytest.mark.promise("A4.1", "J6.1")
def test_agreeing_anew_before_the_news_arrived_saves_no_place_attached_before(town: Town):
    who = town.author()
    consents.answer_notice(who.call(), answer(PLACE))
    post_id = write(who, place={"district": "嘉定区"})
    town.settle()
    consents.withdraw_consent(who.call(), PLACE)
    consents.answer_notice(who.call(), answer(PLACE))
    town.settle()
    row = post(post_id)
    assert row is not None
    assert row.place is None


@pytest.mark.promise("J7.4")
def test_nothing_is_published_for_somebody_who_is_going(town: Town):
    who = town.author()
    write(who)
    row = who.standing()
    commit([update(row, [StandingRow.status.set(CLOSING), StandingRow.epoch.set(row.epoch + 1)])])
    assert town.pump("community") == []
    assert listed() == []
    assert town.judged(row.pk) == []


def test_news_that_nobody_owns_is_no_reason_to_fail(town: Town):
    who = town.author()
    commit_for(who.call(), [announce(who.call(), "community", MediaJudged(media_id=new_id("med")))])
    commit_for(who.call(), [announce(who.call(), "community", PostWritten(post_id=new_id("pst")))])
    assert town.pump("community") == []


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("text", ["完成了", "低价代开发票"])
def test_killed_at_any_call_it_is_finished_by_the_next_delivery(town: Town, moment: Moment, text: str):
    who = town.author()
    for number in range(1, MOST_CALLS):
        post_id = write(who, text)
        (body,) = waiting(town)
        died = _killed(body, number, moment)
        row = post(post_id)
        assert row is not None
        assert (row.state == "visible") == (post_id in listed())
        assert deliver(apply_verdict, body) == []
        row = post(post_id)
        assert row is not None
        assert row.state == ("visible" if text == "完成了" else "refused")
        assert len([told for told in town.outbox("NoticeOrdered") if post_id in told]) == 1
        if not died:
            assert number > 8
            return
    pytest.fail("the job never ran to its end")


@pytest.mark.promise("F2.1")
@pytest.mark.parametrize("text", ["漂亮", "低价代开发票"])
def test_a_comment_killed_at_any_call_is_finished_by_the_next_delivery(town: Town, text: str):
    who = town.author()
    post_id = write(who)
    town.settle()
    for number in range(1, MOST_CALLS):
        given = WriteComment(text=text, affirmed_others=True)
        call = who.call(idempotency_key=new_id("key"), purpose="community.publish")
        comment_id = publishing.write_comment(call, post_id, given).comment_id
        (body,) = waiting(town)
        died = _killed(body, number, "after")
        assert deliver(apply_verdict, body) == []
        row = comment(comment_id)
        assert row is not None
        assert row.state == ("visible" if text == "漂亮" else "refused")
        if not died:
            assert number > 8
            return
    pytest.fail("the job never ran to its end")


@pytest.mark.promise("J3.1")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_removing_pictures_it_goes_on(town: Town, moment: Moment):
    who = town.author()
    for number in range(1, MOST_CALLS):
        post_id = write(who, "好", town.picture(who, PHOTO))
        town.settle()
        publishing.remove_post(who.call(), post_id)
        (body,) = waiting(town)
        died = _killed(body, number, moment)
        assert deliver(apply_verdict, body) == []
        assert town.objects("media") == set()
        assert town.cloud.items("community") == []
        if not died:
            assert number > 8
            return
    pytest.fail("the job never ran to its end")


def _killed(body: str, number: int, moment: Moment) -> bool:
    with killed_at(number, moment):
        try:
            deliver(apply_verdict, body)
        except Killed:
            return True
    return False


def test_a_call_of_the_job_serves_safety(town: Town, monkeypatch: pytest.MonkeyPatch):
    calls = []
    monkeypatch.setattr("chalicelib.community.jobs.checking.check_post", lambda call, _: calls.append(call))
    who = town.author()
    write(who)
    town.pump("community")
    assert [(call.purpose, call.who.person_id) for call in calls] == [("community.safety", who.person_id)]
