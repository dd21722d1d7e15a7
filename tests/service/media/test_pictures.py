"""A picture is in one post of its owner at most, however many try at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.media import rules
from chalicelib.media import service as medias
from chalicelib.media.contracts import Seen
from chalicelib.media.errors import MediaUnusable
from tests.support.people import Someone
from tests.support.photographs import jpeg, of_colour
from tests.support.publishing import Town, state_of, unknown_media

PHOTO = jpeg()
THREADS = 6


def attach(who: Someone, *media_ids: str) -> str:
    post_id = new_id("pst")
    commit(who.call(), medias.attach_writes(who.call(), media_ids, post_id))
    return post_id


def test_pictures_judged_or_on_their_way_go_into_a_post(town: Town):
    who = town.author()
    ready, waiting = town.picture(who, PHOTO), town.upload(who, PHOTO)
    post_id = attach(who, ready, waiting)
    assert [medias.post_of(ready), medias.post_of(waiting)] == [post_id, post_id]
    assert [seen.state for seen in medias.look_at([waiting, ready])] == ["uploading", "ready"]


def test_no_picture_that_is_refused_used_anothers_or_not_there_does(town: Town):
    who, other = town.author(), town.author("另一位")
    used = town.picture(who, PHOTO)
    attach(who, used)
    for bad in (town.picture(who, of_colour((255, 0, 0))), used, town.picture(other, PHOTO), unknown_media()):
        good = town.picture(who, PHOTO)
        with pytest.raises(MediaUnusable) as refused:
            attach(who, good, bad)
        assert [(e.pointer, e.code) for e in refused.value.errors] == [("/media_ids/1", "unusable")]
        assert state_of(good).post_id is None


def test_of_many_posts_at_once_one_gets_the_picture(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)

    def one(_: int) -> str | None:
        try:
            return attach(who, media_id)
        except MediaUnusable:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        won = [post_id for post_id in pool.map(one, range(THREADS)) if post_id]
    assert [state_of(media_id).post_id] == won


def test_a_picture_in_no_post_or_gone_names_none(town: Town):
    assert medias.post_of(town.picture(town.author(), PHOTO)) == ""
    assert medias.post_of(unknown_media()) == ""
    assert medias.look_at([unknown_media()]) == [Seen("refused")]


@pytest.mark.promise("J3.1")
def test_removing_takes_every_version_and_only_what_was_given_up(town: Town):
    who = town.author()
    gone, stays = town.picture(who, PHOTO), town.picture(who, PHOTO)
    attach(who, gone, stays)
    commit(who.call(), medias.removal_writes(who.call(), [gone, unknown_media()]))
    for _ in range(2):
        medias.remove_media([gone, stays])
    assert town.objects("media") == set(rules.picture_keys(state_of(stays).folder))
