"""A form takes one file of one type and size under one key, and is on record from the start."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.media import rules
from chalicelib.media.service.uploads import show_media
from chalicelib.media.tables import media
from tests.support.photographs import jpeg
from tests.support.publishing import Town, post_form, state_of, unknown_media

PHOTO = jpeg()


def test_an_upload_is_on_record_before_anything_arrives(town: Town):
    who = town.author()
    form = town.start(who, PHOTO)
    row = state_of(form.media_id)
    assert (row.person_id, row.epoch, row.state, row.post_id) == (who.person_id, 1, "uploading", None)
    assert row.due_at is not None
    assert timedelta(minutes=49) < row.due_at - datetime.now(UTC) <= rules.ORIGINAL_KEPT
    assert form.expires_at - datetime.now(UTC) < timedelta(seconds=rules.FORM_S + 1)
    assert town.objects("quarantine") == set()


@pytest.mark.promise("K1")
def test_a_record_names_every_object_it_may_ever_have(town: Town):
    form = town.start(town.author(), PHOTO)
    row = state_of(form.media_id)
    assert dict.fromkeys(bucket for bucket, _ in row.objects()) == {"quarantine": None, "media": None}
    made_anew = {key for bucket, key in row.objects() if bucket == "media"}
    assert made_anew == {*rules.picture_keys(row.folder), *rules.held_keys(row.folder)}
    assert form.media_id not in row.folder
    assert row.folder[4:] not in form.media_id


def test_folders_of_public_pictures_cannot_be_guessed_from_each_other(town: Town):
    who = town.author()
    folders = {state_of(town.start(who, PHOTO).media_id).folder for _ in range(20)}
    assert len(folders) == 20
    assert all(len(folder) == 30 for folder in folders)


def test_the_form_takes_the_file_it_was_made_for(town: Town):
    form = town.start(town.author(), PHOTO)
    assert post_form(form, PHOTO).status in {200, 204}
    assert town.objects("quarantine") == {rules.original_key(form.media_id)}
    stored = town.cloud.client("s3").get_object(
        Bucket=config().bucket("quarantine"), Key=rules.original_key(form.media_id)
    )
    assert (stored["Body"].read(), stored["ContentType"]) == (PHOTO, "image/jpeg")


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        (PHOTO + b"x", {}),
        (b"", {}),
        (PHOTO, {"Content_Type": "text/html"}),
        (PHOTO, {"Content_Type": "image/png"}),
        (PHOTO, {"key": "originals/med_aaaaaaaaaaaaaaaaaaaaaaaaaa"}),
        (PHOTO, {"key": "pictures/mine"}),
        (PHOTO, {"policy": "e30="}),
        (PHOTO, {"x_amz_signature": "0" * 64}),
        (PHOTO, {"acl": "public-read"}),
    ],
)
def test_the_form_takes_nothing_else(town: Town, content: bytes, changed: dict[str, str]):
    form = town.start(town.author(), PHOTO)
    assert post_form(form, content, **changed).status in {400, 403}
    assert town.objects("quarantine") == set()


def test_only_the_owner_sees_how_it_stands(town: Town):
    who, stranger = town.author(), town.author("路人")
    media_id = town.start(who, PHOTO).media_id
    view = show_media(who.call(), media_id)
    assert (view.state, view.ground, view.picture) == ("uploading", None, None)
    for caller, asked in ((stranger, media_id), (who, unknown_media())):
        with pytest.raises(NotFound):
            show_media(caller.call(), asked)


def test_nothing_is_known_of_an_upload_that_never_was(town: Town):
    assert media(unknown_media()) is None
    assert town.objects("media") == set()
