"""The media job takes duplicates, poison and sudden death, and leaves neither orphans nor anything unjudged."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import CLOSING, StandingRow
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.media import rules
from chalicelib.media import service as medias
from chalicelib.media.jobs import process_media
from chalicelib.media.service import processing
from chalicelib.media.tables import MediaRow, media
from tests.support.edges import deliver
from tests.support.killing import MOMENTS, Killed, Moment, killed_at
from tests.support.people import Someone
from tests.support.photographs import jpeg, scene
from tests.support.publishing import Town, state_of

PHOTO = jpeg(picture=scene((96, 64)))
MOST_CALLS = 40


def test_the_buckets_own_event_is_what_the_job_reads(town: Town):
    media_id = town.upload(town.author(), PHOTO)
    (message,) = town.cloud.messages("media")
    record = json.loads(message["Body"])["Records"][0]
    assert record["s3"]["bucket"]["name"] == config().bucket("quarantine")
    assert deliver(process_media, message["Body"]) == []
    assert state_of(media_id).state == "ready"


def test_the_buckets_test_event_is_dropped(town: Town):
    assert town.objects("media") == set()
    assert deliver(process_media, json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})) == []


def test_however_often_it_is_told_one_thing_happens(town: Town):
    media_id = town.upload(town.author(), PHOTO)
    event = town.event(media_id)
    assert deliver(process_media, event, event, event) == []
    assert len(town.objects("media")) == 3
    assert len(town.judged(media_id)) == 1
    assert len(town.outbox("MediaJudged")) == 1


def test_told_several_times_at_once_one_thing_happens(town: Town):
    media_id = town.upload(town.author(), PHOTO)
    event = town.event(media_id)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: deliver(process_media, event), range(4))) == [[]] * 4
    assert state_of(media_id).state == "ready"
    assert town.objects("media") == set(rules.picture_keys(state_of(media_id).folder))
    assert town.objects("quarantine") == set()
    assert len(town.outbox("MediaJudged")) == 1


@pytest.mark.promise("J3.1")
def test_a_picture_whose_post_goes_while_it_is_judged_goes_too(town: Town, monkeypatch: pytest.MonkeyPatch):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    commit(medias.attach_writes(who.call(), [media_id], new_id("pst")))
    real = processing.moderation.judge_image

    def remove_meanwhile(*given: object, **named: object) -> object:
        commit(medias.removal_writes(who.call(), [media_id]))
        return real(*given, **named)

    monkeypatch.setattr(processing.moderation, "judge_image", remove_meanwhile)
    assert deliver(process_media, town.event(media_id)) == []
    assert media(media_id) is None
    assert town.objects("quarantine") | town.objects("media") == set()


def test_a_picture_judged_while_its_post_goes_does_not_stand_in_the_way(town: Town):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    commit(medias.attach_writes(who.call(), [media_id], new_id("pst")))
    writes = medias.removal_writes(who.call(), [media_id])
    assert deliver(process_media, town.event(media_id)) == []
    assert state_of(media_id).state == "ready"
    commit(writes)
    medias.remove_media([media_id])
    assert town.objects("media") == set()


@pytest.mark.parametrize(
    "poison",
    [
        "",
        "null",
        "[]",
        "not json",
        '{"Records": 5}',
        '{"Records": [{}]}',
        '{"Records": [{"s3": {"bucket": {}}}]}',
        "{}",
    ],
)
def test_poison_fails_alone(town: Town, poison: str):
    media_id = town.upload(town.author(), PHOTO)
    assert deliver(process_media, poison, town.event(media_id)) == [0]
    assert state_of(media_id).state == "ready"


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_call_it_is_finished_by_the_next_delivery(town: Town, moment: Moment):
    who = town.author()
    assert _killed_everywhere(town, who, moment) > 10
    assert town.objects("quarantine") == set()


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_call_and_then_erased_it_leaves_nothing(town: Town, moment: Moment):
    for number in range(1, MOST_CALLS):
        who = town.author()
        media_id = town.upload(who, PHOTO)
        row = state_of(media_id)
        if not _killed(town.event(media_id), number, moment):
            assert number > 10
            return
        _erase(who, row)
        assert deliver(process_media, town.event(media_id)) == []
        assert media(media_id) is None
        assert town.objects("quarantine") | town.objects("media") == set()
    pytest.fail("the job never ran to its end")


def _killed_everywhere(town: Town, who: Someone, moment: Moment) -> int:
    for number in range(1, MOST_CALLS):
        media_id = town.upload(who, PHOTO)
        died = _killed(town.event(media_id), number, moment)
        row = state_of(media_id)
        if town.objects("media") & set(rules.picture_keys(row.folder)):
            assert town.judged(media_id)[0] == ("Pass", "Normal")
        assert deliver(process_media, town.event(media_id)) == []
        row = state_of(media_id)
        assert row.state == "ready"
        assert town.objects("media") >= set(rules.picture_keys(row.folder))
        assert len([body for body in town.outbox("MediaJudged") if media_id in body]) == 1
        if not died:
            return number
    pytest.fail("the job never ran to its end")


def _killed(event: str, number: int, moment: Moment) -> bool:
    """Run the job until its n-th call; says whether it died there."""
    with killed_at(number, moment):
        try:
            deliver(process_media, event)
        except Killed:
            return True
    return False


def _erase(who: Someone, row: MediaRow) -> None:
    """Do what an erasure does meanwhile: standing first, then objects by the record, then the record."""
    standing = who.standing()
    commit([update(standing, [StandingRow.status.set(CLOSING), StandingRow.epoch.set(standing.epoch + 1)])])
    commit([delete((MediaRow, row.pk, row.sk))])
