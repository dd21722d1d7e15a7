"""The one fixed address of the product on this machine.

Forwards to the API of the current stack, whose id changes with its routes, answers CORS preflight as the API's own
definition says, and serves published pictures as the media host of the cloud does.
"""

import http.client
import re
import socket
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

MEDIA = "/media/"
PUBLIC = "pic_"  # as the media bucket's policy lets its reader see
_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
)
_NO_GUESS = (("X-Content-Type-Options", "nosniff"),)
_UPSTREAM_S = 60.0
_MOST_BYTES = 10 * 1024 * 1024  # what API Gateway takes

Preflights = list[tuple[re.Pattern[str], dict[str, str]]]


class Front(ThreadingHTTPServer):
    """Serves the fixed address; `point_at` aims it at a stack."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, endpoint: str) -> None:
        """Listen on loopback.

        Args:
            port: the fixed port; 0 takes a free one.
            endpoint: the local cloud behind.

        Raises:
            OSError: somebody else listens there.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = str(urlsplit(endpoint).netloc)
        self.api = ""
        self.preflights: Preflights = []
        self.media: tuple[Any, str] | None = None
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def point_at(self, api_id: str, stage: str, preflights: Preflights) -> None:
        """Forward to this API from now on."""
        self.api, self.preflights = f"/_aws/execute-api/{api_id}/{stage}", preflights

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and let go of the port."""
        self.shutdown()
        self.server_close()

    @property
    def base_url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Say nothing of clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75
    _upstream: http.client.HTTPConnection | None = None

    def _serve(self) -> None:
        path = urlsplit(self.path).path
        if (refused := self._unreadable()) is not None:
            self.close_connection = True
            self._answer(refused, (), b"")
            return
        # Read whatever is done with it: what is left of a request would be taken for the beginning of the next.
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "OPTIONS" and (headers := self._preflight(path)) is not None:
            self._answer(HTTPStatus.OK, headers.items(), b"")
        elif path.startswith(MEDIA) and self.command in {"GET", "HEAD"}:
            self._serve_picture(unquote(path.removeprefix(MEDIA)))
        else:
            self._forward(body)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Serve whatever method there is: which of them are known is for the API to say."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _unreadable(self) -> HTTPStatus | None:
        if self.headers.get("Transfer-Encoding"):
            return HTTPStatus.LENGTH_REQUIRED
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal():
            return HTTPStatus.BAD_REQUEST
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(length) > _MOST_BYTES else None

    def finish(self) -> None:
        """Hang up on the local cloud when the client has hung up."""
        self._hang_up()
        super().finish()

    def _hang_up(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _preflight(self, path: str) -> dict[str, str] | None:
        return next((headers for pattern, headers in self.server.preflights if pattern.fullmatch(path)), None)

    def _forward(self, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        try:
            answer = self._ask(body, headers)
        except (http.client.InvalidURL, ValueError):  # no gateway takes such a path or header either
            self._hang_up()
            self._answer(HTTPStatus.BAD_REQUEST, (), b"")
            return
        except (OSError, http.client.HTTPException):
            self._hang_up()
            self._answer(HTTPStatus.BAD_GATEWAY, (), b"")
            return
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        self._answer(answer.status, kept, answer.read())

    def _ask(self, body: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        for fresh in (False, True):
            if fresh:
                self._hang_up()
            if self._upstream is None:
                self._upstream = http.client.HTTPConnection(self.server.upstream, timeout=_UPSTREAM_S)
                self._upstream.connect()
                self._upstream.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._upstream.request(self.command, self.server.api + self.path, body=body or None, headers=headers)
                return self._upstream.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if fresh:  # a kept connection may have been closed meanwhile; a new one was not
                    raise
        raise http.client.NotConnected

    def _serve_picture(self, key: str) -> None:
        found = self._picture(key)
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND, _NO_GUESS, b"")
            return
        headers = [*_NO_GUESS, ("Content-Type", found["ContentType"]), ("Cache-Control", "public, max-age=300")]
        self._answer(HTTPStatus.OK, headers, found["Body"].read())

    def _picture(self, key: str) -> Any:  # noqa: ANN401 - S3's own answer
        if self.server.media is None or not key.startswith(PUBLIC):
            return None
        s3, bucket = self.server.media
        try:
            return s3.get_object(Bucket=bucket, Key=key)
        except s3.exceptions.ClientError:
            return None

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as http.server names it
        """Keep no log of requests: the functions write their own."""
