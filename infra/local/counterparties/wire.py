"""What goes in and out of a counterparty, apart from sockets."""

from collections.abc import Mapping

import msgspec

JSON = "application/json"


class Request(msgspec.Struct, frozen=True):
    """One request: `target` is the path with its query as sent, header names are in lower case."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Reply(msgspec.Struct, frozen=True):
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}


def json_reply(value: object, status: int = 200, content_type: str = JSON) -> Reply:
    """Answer with JSON."""
    return Reply(status, msgspec.json.encode(value), {"Content-Type": content_type})
