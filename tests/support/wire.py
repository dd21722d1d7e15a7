"""The wire between SDK and AWS, where a test may cut, jam or forge it; botocore's own retries stay in play.

What is not planned passes. Without a cloud behind it (unit tests) everything must be planned.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from chalicelib.foundation.vault import clients

Send = Callable[[], AWSResponse]
Effect = Callable[[AWSPreparedRequest, Send], AWSResponse]


class Sent(NamedTuple):
    """One request as it went onto the wire, retries included."""

    operation: str
    body: dict[str, Any]


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self._body]


def answers(body: dict[str, Any], status: int = 200) -> Effect:
    """Answer in AWS's place."""
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return lambda request, _send: AWSResponse(request.url, status, headers, _Raw(data))


def refuses(code: str, status: int = 400, **more: Any) -> Effect:
    """Refuse with an error code, such as `ThrottlingException`."""
    return answers({"__type": f"com.amazonaws#{code}", "message": code, **more}, status)


def loses_answer(request: AWSPreparedRequest, send: Send) -> AWSResponse:
    """Let the call take effect, and lose what came of it."""
    send()
    raise ReadTimeoutError(endpoint_url=request.url)


def is_down(request: AWSPreparedRequest, _send: Send) -> AWSResponse:
    """Let nothing through."""
    raise EndpointConnectionError(endpoint_url=request.url)


def passes(_request: AWSPreparedRequest, send: Send) -> AWSResponse:
    """Let this one through."""
    return send()


class Wire:
    """What was sent, and what becomes of the next sends of an operation."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._plans: dict[str, list[Effect]] = {}
        self._always: dict[str, Effect] = {}

    def plan(self, operation: str, *effects: Effect) -> None:
        """Plan the next sends of an operation, one effect each."""
        self._plans.setdefault(operation, []).extend(effects)

    def always(self, operation: str, effect: Effect) -> None:
        """Plan every send of an operation (`*`: of any)."""
        self._always[operation] = effect

    def restore(self) -> None:
        """Let everything pass again."""
        self._plans.clear()
        self._always.clear()

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """Give what was sent for an operation, in order."""
        return [one.body for one in self.sent if one.operation == operation]

    def carry(self, request: AWSPreparedRequest, send: Send) -> AWSResponse:
        """Carry one request as planned."""
        target = request.headers.get("X-Amz-Target", b"")
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        self.sent.append(Sent(operation, json.loads(request.body or b"{}") if operation else {}))
        planned = self._plans.get(operation)
        effect = planned.pop(0) if planned else self._always.get(operation) or self._always.get("*") or passes
        return effect(request, send)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """Give the wire of this test; waiting between tries takes no time.

    The clients are its own, because botocore counts failures per client and after enough of them tries no more.
    """
    given, send = Wire(), URLLib3Session.send
    monkeypatch.setattr(clients, "_CLIENTS", {})
    monkeypatch.setattr(
        URLLib3Session, "send", lambda session, request: given.carry(request, lambda: send(session, request))
    )
    monkeypatch.setattr(time, "sleep", lambda _s: None)
    yield given
    given.restore()
