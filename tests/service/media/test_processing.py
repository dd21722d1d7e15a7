"""An upload is made anew, judged, and only then public; whatever happens on the way, nothing is left lying about."""

from io import BytesIO

import pytest
from botocore.exceptions import EndpointConnectionError
from PIL import Image

from chalicelib.foundation.audit.disclosures import DisclosureRow
from chalicelib.foundation.gateways.moderation import Judgement, Verdict
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.media import rules
from chalicelib.media.contracts import Upload
from chalicelib.media.service import processing
from chalicelib.media.service.processing import process_upload
from chalicelib.media.service.uploads import show_media
from chalicelib.media.tables import MediaRow, media
from tests.support import photographs
from tests.support.killing import Killed, killed_at
from tests.support.people import Someone
from tests.support.photographs import CANARY, encoded, jpeg, of_colour, scene
from tests.support.publishing import Town, state_of
from tests.support.rows import every
from tests.support.wire import Wire, is_down

PHOTO = jpeg()
RED, MAGENTA = of_colour((255, 0, 0)), of_colour((255, 0, 255))


def process(town: Town, media_id: str, call: Call) -> None:
    process_upload(call, Upload(config().bucket("quarantine"), rules.original_key(media_id)))


def disclosures(who: Someone) -> list[tuple[str, str, str | None]]:
    rows = every(DisclosureRow, who.ref, DisclosureRow.sk.startswith("DISCLOSURE#"))
    return [(row.recipient, row.items, row.subject_id) for row in rows]


def stored(town: Town, key: str) -> bytes:
    content: bytes = town.cloud.client("s3").get_object(Bucket=config().bucket("media"), Key=key)["Body"].read()
    return content


@pytest.mark.promise("F3.3")
@pytest.mark.parametrize("write", [photographs.jpeg, photographs.png, photographs.webp])
def test_a_photograph_becomes_three_clean_pictures_and_the_original_goes(town: Town, write):
    who = town.author()
    media_id = town.picture(who, write())
    row = state_of(media_id)
    assert (row.state, row.width, row.height, row.ground) == ("ready", *photographs.SIZE, None)
    assert town.objects("quarantine") == set()
    assert town.objects("media") == set(rules.picture_keys(row.folder))
    for key in rules.picture_keys(row.folder):
        content = stored(town, key)
        assert CANARY.encode() not in content
        Image.open(BytesIO(content)).load()
    view = show_media(who.call(), media_id)
    assert view.picture is not None
    assert view.picture.large == f"https://media.jule.example/{row.folder}/large"


@pytest.mark.promise("F3.1", "I2.3")
def test_it_is_judged_as_it_will_be_public_and_that_is_on_record(town: Town, monkeypatch: pytest.MonkeyPatch):
    sent = []
    monkeypatch.setattr(processing.moderation, "judge_image", _noting(sent, processing.moderation.judge_image))
    who = town.author()
    media_id = town.picture(who, PHOTO)
    assert sent == [stored(town, rules.picture_keys(state_of(media_id).folder)[0])]
    assert town.judged(media_id) == [("Pass", "Normal")]
    assert disclosures(who) == [("moderation", "media.picture", media_id)]


@pytest.mark.promise("F3.1")
def test_what_is_unlawful_is_refused_and_leaves_no_object(town: Town):
    media_id = town.picture(town.author(), RED)
    row = state_of(media_id)
    assert (row.state, row.ground, row.label) == ("refused", "unlawful", "Porn")
    assert town.objects("media") | town.objects("quarantine") == set()
    assert len(town.outbox("MediaJudged")) == 1


def test_what_a_human_must_see_is_kept_and_shown_to_nobody(town: Town):
    who = town.author()
    media_id = town.picture(who, MAGENTA)
    row = state_of(media_id)
    assert (row.state, row.label) == ("review", "Sexy")
    assert town.objects("media") == set(rules.held_keys(row.folder))
    assert show_media(who.call(), media_id).picture is None


@pytest.mark.promise("F3.1")
def test_a_verdict_that_another_delivery_overtook_leaves_nothing_public(town: Town, monkeypatch: pytest.MonkeyPatch):
    """The first was killed after it had put the picture out; the moderator thinks otherwise the second time."""
    who = town.author()
    media_id, call = town.upload(who, PHOTO), who.call()
    with killed_at(1, "before", lambda operation: operation == "TransactWriteItems"), pytest.raises(Killed):
        process(town, media_id, call)
    row = state_of(media_id)
    assert (row.state, town.objects("media")) == ("uploading", set(rules.picture_keys(row.folder)))
    doubt = Verdict(Judgement.REVIEW, "Sexy")
    monkeypatch.setattr(processing.moderation, "judge_image", lambda *_, **__: doubt)
    process(town, media_id, call)
    assert state_of(media_id).state == "review"
    assert town.objects("media") == set(rules.held_keys(row.folder))


def test_a_picture_known_to_be_unlawful_is_recognised_and_sent_to_nobody(town: Town):
    reddish = scene(mode="L").point(lambda value: 235 + value // 13)
    seen = Image.merge("RGB", (reddish, *[Image.new("L", photographs.SIZE)] * 2))
    first, second = town.author(), town.author("另一位")
    assert state_of(town.picture(first, encoded(seen, "PNG"))).ground == "unlawful"
    again = town.picture(second, encoded(seen, "WEBP", lossless=True, exif=photographs.exif()))
    assert (state_of(again).state, state_of(again).ground) == ("refused", "unlawful")
    assert town.judged(again) == []
    assert disclosures(second) == []


def test_a_plain_wall_that_was_unlawful_once_makes_no_other_plain_wall_so(town: Town):
    assert state_of(town.picture(town.author(), RED)).state == "refused"
    assert state_of(town.picture(town.author(), of_colour((0, 120, 0)))).state == "ready"


@pytest.mark.parametrize(
    "content", [b"no picture", PHOTO[:900], photographs.png_of_size(60_000, 60_000), b"\xff\xd8\xff"]
)
def test_what_cannot_be_opened_is_refused_and_goes(town: Town, content: bytes):
    media_id = town.picture(town.author(), content)
    assert (state_of(media_id).state, state_of(media_id).ground) == ("refused", "unreadable")
    assert town.judged(media_id) == []
    assert town.objects("quarantine") | town.objects("media") == set()


def test_what_is_larger_than_any_form_allows_is_refused_unread(town: Town):
    media_id = town.picture(town.author(), PHOTO + b"\0" * (10 * 1024 * 1024))
    assert state_of(media_id).ground == "unreadable"


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("mode", ["error", "throttle", "lost", "garbage", "redirect"])
def test_without_a_verdict_it_stays_where_it_is_and_is_tried_again(town: Town, mode: str):
    media_id = town.upload(town.author(), PHOTO)
    town.moderator.plan("ims.*", mode, times=2)
    (failed,) = town.pump("media")
    assert media_id in failed
    assert state_of(media_id).state == "uploading"
    assert town.objects("media") == set()
    assert town.objects("quarantine") == {rules.original_key(media_id)}
    town.moderator.world.faults.clear()
    process(town, media_id, town.author().call())
    assert state_of(media_id).state == "ready"
    assert town.objects("quarantine") == set()


@pytest.mark.promise("I2.3")
def test_what_is_not_on_record_does_not_leave(town: Town, wire: Wire):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    wire.always("PutItem", is_down)
    with pytest.raises(EndpointConnectionError):
        process(town, media_id, who.call())
    assert [sent["TableName"] for sent in wire.bodies("PutItem")][-1:] == ["jule-test-evidence"]
    assert (town.judged(media_id), disclosures(who)) == ([], [])


def _closing(who: Someone) -> None:
    row = who.standing()
    commit([update(row, [StandingRow.status.set(CLOSING), StandingRow.epoch.set(row.epoch + 1)])])


def _frozen(who: Someone) -> None:
    commit([update(who.standing(), [StandingRow.status.set(FROZEN)])])


def _back_again(who: Someone) -> None:
    row = who.standing()
    commit([update(row, [StandingRow.epoch.set(row.epoch + 1)])])


def _gone(who: Someone) -> None:
    commit([delete(who.standing())])


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize("leave", [_closing, _frozen, _back_again, _gone])
def test_the_upload_of_somebody_who_left_goes_unjudged(town: Town, leave):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    leave(who)
    assert town.pump("media") == []
    assert media(media_id) is None
    assert town.objects("quarantine") | town.objects("media") == set()
    assert town.judged(media_id) == []


def test_an_object_without_a_record_goes(town: Town):
    media_id = town.upload(town.author(), PHOTO)
    commit([delete((MediaRow, media_id, "MEDIA"))])
    assert town.pump("media") == []
    assert town.objects("quarantine") == set()


@pytest.mark.promise("J7.4")
def test_somebody_erased_while_their_picture_is_judged_leaves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch):
    who = town.author()
    media_id = town.upload(who, PHOTO)
    real = processing.moderation.judge_image

    def erase_meanwhile(*args: object, **named: object) -> object:
        verdict = real(*args, **named)
        _closing(who)
        commit([delete((MediaRow, media_id, "MEDIA"))])
        return verdict

    monkeypatch.setattr(processing.moderation, "judge_image", erase_meanwhile)
    process(town, media_id, town.author().call())
    assert town.objects("quarantine") | town.objects("media") == set()
    assert town.outbox("MediaJudged") == []


@pytest.mark.parametrize(
    ("bucket", "key"),
    [
        ("another-bucket", "originals/med_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("", "../originals/x"),
        ("", "originals/%00"),
        ("", "pictures/large"),
    ],
)
def test_an_event_about_anything_else_touches_nothing(town: Town, bucket: str, key: str, aws_calls):
    call = town.author().call()
    aws_calls.clear()
    process_upload(call, Upload(bucket or config().bucket("quarantine"), key))
    assert aws_calls == []


def test_a_second_file_under_the_same_form_changes_nothing_any_more(town: Town):
    who = town.author()
    media_id = town.picture(who, PHOTO)
    before = {key: stored(town, key) for key in town.objects("media")}
    key = rules.original_key(media_id)
    town.cloud.client("s3").put_object(Bucket=config().bucket("quarantine"), Key=key, Body=RED)
    assert town.pump("media") == []
    assert town.objects("quarantine") == set()
    assert {key: stored(town, key) for key in town.objects("media")} == before
    assert len(town.outbox("MediaJudged")) == 1


def _noting(sent: list[bytes], real):
    def judge(picture: bytes, *args: object, **named: object) -> object:
        sent.append(picture)
        return real(picture, *args, **named)

    return judge
