"""A server on loopback that plays answers back: what it costs a client to ask does not depend on a real store.

`PUT /tape` loads answers, which are then given in turn, by what is asked for. `PUT /crowd` makes it answer for a
person with so many rows instead. Run as a process of its own, so that its work is not counted.
"""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any

from .crowd import Crowd

_MISSING = (500, {"Content-Type": "application/x-amz-json-1.0"}, b'{"__type":"NotOnTape","message":"not on tape"}')


class Tape:
    """Answers in turn, by what is asked for."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        """Sort the answers by what they answer."""
        found: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
        for one in answers:
            made = (one["status"], one["headers"], base64.b64decode(one["body"]))
            found.setdefault(one["asked"], []).append(made)
        self._turns = {asked: cycle(given) for asked, given in found.items()}

    def __call__(self, asked: str, _body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Give the next answer."""
        turn = self._turns.get(asked)
        return _MISSING if turn is None else next(turn)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answering: Any = Tape([])

    def do_PUT(self) -> None:
        """Load what to answer."""
        given = json.loads(self._body())
        Handler.answering = Tape(given) if self.path == "/tape" else Crowd(**given)
        self._write(204, {}, b"")

    def do_POST(self) -> None:
        """Answer."""
        self._write(*Handler.answering(self.headers.get("X-Amz-Target", ""), self._body()))

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _write(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve on a free port, told on the first line, until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
