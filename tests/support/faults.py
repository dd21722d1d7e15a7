"""Failing one call to AWS of a flow, each in turn, and being the client that does not give up."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError

from chalicelib.foundation.kernel import backoff
from chalicelib.foundation.vault.clients import USER_AGENT

from .cloud import forget_process_state
from .edges import Reply
from .killing import Killed

_TRIES = 6
_THROTTLES = {"s3": ("SlowDown", 503), "dynamodb": ("ProvisionedThroughputExceededException", 400)}


class Fault(Enum):
    """What happens to one call, after botocore's own tries."""

    ERROR = "refused before it took effect"
    LOST = "done, and the answer lost"
    THROTTLED = "refused as too frequent"
    KILLED = "done, and the process gone"


Pick = Callable[[list[str]], Iterable[int]]


def every_call(calls: list[str]) -> Iterable[int]:
    """Pick each call, by its number from 1."""
    return range(1, len(calls) + 1)


def in_turn(fault: Fault) -> Pick:
    """Pick what changes something, and of like reads in a row the first; these share the four faults among them."""

    def pick(calls: list[str]) -> Iterable[int]:
        alone = [n for n, call in enumerate(calls, 1) if call != "Query" or n == 1 or calls[n - 2] != "Query"]
        return alone[[*Fault].index(fault) :: len(Fault)]

    return pick


class Turn:
    """One run of a flow, in which the n-th call of the product from where it begins (from 1; 0: none) fails."""

    def __init__(self, number: int, fault: Fault) -> None:
        self.number, self.fault = number, fault
        self.calls: list[str] = []

    @property
    def hit(self) -> bool:
        """Say whether the flow was long enough for the fault."""
        return 0 < self.number <= len(self.calls)

    def __str__(self) -> str:
        if not self.hit:
            return "no call failed"
        return f"call {self.number} ({self.calls[self.number - 1]}) {self.fault.value}"

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Count the calls of a new process from here, and fail the one whose turn it is."""
        forget_process()
        real = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
            if client.meta.config.user_agent != USER_AGENT:
                return real(client, operation, params)
            self.calls.append(operation)
            if len(self.calls) != self.number:
                return real(client, operation, params)
            return _fail(self.fault, lambda: real(client, operation, params), client, operation)

        BaseClient._make_api_call = call
        try:
            yield
        finally:
            BaseClient._make_api_call = real


def _fail(fault: Fault, send: Callable[[], Any], client: BaseClient, operation: str) -> Any:
    if fault is Fault.ERROR:
        raise _refused(client, operation, "InternalServerError", 500)
    if fault is Fault.THROTTLED:
        service = client.meta.service_model.service_name
        raise _refused(client, operation, *_THROTTLES.get(service, ("ThrottlingException", 400)))
    send()
    if fault is Fault.LOST:
        raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url)
    raise Killed


def _refused(client: BaseClient, operation: str, code: str, status: int) -> Exception:
    answer = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    made: Exception = client.exceptions.from_code(code)(answer, operation)
    return made


def each_call(flow: Callable[[Turn], None], fault: Fault, *, least: int, pick: Pick = every_call) -> None:
    """Run a flow as it is, then again and again with another call failing each time.

    The first run alone may make calls that are made once a day or once in a house's life.

    Args:
        flow: prepares, does what is under test within `begun()`, and checks what must hold after.
        fault: what happens to the call.
        least: how many calls the flow makes at least; fewer would mean that the hook sees nothing.
        pick: which of its calls fail.
    """
    for whole in (Turn(0, fault), Turn(0, fault)):
        flow(whole)
    assert len(whole.calls) >= least, f"only {whole.calls} were seen"
    for number in pick(whole.calls):
        turn = Turn(number, fault)
        try:
            flow(turn)
        except (Exception, pytest.fail.Exception) as wrong:
            wrong.add_note(str(turn))
            raise
        assert turn.hit, f"call {number} never came"


def patient(send: Callable[[], Reply], *, wait: Callable[[float], None] | None = None) -> Reply:
    """Send a request until it is answered for good, as a client does with the same key and body.

    Held against every answer: nothing but 503 above 499, and that with `Retry-After` and as a problem document.

    Args:
        send: sends it once.
        wait: lets the seconds of a `Retry-After` pass.
    """
    for _ in range(_TRIES):
        try:
            reply = send()
        except Killed:
            forget_process()
            continue
        if reply.status not in {429, 503}:
            assert reply.status < 500, reply.text
            return reply
        assert reply.code
        pause_s = int(reply.headers["Retry-After"])
        if wait is not None:
            wait(pause_s)
    pytest.fail("no answer for good")


def forget_process() -> None:
    """Be a new process, which knows nothing of what the last one had opened."""
    forget_process_state()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the product wait no time between its own tries."""
    monkeypatch.setattr(backoff, "pause", lambda _attempt: None)
