"""A mail service: SMTP (RFC 5321) with STARTTLS and AUTH, one thread a connection; keeps what arrives."""

import base64
import contextlib
import email
import email.policy
import re
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from secrets import compare_digest, token_hex
from typing import Any, Final

from .ledger import Mail, stamp
from .secrets import MAIL_FROM, POSTBOX, load
from .world import World

OPERATION: Final = "mail.Send"
NOBODY: Final = "@refused.example"
"""Nobody lives at these addresses."""
_MOST_LINES: Final = 1000
_CODE: Final = re.compile(r"[0-9]{6}")
_BUSY: Final = {"error": b"451 4.3.0 busy", "throttle": b"450 4.7.0 too fast", "limited": b"452 4.2.2 full"}


class Postbox:
    """The service in this process."""

    def __init__(self, directory: Path, world: World, port: int) -> None:
        """Listen beside the others."""
        secrets = load(directory)
        self._server = _Server((POSTBOX, port), _Conversation)
        self._server.world, self._server.password = world, secrets.mail_password
        self._server.context = _context(secrets.mail_key, secrets.mail_certificate)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="postbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    world: World
    password: str
    context: ssl.SSLContext

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that hang up, or that do not trust us."""


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 30

    def handle(self) -> None:
        """Talk until they leave."""
        self.secured = self.known = False
        self.sender, self.to = "", ""
        self._say(b"220 postbox.example ESMTP")
        for _ in range(_MOST_LINES):
            line = self.rfile.readline(1024).decode("ascii", "replace").rstrip("\r\n")
            verb, _, rest = line.partition(" ")
            if not line or verb.upper() == "QUIT" or self._act(verb.upper())(rest) is False:
                return

    def finish(self) -> None:
        """Hang up, whichever way the conversation went."""
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def _act(self, verb: str) -> Callable[[str], Any]:
        acts: dict[str, Callable[[str], Any]] = {
            "EHLO": self._greet, "STARTTLS": self._secure, "AUTH": self._auth, "MAIL": self._from,
            "RCPT": self._rcpt, "DATA": self._data, "RSET": self._reset, "NOOP": self._reset,
        }  # fmt: skip
        return acts.get(verb, lambda _: self._say(b"500 5.5.1 unknown"))

    def _say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))
        self.wfile.flush()

    def _greet(self, _: str) -> None:
        self._say(b"250-postbox.example", b"250 AUTH PLAIN" if self.secured else b"250 STARTTLS")

    def _secure(self, _: str) -> None:
        self._say(b"220 go ahead")
        self.rfile.close()
        self.wfile.close()
        self.connection = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.secured = True

    def _auth(self, rest: str) -> None:
        given = base64.b64decode(rest.partition(" ")[2])
        wanted = f"\0{MAIL_FROM}\0{self.server.password}".encode()
        self.known = self.secured and compare_digest(given, wanted)
        self._say(b"235 2.7.0 welcome" if self.known else b"535 5.7.8 who are you")

    def _from(self, rest: str) -> None:
        self.sender = _address(rest)
        right = self.known and self.sender == MAIL_FROM
        self._say(b"250 ok" if right else b"530 5.7.0 not you")

    def _rcpt(self, rest: str) -> None:
        self.to = _address(rest)
        self._say(b"550 5.1.1 nobody there" if self.to.endswith(NOBODY) else b"250 ok")

    def _reset(self, _: str) -> None:
        self._say(b"250 ok")

    def _data(self, _: str) -> bool:
        self._say(b"354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline(2048)) not in {b".\r\n", b""} and len(lines) < _MOST_LINES:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        fault = self.server.world.faults.take(OPERATION)
        if fault is not None and fault.mode in _BUSY:
            self._say(_BUSY[fault.mode])
            return True
        self._keep(b"".join(lines))
        if fault is not None and fault.mode == "slow":
            time.sleep(fault.seconds)
        if fault is None or fault.mode != "lost":
            self._say(b"garbage" if fault is not None and fault.mode == "garbage" else b"250 2.0.0 taken")
        return fault is None or fault.mode != "lost"

    def _keep(self, raw: bytes) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(("plain",))
        text = "" if body is None else str(body.get_content())
        found = _CODE.search(text)
        arrived = Mail(
            token_hex(8), self.to, self.sender, str(message["Subject"]), text, found[0] if found else "", stamp()
        )
        with self.server.world.ledger.writing() as books:
            books.mail.append(arrived)


def _address(rest: str) -> str:
    found = re.search(r"<([^>]*)>", rest)
    return found[1] if found else ""


def _context(key: bytes, certificate: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with contextlib.ExitStack() as held:
        file = held.enter_context(tempfile.NamedTemporaryFile())
        file.write(key + ssl.DER_cert_to_PEM_cert(certificate).encode())
        file.flush()
        context.load_cert_chain(file.name)
    return context
