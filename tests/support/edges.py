"""Driving the app in process: requests as API Gateway hands them over, messages as SQS does."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from chalice.test import Client

from .people import Someone

CLIENT = {"X-Client": "app/2.3.1", "X-Device": "%E5%B0%8F%E7%B1%B3%2014"}
"""What a client of ours says of itself: the app, on a 小米 14."""


class Reply:
    """An answer of the API."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.text = body.decode()
        self.cookies: list[str] = []

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """Give the code of a refusal, once it has the shape every refusal has."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        body = self.json
        assert body.keys() == {"type", "title", "status", "code", "request_id", "retryable", "errors"}
        assert body["status"] == self.status
        assert body["type"] == f"urn:jule:problem:{body['code']}"
        assert self.headers["Cache-Control"] == "no-store"
        return str(body["code"])

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(error["pointer"], error["code"]) for error in self.json["errors"]]


class Http:
    """The API in this process."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        who: Someone | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request; `body` goes as JSON, `raw` as it is."""
        sent = {**CLIENT, **(who.headers if who else {}), **(headers or {})}
        if raw is None and body is not None:
            raw = msgspec.json.encode(body)
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self._client.http.request(method, path, headers=sent, body=raw or b"")
        reply = Reply(answer.status_code, answer.headers, answer.body)
        said = answer.headers.get("Set-Cookie", [])
        reply.cookies = said if isinstance(said, list) else [said]
        return reply


@pytest.fixture
def http(cloud: Any) -> Iterator[Http]:
    """Give the API in this process, over an empty local cloud."""
    import app

    with Client(app.app) as client:
        yield Http(client)


def deliver(job: Callable[[Any, Any], Any], *bodies: str, context: Any = None) -> list[int]:
    """Hand a batch of message bodies to a job as SQS does; gives the places in it of those that failed."""
    records = [{"messageId": str(uuid4()), "body": body, "attributes": {}} for body in bodies]
    answer = job({"Records": records}, context)
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    return [place for place, record in enumerate(records) if record["messageId"] in failed]
