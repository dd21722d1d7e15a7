"""What the demo touches: the API, the counterparties, and the raw content of the local cloud."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from ..local.seed import load
from ..local.stack import DEFAULT_FOLDER, Running
from ..tree import ROOT

T = TypeVar("T")
TIMEOUT_S = 30.0


class Unexpected(AssertionError):
    """A step is not what it should be."""


class Reply:
    """An answer: status, headers in lower case, raw body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Take what came back."""
        self.status, self.headers, self.body = status, headers, body
        self.cookies: list[str] = []

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON says
        """The body, decoded."""
        return json.loads(self.body) if self.body else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        return None


_OPENER = urllib.request.build_opener(_NoRedirect(), urllib.request.ProxyHandler({}))


def fetch(method: str, url: str, body: bytes | None = None, *, headers: dict[str, str] | None = None) -> Reply:
    """Make one HTTP request; every status is an answer, and redirects are not followed."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})  # noqa: S310 - loopback
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            reply = Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
            reply.cookies = answer.headers.get_all("Set-Cookie", [])
            return reply
    except urllib.error.HTTPError as answer:
        return Reply(answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read())


class Client:
    """A mobile app or mini-program: a channel, a device and, once logged in, a session."""

    def __init__(self, base_url: str, client: str = "wxmp/1.0.0", device: str = "") -> None:
        """Stand before the API."""
        self._base_url, self.device = base_url, device
        self._headers = {"X-Client": client, "Accept-Language": "zh-CN", "X-Device": urllib.parse.quote(device)}
        self.access = ""
        self.refresh = ""
        self.tokens: set[str] = set()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:  # noqa: ANN401
        """Call the API; underscores in header names stand for hyphens."""
        sent = {**self._headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.access:
            sent["Authorization"] = f"Bearer {self.access}"
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        return fetch(method, self._base_url + path, raw, headers=sent)

    def want(self, status: int, call: str, body: Any = None, **headers: str) -> Any:  # noqa: ANN401
        """Call the API (`"POST /v1/orders"`) and insist on a status; gives the JSON."""
        method, path = call.split(" ", 1)
        reply = self.call(method, path, body, **headers)
        if reply.status != status:
            told = reply.json.get("code") if reply.headers.get("content-type", "").endswith("json") else ""
            raise Unexpected(f"{method} {path}: {reply.status} {told}, wanted {status}")
        return reply.json

    def refused(self, code: str, call: str, body: Any = None, **headers: str) -> None:  # noqa: ANN401
        """Call the API and insist on a refusal with this code."""
        method, path = call.split(" ", 1)
        reply = self.call(method, path, body, **headers)
        if not 400 <= reply.status < 500 or reply.json.get("code") != code:  # noqa: PLR2004 - client errors
            raise Unexpected(f"{method} {path}: {reply.status}, wanted refusal {code}")

    def keep(self, session: dict[str, Any]) -> None:
        """Keep the tokens of a session."""
        self.access, self.refresh = session["access_token"], session.get("refresh_token", self.refresh)
        self.tokens |= {self.access, self.refresh}


class World:
    """The running stack: where the API answers, where the counterparties do, and a way into the cloud's raw content."""

    def __init__(self, found: Running, aws: Callable[[str], Any], folder: Path) -> None:
        """Take where the stack is reached, a factory of boto3 clients, and the folder of the stack's state."""
        self.folder = folder
        self.base_url, self.counterparties, self.aws = found.base_url, found.counterparties_url, aws
        self.stage, self.cloud = found.environment["JULE_STAGE"], found.endpoint
        self.web_origin = found.environment["WEB_ORIGIN"]
        self._environment = found.environment

    def administrator(self, user_name: str, *more: str) -> str:
        """Take an administrator on, as whoever deploys does; gives the invitation, or nothing where it is refused."""
        today = str(datetime.now(UTC).date())
        trained = ["--trained-on", today, "--exam-passed-on", today]
        command = [sys.executable, "-m", "infra.first_administrator", "演示管理员", user_name, *trained, *more]
        env = {**os.environ, **self._environment}
        ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        return ran.stdout.strip() if ran.returncode == 0 else ""

    def restock(self) -> None:
        """Take in new stock of the sample catalogue, as its loader does."""
        load("infra.local.sample", self._environment)

    def control(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401
        """Do something in a counterparty's place."""
        raw = None if body is None else json.dumps(body).encode()
        reply = fetch(
            method, f"{self.counterparties}/_control{path}", raw, headers={"Content-Type": "application/json"}
        )
        if reply.status >= 400:  # noqa: PLR2004 - any error
            raise Unexpected(f"counterparty {path}: {reply.status}")
        return reply.json

    def code_sent_to(self, mobile: str) -> str:
        """Read the newest one-time code to a number off the page that shows what arrived."""

        def read() -> str:
            page = fetch("GET", f"{self.counterparties}/").body.decode()
            shown = re.search(rf"<code>(\d+)</code> {re.escape(escape(mobile))}<", page)
            return shown[1] if shown else ""

        return until(f"a code to {mobile[-4:]} on the page", read)


def until(what: str, probe: Callable[[], T | None], seconds: float = 90.0, *, every_s: float = 0.4) -> T:
    """Wait for something to become true; gives what the probe gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(every_s)
    raise Unexpected(f"{what} did not happen within {seconds:.0f} s")


def check(holds: object, what: str) -> None:
    """Insist on something."""
    if not holds:
        raise Unexpected(what)


def key() -> str:
    """Make an idempotency key."""
    return secrets.token_urlsafe(16)


def of_running(found: Running, folder: Path = DEFAULT_FOLDER) -> World:
    """Reach a stack that runs on this machine."""
    env = found.environment

    def aws(service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
        return boto3.client(
            service,
            region_name=env["AWS_REGION"],
            endpoint_url=found.endpoint,
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4" if service == "s3" else None),
        )

    return World(found, aws, folder)
