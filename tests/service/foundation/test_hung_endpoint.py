"""An endpoint that takes connections and never answers: given up within what API Gateway waits, and said so."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from chalicelib.foundation.store.faults import is_outage
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, put_new, update, update_now
from chalicelib.foundation.vault import clients
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.scratch_rows import GuardRow

GATEWAY_WAITS_S = 29
BACKOFF_S = (1, 2)
"""What botocore's standard mode waits at most before its second and third try."""
READ_S = 0.2


class Hung:
    """A server that listens and says nothing."""

    def __init__(self) -> None:
        self.taken: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                self.taken.append(self._listening.accept()[0])

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for one in self.taken:
            one.close()


@pytest.fixture
def hung(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hung]:
    """Put the product before a hung cloud, with a read time-out that a test can wait for."""
    given = Hung()
    with monkeypatch.context() as patched:
        patched.setattr(clients, "READ_S", READ_S)
        patched.setenv("AWS_ENDPOINT_URL", given.url)
        clients.reset_clients()
        yield given
    clients.reset_clients()
    given.stop()


def test_all_tries_of_a_call_end_before_the_gateway_gives_up():
    one = clients.CONNECT_S + clients.READ_S
    assert len(BACKOFF_S) == clients.ATTEMPTS - 1
    assert clients.ATTEMPTS * one + sum(BACKOFF_S) < GATEWAY_WAITS_S / 1.5


@pytest.mark.parametrize(
    "call",
    [
        lambda: get(GuardRow, "a", "b"),
        lambda: commit([put_new(GuardRow(pk="a", sk="b", person_id="c"))]),
        lambda: commit([put_new(GuardRow(pk=pk, sk="b", person_id="c")) for pk in "xy"]),
        lambda: update_now(update((GuardRow, "a", "b"), [GuardRow.person_id.set("c")])),
    ],
    ids=["read", "write", "transaction", "count"],
)
def test_a_call_is_tried_three_times_and_no_more(hung: Hung, call):
    began_s = time.monotonic()
    with pytest.raises(Exception) as given_up:  # noqa: PT011 - which one it is, is the SDK's own
        call()
    assert is_outage(given_up.value)
    assert len(hung.taken) == clients.ATTEMPTS
    assert time.monotonic() - began_s < clients.ATTEMPTS * READ_S + sum(BACKOFF_S) + 2


def test_a_request_is_answered_with_when_to_come_again(http: Http, hung: Hung):
    answer = http("GET", "/v1/products")
    assert (answer.status, answer.code) == (503, "service.unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert len(hung.taken) == clients.ATTEMPTS
