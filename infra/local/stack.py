"""The whole product on this machine: package, local cloud, counterparties and one fixed address, as one object.

`make run`, `make demo` and the deployed tests all stand on it; several may run side by side in folders of their own.
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from ..package.build import Package, build
from . import ministack
from .complete import complete, left_out, preflights
from .counterparties.secrets import ensure
from .deploy import Deployed, client, deploy
from .front import MEDIA, Front
from .notes import Notes
from .seed import seed

DEFAULT_FOLDER = ministack.ROOT / ".local" / "run"
NOTIFY_PATH = "/v1/payments/wechat/notifications"
_HEALTHY_S = 30.0
_STOP_S = 10.0


class AlreadyRunning(RuntimeError):
    """Another process runs a stack in this folder."""


class NotHealthy(RuntimeError):
    """Something started but did not answer in time; carries which address."""


class Running(msgspec.Struct, frozen=True):
    """Where a running stack is reached."""

    base_url: str
    counterparties_url: str
    endpoint: str
    environment: dict[str, str]
    pid: int


class Ports(msgspec.Struct):
    """Ports chosen once per folder: queue addresses hold one, so it must survive a restart."""

    cloud: int = 0
    counterparties: int = 0


class LocalStack:
    """Starts everything on entry and stops exactly that on exit."""

    def __init__(
        self,
        folder: Path,
        *,
        stage: str = "local",
        port: int = 0,
        persist: bool = False,
        parameters: dict[str, str] | None = None,
        project: Path = ministack.ROOT,
    ) -> None:
        """Say where and how; nothing starts yet.

        Args:
            folder: where everything it writes lies; one stack at a time per folder.
            stage: which stage is built and deployed, `local` or `test`.
            port: the fixed port of the API; 0 takes a free one.
            persist: keep state for the next start in the same folder.
            parameters: template parameters that differ from the usual local ones.
            project: the application to build.
        """
        self.folder, self.stage, self.persist = folder, stage, persist
        self._port, self._project, self._given = port, project, parameters or {}
        self._held = contextlib.ExitStack()
        self.deployed: Deployed | None = None

    def __enter__(self) -> Self:
        """Start; whatever was started is stopped again if the rest does not come up.

        Raises:
            AlreadyRunning: this folder is in use.
            OSError: somebody else listens on the fixed port.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as held:
            self._lock = held.enter_context(_locked(self.folder))
            ports = self._ports()
            self.cloud = self._start_cloud(ports, held)
            self.front = Front(self._port, self.cloud.endpoint)
            self.front.start()
            held.callback(self.front.stop)
            self.counterparties_url = self._start_counterparties(ports, held)
            (self.folder / "ports.json").write_bytes(msgspec.json.encode(ports))
            self.deploy()
            self._await(self.counterparties_url + "/")
            self.wait_healthy()
            seed(Notes(self.cloud), self.env)
            self._announce(held)
            self._held = held.pop_all()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop everything that was started, in reverse order."""
        self._held.close()

    @property
    def base_url(self) -> str:
        """The fixed address of the API."""
        return self.front.base_url

    @property
    def endpoint(self) -> str:
        """The address of the local cloud, for the AWS SDK."""
        return self.cloud.endpoint

    @property
    def env(self) -> dict[str, str]:
        """The API function's own environment, with an administrator's credentials."""
        told = self.client("lambda").get_function_configuration(FunctionName=f"jule-{self.stage}-api")
        return {**told["Environment"]["Variables"], **self.cloud.environment()}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
        """Open an administrator's client of the local cloud."""
        return client(self.cloud, service)

    def deploy(self) -> Package:
        """Build what the project holds now and bring the stack to it; live when this returns."""
        package = build(self.stage, project=self._project)
        with self.cloud.changing() if self.persist else contextlib.nullcontext():
            self.deployed = deploy(self.cloud, package, self._settings(package))
            self._complete(self.deployed)
        api = self.deployed.template["Resources"]["RestAPI"]["Properties"]
        self.front.point_at(self.deployed.api_id, api["StageName"], preflights(self.deployed.template))
        self.front.media = (self.client("s3"), self.deployed.physical["MediaBucket"])
        return package

    def wait_healthy(self) -> None:
        """Wait until the API answers.

        Raises:
            NotHealthy: it did not within 30 s.
        """
        self._await(f"{self.base_url}/v1/health")

    def _complete(self, deployed: Deployed) -> None:
        """Set what CloudFormation left out, unless that has been done for the same on this state."""
        notes, asked = Notes(self.cloud), left_out(deployed)
        if not notes.has("completed", asked):
            complete(self.cloud, deployed)
            notes.note("completed", asked)

    def _settings(self, package: Package) -> dict[str, str]:
        """Name every value as the template does: a parameter where it has one, else a key of the secret."""
        known = json.loads(package.template.read_text())["Parameters"]
        providers = ensure(
            self.folder / "counterparties", base_url=self.counterparties_url, notify_url=self.base_url + NOTIFY_PATH
        )
        own = {
            "PublicBaseUrl": self.base_url,
            "MediaBaseUrl": self.base_url + MEDIA.rstrip("/"),
            "WebOrigin": self.base_url,
            "ErasureSettleS": "2",
        }
        named = {"".join(part.capitalize() for part in name.split("_")): name for name in providers}
        stated = {name if name in known else env: providers[env] for name, env in named.items()}
        return {**stated, **own, **self._given}

    def _ports(self) -> Ports:
        note = self.folder / "ports.json"
        return msgspec.json.decode(note.read_bytes(), type=Ports) if note.exists() else Ports()

    def _start_cloud(self, ports: Ports, held: contextlib.ExitStack) -> ministack.Cloud:
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        ports.cloud = ministack.usable_port(ports.cloud)
        cloud = ministack.start(self.folder, port=ports.cloud, persist=self.persist)
        held.callback(cloud.stop)
        return cloud

    def _start_counterparties(self, ports: Ports, held: contextlib.ExitStack) -> str:
        ports.counterparties = ministack.usable_port(ports.counterparties)
        command = [sys.executable, "-m", "infra.local.child", "infra.local.counterparties"]
        command += ["--port", str(ports.counterparties), "--dir", str(self.folder / "counterparties")]
        log = held.enter_context((self.folder / "counterparties.log").open("ab"))
        process = subprocess.Popen(
            command, cwd=ministack.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        held.callback(_end, process)
        return f"http://127.0.0.1:{ports.counterparties}"

    def _announce(self, held: contextlib.ExitStack) -> None:
        note = self.folder / "running.json"
        running = Running(self.base_url, self.counterparties_url, self.endpoint, self.env, os.getpid())
        note.touch(mode=0o600)
        note.write_bytes(msgspec.json.encode(running))
        held.callback(note.unlink)

    def _await(self, url: str) -> None:
        until = time.monotonic() + _HEALTHY_S
        while time.monotonic() < until:
            if _answers(url):
                return
            time.sleep(0.1)
        raise NotHealthy(url)


def running(folder: Path = DEFAULT_FOLDER) -> Running | None:
    """Tell where the stack of a folder is reached, or None when none runs."""
    note = folder / "running.json"
    if not note.exists():
        return None
    try:
        with _locked(folder):
            return None
    except AlreadyRunning:
        return msgspec.json.decode(note.read_bytes(), type=Running)


@contextlib.contextmanager
def _locked(folder: Path) -> Any:  # noqa: ANN401
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(str(folder)) from None
        yield lock


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_HEALTHY_S) as answer:  # noqa: S310 - loopback
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
