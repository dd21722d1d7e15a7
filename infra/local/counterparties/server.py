"""The HTTP server: loopback only, one thread per connection, paths told apart and bad luck applied."""

import socket
import sys
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from .clerk import RETRY_S
from .control import PREFIX, control
from .faults import BEFORE, Fault
from .pages import page
from .postbox import Postbox
from .secrets import ensure
from .wire import Reply, Request, json_reply
from .world import World

HOST: Final = "127.0.0.1"
_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_MOST_BYTES: Final = 12 * 1024 * 1024
_OVERSIZE: Final = b'{"padding":"' + b"x" * 1024 * 1024 + b'"}'


class Office(Protocol):
    """A provider."""

    def operation(self, request: Request) -> str:
        """Name what is asked."""

    def answer(self, request: Request) -> Reply:
        """Do it."""

    def fail(self, mode: str) -> Reply:
        """Refuse it as busy or too frequent."""

    def sign(self, reply: Reply) -> Reply:
        """Sign an answer, where this provider does."""


class Server(ThreadingHTTPServer):
    """The server and the world behind it."""

    daemon_threads = True
    request_queue_size = 128
    world: World

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about callers that hang up, which slow answers are meant to make them do."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: Server

    def do_GET(self) -> None:
        """Take a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Take a POST."""
        self._serve()

    def do_DELETE(self) -> None:
        """Take a DELETE."""
        self._serve()

    def log_message(self, *_: object) -> None:
        """Keep quiet: what arrives here is personal."""

    def _serve(self) -> None:
        announced = self.headers.get("Content-Length") or "0"
        length = int(announced) if announced.isdigit() else _MOST_BYTES + 1
        if length > _MOST_BYTES or not self._local():
            self.close_connection = True
            self._write(json_reply({"error": "refused"}, 403))
            return
        where = urlsplit(self.path)
        request = Request(
            self.command,
            self.path,
            where.path,
            dict(parse_qsl(where.query)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        reply = dispatch(self.server.world, request)
        if reply is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._write(reply)

    def _local(self) -> bool:
        """Whether this comes from this machine's own pages and programs, not through some other site's."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        return urlsplit(f"//{host}").hostname in _NAMES and origin in {None, f"http://{host}"}

    def _write(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if reply.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


class Running:
    """A server in this process; `settings` is what the product needs to reach it."""

    def __init__(
        self,
        directory: Path,
        port: int = 0,
        *,
        notify_url: str = "http://127.0.0.1:9/",
        retry_s: Sequence[float] = RETRY_S,
        settle_s: float = 1.0,
    ) -> None:
        """Bind the port (0: any free one) and begin to serve."""
        self.world = World(directory, retry_s=retry_s, settle_s=settle_s)
        self._server = Server((HOST, port), Handler)
        self._server.world = self.world
        self.base_url = f"http://{HOST}:{self._server.server_address[1]}"
        self._postbox = Postbox(directory, self.world, self._server.server_address[1])
        self.settings = ensure(directory, base_url=self.base_url, notify_url=notify_url)
        self.world.clerk.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="counterparties")
        self._thread.start()

    def stop(self) -> None:
        """End: no new connections, no new deliveries."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._postbox.stop()
        self.world.clerk.stop()


def dispatch(world: World, request: Request) -> Reply | None:
    """Send a request to whom it is for; `None` cuts the connection."""
    if request.path.startswith(PREFIX):
        return control(world, request)
    if request.path == "/" and request.method == "POST":
        return _visit(world, world.tencent, request)
    for prefix, office in (("/wechat", world.wechat), ("/wechatpay", world.wechatpay), ("/apple", world.apple)):
        if request.path.startswith(f"{prefix}/"):
            path, target = request.path.removeprefix(prefix), request.target.removeprefix(prefix)
            inner = Request(request.method, target, path, request.query, request.headers, request.body)
            return _visit(world, office, inner)
    return page(world, request)


def _visit(world: World, office: Office, request: Request) -> Reply | None:
    fault = world.faults.take(office.operation(request))
    if fault is None:
        return office.answer(request)
    if fault.mode in BEFORE:
        return _instead(office, fault)
    reply = office.answer(request)
    if fault.mode == "lost":
        return None
    if fault.mode == "slow":
        time.sleep(fault.seconds)
        return reply
    marks = office.sign(Reply(reply.status, reply.body + b" ", reply.headers)).headers
    return Reply(reply.status, reply.body, marks)


def _instead(office: Office, fault: Fault) -> Reply:
    if fault.mode == "redirect":
        return Reply(302, b"", {"Location": "/_control/health"})
    if fault.mode == "oversize":
        return office.sign(Reply(200, _OVERSIZE, {"Content-Type": "application/json"}))
    if fault.mode == "garbage":
        return office.sign(Reply(200, b'{"errcode":0,"Response":[', {"Content-Type": "application/json"}))
    return office.fail(fault.mode)
