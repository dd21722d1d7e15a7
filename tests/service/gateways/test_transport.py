"""The limits of one exchange, against a server that does what no honest one does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from chalicelib.foundation.gateways import transport
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable
from chalicelib.foundation.gateways.transport import CAP_BYTES, CONNECT_S, READ_S, Answer, Exchange, exchange

Speak = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Rogue:
    """A server that answers with whatever bytes a test wants, and counts its callers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/x"
        self.speak: Speak = lambda _: None
        self.heard: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                self.heard.append(caller.recv(65536))
                try:
                    self.speak(caller)
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    server = Rogue()
    yield server
    server.close()


def ask(url: str, *, repeatable: bool = True) -> Answer:
    return exchange(Exchange("rogue", "ask", "GET", url, {}, repeatable=repeatable))


def says(answer: bytes) -> Speak:
    return lambda caller: caller.sendall(answer)


def test_the_limits_are_those_of_the_design() -> None:
    assert (CONNECT_S, READ_S, CAP_BYTES) == (1.0, 3.0, 65536)


def test_an_answer_is_given_as_it_came(rogue: Rogue) -> None:
    rogue.speak = says(HEAD + b'Content-Length: 8\r\nX-Mark: a\r\n\r\n{"a": 1}')
    answer = ask(rogue.url)
    assert (answer.status, answer.content, answer.headers["x-mark"]) == (200, b'{"a": 1}', "a")


def test_no_connection_is_used_twice(rogue: Rogue) -> None:
    rogue.speak = says(HEAD + b"Content-Length: 2\r\n\r\n{}")
    for _ in range(3):
        ask(rogue.url)
    assert len(rogue.heard) == 3
    assert all(b"connection: close" in heard.lower() for heard in rogue.heard)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Content-Length: 65537\r\n\r\n" + b"x" * 65537,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5,
        HEAD + b"\r\n" + b"x" * 200_000,
    ],
    ids=["redirect", "not-modified", "gzip", "oversize", "oversize-chunked", "oversize-unframed"],
)
def test_what_no_provider_answers_is_refused_and_asked_for_once(rogue: Rogue, answer: bytes) -> None:
    rogue.speak = says(answer)
    with pytest.raises(ProviderRefused):
        ask(rogue.url)
    assert len(rogue.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no http at all\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["nothing", "no-http", "cut", "bad-chunk", "busy", "throttled"],
)
@pytest.mark.parametrize("repeatable", [True, False])
def test_an_answer_that_did_not_come_is_asked_for_again_only_where_that_is_safe(
    rogue: Rogue, answer: bytes, *, repeatable: bool
) -> None:
    rogue.speak = says(answer)
    with pytest.raises(ProviderUnavailable):
        ask(rogue.url, repeatable=repeatable)
    assert len(rogue.heard) == (2 if repeatable else 1)


def test_a_first_answer_lost_and_a_second_that_came_is_an_answer(rogue: Rogue) -> None:
    def speak(caller: socket.socket) -> None:
        if len(rogue.heard) > 1:
            caller.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")

    rogue.speak = speak
    assert ask(rogue.url).content == b"{}"


def test_a_body_that_drips_ends_in_time(rogue: Rogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_S", 0.3)

    def drip(caller: socket.socket) -> None:
        caller.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(1000):
            caller.sendall(b"x")
            time.sleep(0.02)

    rogue.speak = drip
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        ask(rogue.url, repeatable=False)
    assert time.monotonic() - began < 2


def test_a_proxy_of_the_environment_is_not_used(rogue: Rogue, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    rogue.speak = says(HEAD + b"Content-Length: 2\r\n\r\n{}")
    assert ask(rogue.url).content == b"{}"


def test_an_exchange_shows_nothing_of_what_it_carries() -> None:
    shown = repr(Exchange("wechat", "code2Session", "GET", "http://h/?secret=s3cret", {"Authorization": "s3cret"}))
    assert shown == "<wechat code2Session>"
