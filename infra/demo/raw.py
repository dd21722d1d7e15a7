"""The raw content of the whole local cloud: tables with their indexes, buckets in all versions, queues, logs."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from .world import World, fetch


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
    names = world.aws("dynamodb").list_tables()["TableNames"]
    return [name for name in names if name.startswith(table(world, ""))]


def items(world: World, name: str) -> Iterator[dict[str, Any]]:
    """Read a table raw, then each of its indexes."""
    dynamodb = world.aws("dynamodb")
    described = dynamodb.describe_table(TableName=name)["Table"]
    for index in [None, *[i["IndexName"] for i in described.get("GlobalSecondaryIndexes", [])]]:
        scanned = {"TableName": name} if index is None else {"TableName": name, "IndexName": index}
        for page in dynamodb.get_paginator("scan").paginate(**scanned):
            yield from page["Items"]


def pieces(world: World) -> Iterator[Piece]:
    """Give everything there is."""
    for name in table_names(world):
        for item in items(world, name):
            kind = item.get("kind", {}).get("S", item["sk"]["S"])
            for attribute, value in item.items():
                yield Piece(f"{name.rsplit('-', 1)[-1]}/{kind}/{attribute}", _bytes(value), attribute, item)
    yield from _objects(world)
    yield from _messages(world)
    for group, line in logs(world):
        yield Piece(f"log {group}", line.encode())


def _bytes(value: dict[str, Any]) -> bytes:
    ((kind, content),) = value.items()
    return bytes(content) if kind == "B" else str(content).encode()


def _objects(world: World) -> Iterator[Piece]:
    s3 = world.aws("s3")
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"] if table(world, "") in b["Name"]]:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in page.get("Versions", []):
                body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
                yield Piece(f"bucket {bucket}", version["Key"].encode() + b"\n" + body + _unpacked(body))
            for marker in page.get("DeleteMarkers", []):
                yield Piece(f"bucket {bucket}, delete marker", marker["Key"].encode())


def _unpacked(body: bytes) -> bytes:
    """Give what a zip holds; nothing for anything else."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return b""
    archive = zipfile.ZipFile(io.BytesIO(body))
    return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


def _messages(world: World) -> Iterator[Piece]:
    """Look into every queue, dead-letter queues and messages in flight included, without taking anything."""
    for url in world.aws("sqs").list_queues().get("QueueUrls", []):
        looked = fetch("GET", f"{world.cloud}/_ministack/sqs/messages?QueueUrl={quote(url, safe='')}")
        yield Piece(f"queue {url.rsplit('/', 1)[-1]}", json.dumps(looked.json, ensure_ascii=False).encode())


def logs(world: World) -> Iterator[tuple[str, str]]:
    """Read every line of every function's log, with the group it lies in."""
    reader = world.aws("logs")
    for group in reader.describe_log_groups().get("logGroups", []):
        name = group["logGroupName"]
        for stream in reader.describe_log_streams(logGroupName=name).get("logStreams", []):
            token: dict[str, str] = {}
            while True:
                page = reader.get_log_events(
                    logGroupName=name, logStreamName=stream["logStreamName"], startFromHead=True, **token
                )
                yield from ((name, event["message"]) for event in page["events"])
                if page.get("nextForwardToken") == token.get("nextToken") or not page["events"]:
                    break
                token = {"nextToken": page["nextForwardToken"]}
