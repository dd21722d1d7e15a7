"""Which object is whose, which hashes tell pictures apart, and what a sweep does when."""

from urllib.parse import quote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.media import rules
from chalicelib.media.contracts import MOST_BYTES, StartUpload, UploadsArrived
from chalicelib.media.rules import State

RANDOM = "abcdefghijklmnopqrstuvwxyz"


def test_an_object_leads_back_to_its_upload_as_s3_writes_its_key():
    media_id = new_id("med")
    assert rules.media_of(rules.original_key(media_id)) == media_id
    assert rules.media_of(quote_plus(rules.original_key(media_id))) == media_id


@given(st.text(max_size=60))
def test_any_other_key_leads_nowhere(key: str):
    assert rules.media_of(key) == ""


@pytest.mark.parametrize(
    "key",
    [
        f"originals/ord_{RANDOM}",
        f"originals/originals/med_{RANDOM}",
        f"med_{RANDOM}",
        f"originals/med_{RANDOM}/x",
        f"originals/../med_{RANDOM}",
        f"originals/med_{RANDOM}%00",
    ],
)
def test_keys_that_nearly_fit_lead_nowhere(key: str):
    assert rules.media_of(key) == ""


def test_a_picture_has_three_objects_in_its_folder():
    assert rules.picture_keys("pic_x") == ("pic_x/large", "pic_x/medium", "pic_x/small")


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("state", State)
def test_a_picture_lies_in_public_only_once_it_has_passed(state: State):
    public = any(key.startswith(rules.PUBLIC) for key in rules.kept_keys(state, "pic_x"))
    assert public is (state is State.READY)


@pytest.mark.parametrize(
    ("fingerprint", "tells"),
    [("0000000000000000", False), ("ffffffffffffffff", False), ("00000000000001ff", False), ("00000000ffffffff", True)],
)
def test_a_hash_without_structure_recognises_nothing(fingerprint, tells):
    assert rules.tells_apart(fingerprint) is tells


@pytest.mark.promise("K1.2")
@pytest.mark.parametrize(
    ("state", "attached", "what"),
    [
        (State.UPLOADING, False, "remove"),
        (State.UPLOADING, True, "expire"),
        (State.READY, False, "remove"),
        (State.READY, True, "forget"),
        (State.REVIEW, False, "remove"),
        (State.REVIEW, True, "forget"),
        (State.REFUSED, False, "remove"),
        (State.REFUSED, True, "forget"),
        (State.REMOVING, False, "remove"),
        (State.REMOVING, True, "remove"),
    ],
)
def test_what_is_due_for_an_upload(state, attached, what):
    assert rules.duty(state, attached=attached) == what


@pytest.mark.parametrize(
    "asked",
    [
        {"content_type": "image/gif", "size_bytes": 10},
        {"content_type": "image/jpeg", "size_bytes": 0},
        {"content_type": "image/jpeg", "size_bytes": MOST_BYTES + 1},
        {"content_type": "image/jpeg", "size_bytes": 1.5},
        {"content_type": "image/jpeg"},
        {"content_type": "image/jpeg", "size_bytes": 10, "key": "mine"},
    ],
)
def test_an_upload_is_asked_for_exactly(asked: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(asked, StartUpload)


def test_the_event_of_the_bucket_is_read_whatever_else_it_says():
    event = {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventName": "ObjectCreated:Post",
                "s3": {"bucket": {"name": "b", "arn": "x"}, "object": {"key": "originals/a%2Bb", "size": 4}},
            }
        ]
    }
    (upload,) = msgspec.convert(event, UploadsArrived).uploads()
    assert (upload.bucket, upload.key) == ("b", "originals/a%2Bb")
