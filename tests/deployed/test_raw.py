"""The demo's look at everything raw really sees everything: page after page, what is half uploaded, what waits."""

import time
from collections.abc import Iterator

import pytest

from infra.demo import raw, scan
from infra.demo.world import Unexpected, World
from infra.local.stack import LocalStack

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(300)]
STREAMS, PAGE = 120, 50
GROUP = "/test/many-streams"


@pytest.fixture
def many_streams(stack: LocalStack) -> Iterator[list[str]]:
    """Write a log of more streams than a page holds, a line in each."""
    logs, lines = stack.client("logs"), [f"canary-{number:03d}-of-the-test" for number in range(STREAMS)]
    logs.create_log_group(logGroupName=GROUP)
    for number, line in enumerate(lines):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=f"stream-{number:03d}")
        event = {"timestamp": int(time.time() * 1000), "message": line}
        logs.put_log_events(logGroupName=GROUP, logStreamName=f"stream-{number:03d}", logEvents=[event])
    yield lines
    logs.delete_log_group(logGroupName=GROUP)


def test_every_stream_of_a_log_is_read(world: World, many_streams: list[str]):
    assert STREAMS > 2 * PAGE
    assert sorted(line for group, line in raw.logs(world) if group == GROUP) == many_streams


def test_logs_that_lack_the_last_request_are_not_taken_for_all(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw, "until", lambda what, probe: probe() or pytest.fail(what))
    monkeypatch.setattr(raw, "_lines", lambda _: iter([("log", "some other line")]))
    with pytest.raises(pytest.fail.Exception, match="last request"):
        raw.logs(world)


def test_an_upload_that_was_never_ended_is_seen(world: World, stack: LocalStack):
    s3, bucket = stack.client("s3"), stack.env["BUCKET_EXPORTS"]
    begun = s3.create_multipart_upload(Bucket=bucket, Key="copies/canary-of-an-upload.zip")
    try:
        assert (bucket, "copies/canary-of-an-upload.zip") in raw.unfinished_uploads(world)
        assert scan.hits(world, {"canary": b"canary-of-an-upload"}) == [f"bucket {bucket}, unfinished upload: canary"]
    finally:
        s3.abort_multipart_upload(Bucket=bucket, Key=begun["Key"], UploadId=begun["UploadId"])


def test_a_look_into_a_queue_that_fails_is_no_empty_queue(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw, "queues", lambda _: ["http://127.0.0.1/000/no-such"])
    monkeypatch.setattr(world, "cloud", world.cloud + "/nothing")
    with pytest.raises(Unexpected, match="look into a queue answered"):
        list(raw._messages(world))
