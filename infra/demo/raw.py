"""The raw content of the whole local cloud: tables with indexes, buckets in all versions, uploads, queues, logs."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from .world import Client, World, check, fetch, until

MOST_EVENTS = 10_000
"""As many events as one page of a log may hold: a full page that names no next one may have been cut off."""


class Piece(msgspec.Struct, frozen=True):
    """Some raw bytes and where they lie; for a stored attribute, of which item."""

    place: str
    text: bytes
    attribute: str = ""
    item: dict[str, Any] = {}


def table(world: World, noun: str) -> str:
    """Name a table of the running stage."""
    return f"jule-{world.stage}-{noun}"


def table_names(world: World) -> list[str]:
    """List the stage's tables."""
    pages = world.aws("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(table(world, ""))]


def items(world: World, name: str) -> Iterator[dict[str, Any]]:
    """Read a table raw, then each of its indexes."""
    for index in ["", *_indexes(world, name)]:
        yield from _scanned(world, name, index)


def _indexes(world: World, name: str) -> list[str]:
    described = world.aws("dynamodb").describe_table(TableName=name)["Table"]
    return [index["IndexName"] for index in described.get("GlobalSecondaryIndexes", [])]


def _scanned(world: World, name: str, index: str) -> Iterator[dict[str, Any]]:
    scanned = {"TableName": name, **({"IndexName": index} if index else {})}
    for page in world.aws("dynamodb").get_paginator("scan").paginate(**scanned):
        yield from page["Items"]


def pieces(world: World) -> Iterator[Piece]:
    """Give everything there is."""
    for name in table_names(world):
        for index in ["", *_indexes(world, name)]:
            yield from _attributes(world, name, index)
    yield from _objects(world)
    yield from _messages(world)
    for group, line in logs(world):
        yield Piece(f"log {group}", line.encode())


def _attributes(world: World, name: str, index: str) -> Iterator[Piece]:
    """Give every attribute of a table as `noun/kind/attribute`, and of an index as `noun index/kind/attribute`."""
    noun = " ".join([name.rsplit("-", 1)[-1], index]).strip()
    for item in _scanned(world, name, index):
        kind = item.get("kind", {}).get("S", item["sk"]["S"])
        for attribute, value in item.items():
            yield Piece(f"{noun}/{kind}/{attribute}", _bytes(value), attribute, item)


def _bytes(value: dict[str, Any]) -> bytes:
    ((kind, content),) = value.items()
    return bytes(content) if kind == "B" else str(content).encode()


def _objects(world: World) -> Iterator[Piece]:
    s3 = world.aws("s3")
    for bucket in _buckets(world):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in page.get("Versions", []):
                body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
                yield Piece(f"bucket {bucket}", version["Key"].encode() + b"\n" + body + _unpacked(body))
            for marker in page.get("DeleteMarkers", []):
                yield Piece(f"bucket {bucket}, delete marker", marker["Key"].encode())
    for bucket, key in unfinished_uploads(world):
        yield Piece(f"bucket {bucket}, unfinished upload", key.encode())


def unfinished_uploads(world: World) -> list[tuple[str, str]]:
    """List uploads in parts that were begun and never ended, by bucket and key; their parts can't be read."""
    s3 = world.aws("s3")
    return [
        (bucket, upload["Key"])
        for bucket in _buckets(world)
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
        for upload in page.get("Uploads", [])
    ]


def _buckets(world: World) -> list[str]:
    return [b["Name"] for b in world.aws("s3").list_buckets()["Buckets"] if table(world, "") in b["Name"]]


def _unpacked(body: bytes) -> bytes:
    """Give what a zip holds; nothing for anything else."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return b""
    archive = zipfile.ZipFile(io.BytesIO(body))
    return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


def queues(world: World) -> list[str]:
    """List the addresses of every queue, dead-letter queues included."""
    pages = world.aws("sqs").get_paginator("list_queues").paginate()
    return [url for page in pages for url in page.get("QueueUrls", [])]


def _messages(world: World) -> Iterator[Piece]:
    """Look into every queue, dead-letter queues and messages in flight included, without taking anything."""
    for url in queues(world):
        looked = fetch("GET", f"{world.cloud}/_ministack/sqs/messages?QueueUrl={quote(url, safe='')}")
        check(looked.status == 200, f"the look into a queue answered {looked.status}")  # noqa: PLR2004 - well
        yield Piece(f"queue {url.rsplit('/', 1)[-1]}", json.dumps(looked.json, ensure_ascii=False).encode())


def logs(world: World) -> list[tuple[str, str]]:
    """Read every line of every function's log, with the group it lies in, up to a request made now.

    That request is the proof that the logs were really read: its own line must be among them.
    """
    asked = Client(world.base_url).call("GET", "/v1/health").headers["x-request-id"]

    def read() -> list[tuple[str, str]]:
        lines = list(_lines(world))
        return lines if any(asked in line for _, line in lines) else []

    return until("the line of the last request in the logs", read)


def _lines(world: World) -> Iterator[tuple[str, str]]:
    """Read page by page: groups, their streams (one for each invocation), the events of a page of streams."""
    reader = world.aws("logs")
    for groups in reader.get_paginator("describe_log_groups").paginate():
        for name in (group["logGroupName"] for group in groups["logGroups"]):
            for streams in reader.get_paginator("describe_log_streams").paginate(logGroupName=name):
                names = [stream["logStreamName"] for stream in streams["logStreams"]]
                if not names:
                    continue
                for page in reader.get_paginator("filter_log_events").paginate(logGroupName=name, logStreamNames=names):
                    whole = "nextToken" in page or len(page["events"]) < MOST_EVENTS
                    check(whole, f"a page of {name} may have been cut off")
                    yield from ((name, event["message"]) for event in page["events"])
