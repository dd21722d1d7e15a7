"""Objects on the local cloud: what a form or an address allows, streaming, and removing for good."""

import tracemalloc
from collections.abc import Iterator

import pytest
import urllib3

from chalicelib.foundation.gateways import objects
from chalicelib.foundation.gateways.errors import ObjectMissing, ObjectTooLarge, ProviderUnavailable
from chalicelib.foundation.vault.clients import reset_clients
from tests.support.calls import WATCH
from tests.support.cloud import TestCloud

KEY = "per_1/med_1"
JPEG = "image/jpeg"
MB = 1024 * 1024


def upload(form: objects.UploadForm, content: bytes, **other: str) -> int:
    WATCH.touched.add(("s3", form.url.rsplit("/", 1)[-1]))  # no SDK makes this call, so nobody else notes it
    fields = {**form.fields, **other}
    return urllib3.request(
        "POST", form.url, fields={**fields, "file": ("x", content, "application/octet-stream")}
    ).status


def form(max_bytes: int = 1000, expires_s: int = 60) -> objects.UploadForm:
    return objects.presign_post("quarantine", KEY, content_type=JPEG, max_bytes=max_bytes, expires_s=expires_s)


@pytest.mark.promise("F3.1")
def test_a_form_uploads_what_it_is_for(cloud: TestCloud) -> None:
    assert upload(form(), b"x" * 1000) in {200, 204}
    assert objects.read("quarantine", KEY, max_bytes=1000) == b"x" * 1000
    bucket = cloud.environment["BUCKET_QUARANTINE"]
    assert cloud.client("s3").head_object(Bucket=bucket, Key=KEY)["ContentType"] == JPEG


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize(
    ("content", "other"),
    [
        (b"x" * 1001, {}),
        (b"", {}),
        (b"x", {"key": "per_2/med_1"}),
        (b"x", {"Content-Type": "text/html"}),
        (b"x", {"x-amz-signature": "0" * 64}),
        (b"x", {"acl": "public-read"}),
    ],
    ids=["longer", "empty", "other-key", "other-type", "forged", "extra-field"],
)
def test_a_form_uploads_nothing_else(cloud: TestCloud, content: bytes, other: dict[str, str]) -> None:
    assert upload(form(), content, **other) in {400, 403}
    with pytest.raises(ObjectMissing):
        objects.read("quarantine", KEY, max_bytes=1000)


def test_an_address_downloads_one_object_as_a_named_file(cloud: TestCloud) -> None:
    objects.put("exports", KEY, b"zip", content_type="application/zip")
    address = objects.presign_get(
        "exports", KEY, expires_s=60, filename='我的"数据\r\n.zip', content_type="application/zip"
    )
    answer = urllib3.request("GET", address)
    assert (answer.status, answer.data) == (200, b"zip")
    told = answer.headers["Content-Disposition"]
    assert told == "attachment; filename*=UTF-8''%E6%88%91%E7%9A%84%22%E6%95%B0%E6%8D%AE%0D%0A.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert urllib3.request("GET", address.replace("med_1", "med_2")).status == 403
    assert urllib3.request("GET", address.split("?")[0]).status == 403


@pytest.mark.promise("J2.3")
@pytest.mark.parametrize("expires_s", [0, -1, 61, 3600])
def test_no_address_is_good_for_more_than_a_minute(cloud: TestCloud, expires_s: int) -> None:
    with pytest.raises(ValueError, match=str(expires_s)):
        objects.presign_get("exports", KEY, expires_s=expires_s, filename="x", content_type="text/plain")


def test_what_is_not_there_is_missing_and_what_is_too_long_is_not_read(cloud: TestCloud) -> None:
    with pytest.raises(ObjectMissing):
        objects.read("media", KEY, max_bytes=10)
    objects.put("media", KEY, b"x" * 11, content_type=JPEG)
    with pytest.raises(ObjectTooLarge):
        objects.read("media", KEY, max_bytes=10)
    assert objects.read("media", KEY, max_bytes=11) == b"x" * 11


@pytest.mark.promise("J2.1")
@pytest.mark.parametrize("size", [0, 1, 8 * MB - 1, 8 * MB, 8 * MB + 1, 20 * MB])
def test_a_stream_arrives_whole(cloud: TestCloud, size: int) -> None:
    chunk = bytes(range(256)) * 1024

    def chunks() -> Iterator[bytes]:
        for at in range(0, size, len(chunk)):
            yield chunk[: min(len(chunk), size - at)]

    stored = objects.stream_put("exports", KEY, chunks(), content_type="application/zip")
    content = objects.read("exports", KEY, max_bytes=size)
    assert stored.size_bytes == len(content) == size
    assert content == b"".join(chunks())
    assert list(objects.uploads("exports", KEY)) == []


@pytest.mark.promise("J2")
def test_memory_stays_flat_whatever_the_length(cloud: TestCloud) -> None:
    def peak(parts: int) -> int:
        tracemalloc.start()
        objects.stream_put("exports", KEY, (b"x" * MB for _ in range(parts)), content_type="application/zip")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(9)
    assert peak(96) < peak(32) + MB < 32 * MB


@pytest.mark.parametrize("good_chunks", [0, 9])
def test_a_stream_that_breaks_leaves_nothing_behind(cloud: TestCloud, good_chunks: int) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(good_chunks):
            yield b"x" * MB
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        objects.stream_put("exports", KEY, chunks(), content_type="application/zip")
    assert list(objects.uploads("exports", "")) == []
    assert list(objects.versions("exports", "")) == []


@pytest.mark.promise("J3.1", "J3.2")
def test_every_version_marker_and_open_upload_of_one_key_goes(cloud: TestCloud) -> None:
    s3, bucket = cloud.client("s3"), cloud.environment["BUCKET_MEDIA"]
    for key in (KEY, f"{KEY}0", "per_1/med_2"):
        objects.put("media", key, b"one", content_type=JPEG)
        objects.put("media", key, b"two", content_type=JPEG)
        s3.delete_object(Bucket=bucket, Key=key)
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    assert len([1 for key, _ in objects.versions("media", KEY) if key == KEY]) == 3
    assert objects.delete_all_versions("media", KEY) == 4
    assert [key for key, _ in objects.versions("media", KEY)] == [f"{KEY}0"] * 3
    assert [key for key, _ in objects.uploads("media", KEY)] == [f"{KEY}0"]
    assert objects.delete_all_versions("media", KEY) == 0
    for key in (f"{KEY}0", "per_1/med_2"):
        objects.delete_all_versions("media", key)


def test_listings_go_on_past_the_first_page(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    real = objects.client("s3")

    class Short:
        """The real client, asked for two entries a page."""

        def __getattr__(self, name: str):
            page = {"list_object_versions": {"MaxKeys": 2}, "list_multipart_uploads": {"MaxUploads": 2}}.get(name, {})
            return lambda **asked: getattr(real, name)(**asked, **page)

    for number in range(5):
        objects.put("media", f"{KEY}/{number}", b"x", content_type=JPEG)
        objects.put("media", f"{KEY}/{number}", b"y", content_type=JPEG)
        real.create_multipart_upload(Bucket=cloud.environment["BUCKET_MEDIA"], Key=f"{KEY}/{number}")
    monkeypatch.setattr(objects, "client", lambda _: Short())
    assert len(set(objects.versions("media", KEY))) == 10
    assert len(set(objects.uploads("media", KEY))) == 5
    assert sum(objects.delete_all_versions("media", f"{KEY}/{number}") for number in range(5)) == 15


def test_the_store_not_answering_is_unavailable(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as nowhere:
        nowhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        reset_clients()
        with pytest.raises(ProviderUnavailable):
            objects.put("media", KEY, b"x", content_type=JPEG)
    reset_clients()
