"""No original outlives an hour, no unused picture a day, and what is in use stays."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.write import commit as write_all
from chalicelib.foundation.store.write import delete
from chalicelib.media import rules, tables
from chalicelib.media import service as medias
from chalicelib.media.errors import MediaUnusable
from chalicelib.media.service import sweeping
from chalicelib.media.service.sweeping import sweep_unused
from chalicelib.media.tables import media
from tests.support.people import Someone
from tests.support.photographs import jpeg, of_colour
from tests.support.publishing import Town, state_of

PHOTO = jpeg()
POST = "pst_aaaaaaaaaaaaaaaaaaaaaaaaaa"


def after(**ahead: int) -> Call:
    return Call(request_id="rid_sweep", now=datetime.now(UTC) + timedelta(**ahead), route="sweep_retention")


def sweep(call: Call) -> int:
    return sweep_unused(call, Deadline(60))


def attach(who: Someone, *media_ids: str) -> None:
    commit(who.call(), medias.attach_writes(who.call(), media_ids, POST))


@pytest.mark.promise("K1.2")
def test_an_original_nobody_dealt_with_goes_within_the_hour(town: Town):
    media_id = town.upload(town.author(), PHOTO)
    assert sweep(after(minutes=49)) == 0
    assert town.objects("quarantine") == {rules.original_key(media_id)}
    assert sweep(after(minutes=51)) == 1
    assert media(media_id) is None
    assert town.objects("quarantine") == set()
    assert sweep(after(minutes=51)) == 0


@pytest.mark.promise("K1.2")
def test_a_post_that_waits_for_an_original_hears_that_it_expired(town: Town):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    attach(who, media_id)
    assert sweep(after(minutes=51)) == 1
    assert (state_of(media_id).state, state_of(media_id).ground) == ("refused", "expired")
    assert town.objects("quarantine") == set()
    assert len(town.outbox("MediaJudged")) == 1
    assert sweep(after(days=3)) == 1
    assert state_of(media_id).due_at is None


@pytest.mark.promise("K1.2")
@pytest.mark.parametrize("content", [PHOTO, of_colour((255, 0, 0)), of_colour((255, 0, 255)), b"no picture"])
def test_what_is_in_no_post_after_a_day_goes(town: Town, content: bytes):
    media_id = town.picture(town.author(), content)
    assert sweep(after(hours=23)) == 0
    assert sweep(after(hours=25)) == 1
    assert media(media_id) is None
    assert town.objects("media") | town.objects("quarantine") == set()


@pytest.mark.promise("J7.4")
def test_a_waiting_original_of_somebody_who_left_goes_without_a_word(town: Town):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    attach(who, media_id)
    write_all([delete(who.standing())])
    assert sweep(after(minutes=51)) == 1
    assert media(media_id) is None
    assert town.objects("quarantine") == set()
    assert town.outbox("MediaJudged") == []


def test_what_is_in_a_post_stays_and_is_looked_at_once(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    attach(who, media_id)
    assert sweep(after(hours=25)) == 1
    row = state_of(media_id)
    assert (row.state, row.due_at, row.due_shard) == ("ready", None, None)
    assert town.objects("media") == set(rules.picture_keys(row.folder))
    assert sweep(after(days=400)) == 0


@pytest.mark.promise("J3.1")
def test_what_was_given_up_goes_with_all_versions_even_when_no_job_came(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    attach(who, media_id)
    commit(who.call(), medias.removal_writes(who.call(), [media_id]))
    assert sweep(after(seconds=1)) == 1
    assert media(media_id) is None
    assert town.objects("media") == set()


def test_a_picture_put_into_a_post_under_the_sweep_is_spared(town: Town, monkeypatch: pytest.MonkeyPatch):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    real = sweeping.tables.media

    def attached_meanwhile(asked: str) -> tables.MediaRow | None:
        row = real(asked)
        attach(who, media_id)
        return row

    monkeypatch.setattr(sweeping.tables, "media", attached_meanwhile)
    assert sweep(after(hours=25)) == 0
    monkeypatch.undo()
    assert state_of(media_id).state == "ready"
    assert len(town.objects("media")) == 3


def test_a_picture_given_up_can_be_put_into_no_post(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    commit(who.call(), [tables.give_up(state_of(media_id), datetime.now(UTC))])
    with pytest.raises(MediaUnusable):
        attach(who, media_id)


def test_a_sweep_stops_when_its_time_is_over(town: Town):
    who = town.author()
    for _ in range(3):
        town.upload(who, PHOTO)
    assert sweep_unused(after(hours=2), Deadline(0)) == 0
    assert len(town.objects("quarantine")) == 3


def test_the_sweep_leaves_other_rows_alone(town: Town):
    who = town.author()
    town.upload(who, PHOTO)
    before = len(town.cloud.items("community"))
    assert sweep(after(seconds=0)) == 0
    assert len(town.cloud.items("community")) == before
