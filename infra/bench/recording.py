"""What a request asks of AWS: each call, the bytes that answered it, and the items a write found and left."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol
from unittest.mock import patch
from urllib.parse import urlsplit

import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.httpsession import URLLib3Session

from chalicelib.foundation.vault.clients import client

Item = dict[str, Any]
Key = tuple[str, str, str]
SEAM = "_make_api_call"
"""The one place of botocore under every operation of every client."""
SIGNING = ("generate_presigned_url", "generate_presigned_post")
"""What a client does without asking anybody; botocore gives it to each class of clients that it makes."""
_KEPT_HEADERS = frozenset({"content-type", "x-amz-crc32", "x-amzn-requestid", "x-amz-request-id"})


class Answer(msgspec.Struct):
    """One answer as it came over the wire; `asked` says to what."""

    asked: str
    status: int
    headers: dict[str, str]
    body: bytes


class Made(msgspec.Struct):
    """One call of the SDK; `before` and `after` hold the items that a write touched."""

    service: str
    operation: str
    params: dict[str, Any]
    answer: dict[str, Any] = {}
    before: dict[str, Item | None] = {}
    after: dict[str, Item | None] = {}


class Signed(msgspec.Struct):
    """One address signed for S3: with which method of the client, of what."""

    method: str
    given: list[Any]
    named: dict[str, Any]


class Recording(msgspec.Struct):
    """One request of a route, and all that it asked; `signed` are addresses, which nobody is asked for."""

    route: str
    event: dict[str, Any]
    calls: list[Made] = []
    answers: list[Answer] = []
    signed: list[Signed] = []

    @property
    def sequence(self) -> list[str]:
        """The operations in order."""
        return [call.operation for call in self.calls]


class Look(Protocol):
    """Reads an item past the product's own clients."""

    def __call__(self, table: str, pk: str, sk: str, /) -> Item | None:
        """Give the item as it stands."""


class Recorder:
    """Records every call that this process makes, but for its own looks."""

    def __init__(self, into: Recording, look: Look) -> None:
        """Take where to, and a way to read items."""
        self._into, self._look, self._looking = into, look, False
        self._make: Callable[..., Any] = getattr(BaseClient, SEAM)
        self._send: Callable[..., AWSResponse] = URLLib3Session.send

    @contextmanager
    def running(self) -> Iterator[None]:
        """Record meanwhile."""

        def call(asking: Any, operation: str, params: dict[str, Any]) -> Any:  # noqa: ANN401 - botocore's own
            return self._call(asking, operation, params)

        def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
            return self._sent(session, request)

        with patch.object(BaseClient, SEAM, call), patch.object(URLLib3Session, "send", send), self._signing():
            yield

    @contextmanager
    def _signing(self) -> Iterator[None]:
        signer = type(client("s3"))
        with ExitStack() as held:
            for method in SIGNING:
                held.enter_context(patch.object(signer, method, self._noted(method, getattr(signer, method))))
            yield

    def _noted(self, method: str, sign: Callable[..., Any]) -> Callable[..., Any]:
        def noted(signer: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401
            self._into.signed.append(Signed(method, list(given), named))
            return sign(signer, *given, **named)

        return noted

    def _call(self, asking: Any, operation: str, params: dict[str, Any]) -> Any:  # noqa: ANN401
        if self._looking:
            return self._make(asking, operation, params)
        made = Made(asking.meta.service_model.service_name, operation, params)
        self._into.calls.append(made)
        made.before = self._items(made)
        made.answer = self._make(asking, operation, params)
        made.after = self._items(made)
        return made.answer

    def _items(self, made: Made) -> dict[str, Item | None]:
        self._looking = True
        try:
            return {"|".join(key): self._look(*key) for _, key, _ in actions(made)}
        finally:
            self._looking = False

    def _sent(self, session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        answer = self._send(session, request)
        if not self._looking:
            headers = {k: v for k, v in answer.headers.items() if k.lower() in _KEPT_HEADERS}
            self._into.answers.append(Answer(asked(request), answer.status_code, headers, answer.content))
        return answer


def asked(request: AWSPreparedRequest) -> str:
    """Name what a request asks for: its target, or (S3) method and path."""
    target = request.headers.get("X-Amz-Target", b"")
    name = target.decode() if isinstance(target, bytes) else str(target)
    return name or f"{request.method} {urlsplit(str(request.url)).path}"


def actions(made: Made) -> list[tuple[str, Key, dict[str, Any]]]:
    """List the single writes of a call: verb, place, and its own parameters."""
    params = made.params
    if made.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        return [(made.operation.removesuffix("Item"), _place(params), params)]
    if made.operation == "TransactWriteItems":
        steps = [next(iter(step.items())) for step in params["TransactItems"]]
        return [(verb, _place(step), step) for verb, step in steps]
    if made.operation == "BatchWriteItem":
        return [one for table, requests in params["RequestItems"].items() for one in _batched(table, requests)]
    return []


def _batched(table: str, requests: list[dict[str, Any]]) -> Iterator[tuple[str, Key, dict[str, Any]]]:
    for request in requests:
        verb, step = next(iter(request.items()))
        yield verb.removesuffix("Request"), _place({"TableName": table, **step}), step


def _place(step: dict[str, Any]) -> Key:
    key = step.get("Key") or step["Item"]
    return step["TableName"], key["pk"]["S"], key["sk"]["S"]


def tape(answers: list[Answer]) -> bytes:
    """Write answers as the canned server takes them."""
    plain = [
        {"asked": a.asked, "status": a.status, "headers": a.headers, "body": base64.b64encode(a.body).decode()}
        for a in answers
    ]
    return msgspec.json.encode(plain)
