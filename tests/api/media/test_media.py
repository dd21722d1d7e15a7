"""Uploads over HTTP: one's own only, exact input, and a photograph's whole way to a public picture."""

import pytest

from chalicelib.media.contracts import MOST_BYTES, UploadView
from tests.support.edges import Http
from tests.support.people import expired_token
from tests.support.photographs import jpeg, of_colour
from tests.support.publishing import Town, post_form, unknown_media

PHOTO = jpeg()
ASKED = {"content_type": "image/jpeg", "size_bytes": len(PHOTO)}
SOME = "med_abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(("method", "path", "body"), [("POST", "/v1/media", ASKED), ("GET", f"/v1/media/{SOME}", None)])
def test_guests_are_asked_to_log_in(http: Http, town: Town, method: str, path: str, body: object):
    for headers in ({}, {"Authorization": f"Bearer {expired_token(town.author())}"}):
        answer = http(method, path, body, headers=headers)
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert town.cloud.items("community") == []


@pytest.mark.promise("F3.1")
def test_a_photograph_goes_its_whole_way(http: Http, town: Town):
    who = town.author()
    started = http("POST", "/v1/media", ASKED, who=who)
    assert started.status == 201
    assert started.headers["Location"] == f"/v1/media/{started.json['media_id']}"
    form = UploadView(**{**started.json, "expires_at": None})
    assert post_form(form, PHOTO).status in {200, 204}
    path = f"/v1/media/{form.media_id}"
    waiting = http("GET", path, who=who)
    assert (waiting.json["state"], waiting.json["picture"]) == ("uploading", None)
    assert waiting.headers["Cache-Control"] == "no-store"
    assert town.pump("media") == []
    done = http("GET", path, who=who).json
    assert done["state"] == "ready"
    assert done["picture"].keys() == {"width", "height", "large", "medium", "small"}
    assert form.media_id not in str(done["picture"])
    assert who.person_id not in str(done)


def test_the_owner_is_told_why_it_was_refused(http: Http, town: Town):
    who = town.author()
    media_id = town.picture(who, of_colour((255, 0, 0)))
    answer = http("GET", f"/v1/media/{media_id}", who=who).json
    assert (answer["state"], answer["ground"], answer["picture"]) == ("refused", "unlawful", None)


def test_another_persons_upload_is_as_good_as_missing(http: Http, town: Town):
    media_id = town.picture(town.author(), PHOTO)
    stranger = town.author("路人")
    theirs = http("GET", f"/v1/media/{media_id}", who=stranger)
    missing = http("GET", f"/v1/media/{unknown_media()}", who=stranger)
    assert (theirs.status, theirs.code) == (missing.status, missing.code) == (404, "request.not_found")
    assert theirs.json | {"request_id": ""} == missing.json | {"request_id": ""}


@pytest.mark.parametrize(
    ("body", "pointer", "rule"),
    [
        ({"content_type": "image/gif", "size_bytes": 10}, "/content_type", "choice"),
        ({"content_type": "text/html", "size_bytes": 10}, "/content_type", "choice"),
        ({"content_type": "image/jpeg", "size_bytes": 0}, "/size_bytes", "range"),
        ({"content_type": "image/jpeg", "size_bytes": MOST_BYTES + 1}, "/size_bytes", "range"),
        ({"content_type": "image/jpeg", "size_bytes": "10"}, "/size_bytes", "type"),
        ({"content_type": "image/jpeg"}, "/size_bytes", "required"),
        ({"content_type": "image/jpeg", "size_bytes": 10, "acl": "public-read"}, "", "unknown_field"),
        ([], "", "type"),
    ],
)
def test_input_of_another_shape_is_refused_in_place(http: Http, town: Town, body: object, pointer: str, rule: str):
    answer = http("POST", "/v1/media", body, who=town.author())
    assert (answer.status, answer.code, answer.errors) == (400, "request.invalid", [(pointer, rule)])
    assert town.cloud.items("community") == []


@pytest.mark.parametrize("media_id", ["x", "med_", "ord_" + SOME[4:], SOME.upper(), SOME + "a", "med_%00", "..%2f.."])
def test_an_id_that_can_not_be_one_is_missing(http: Http, town: Town, media_id: str):
    answer = http("GET", f"/v1/media/{media_id}", who=town.author())
    assert (answer.status, answer.code) == (404, "request.not_found")


def test_uploads_are_limited(http: Http, town: Town):
    who = town.author()
    answer = http("POST", "/v1/media", ASKED, who=who)
    assert answer.headers["RateLimit-Policy"] == '"media";q=60;w=1800'
    assert answer.headers["RateLimit"].startswith('"media";r=59;')
