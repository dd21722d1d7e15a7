"""The whole product on this machine: package, local cloud, counterparties and one fixed address, as one object.

`make run`, `make demo` and the deployed tests all stand on it; several may run side by side in folders of their own.
"""

import contextlib
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
from .presence import DEFAULT_FOLDER, AlreadyRunning, Running, announced, held, running
from .seed import seed

__all__ = ["DEFAULT_FOLDER", "AlreadyRunning", "LocalStack", "NotHealthy", "PortTaken", "Ports", "Running", "running"]
NOTIFY_PATH = "/v1/payments/wechat/notifications"
_HEALTHY_S = 30.0
_STOP_S = 10.0


class NotHealthy(RuntimeError):
    """Something started but did not answer in time; carries which address."""


class PortTaken(RuntimeError):
    """Somebody else listens on the fixed port; carries which and what the system said."""


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
        self.folder, self.stage, self.persist = folder.resolve(), stage, persist
        self._port, self._project, self._given = port, project, parameters or {}
        self._started = contextlib.ExitStack()
        self.deployed: Deployed | None = None

    def __enter__(self) -> Self:
        """Start; whatever was started is stopped again if the rest does not come up.

        Raises:
            AlreadyRunning: this folder is in use.
            PortTaken: somebody else listens on the fixed port.
        """
        with contextlib.ExitStack() as started:
            started.enter_context(held(self.folder))
            self.folder.mkdir(parents=True, exist_ok=True)
            ports = self._ports()
            self.cloud = self._start_cloud(ports, started)
            self.front = self._start_front(started)
            self.counterparties_url = self._start_counterparties(ports, started)
            (self.folder / "ports.json").write_bytes(msgspec.json.encode(ports))
            self.deploy()
            self._await(self.counterparties_url + "/")
            self.wait_healthy()
            seed(Notes(self.cloud), self.env)
            told = Running(self.base_url, self.counterparties_url, self.endpoint, self.env, os.getpid())
            started.enter_context(announced(self.folder, told))
            self._started = started.pop_all()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop everything that was started, in reverse order."""
        self._started.close()

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
            self._point_at(self.deployed)
            self._complete(self.deployed)
        return package

    def _point_at(self, deployed: Deployed) -> None:
        """Serve what is deployed now, even if completing it fails: what stood before may be gone."""
        api = deployed.template["Resources"]["RestAPI"]["Properties"]
        self.front.point_at(deployed.api_id, api["StageName"], preflights(deployed))
        self.front.media = (self.client("s3"), deployed.physical["MediaBucket"])

    def ended(self) -> list[str]:
        """Name the log of each process of the stack that has ended by itself."""
        processes = {"ministack.log": self.cloud.process, "counterparties.log": self._counterparties}
        return [str(self.folder / log) for log, process in processes.items() if process.poll() is not None]

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

    def _start_cloud(self, ports: Ports, started: contextlib.ExitStack) -> ministack.Cloud:
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        ports.cloud = ministack.usable_port(ports.cloud)
        cloud = ministack.start(self.folder, port=ports.cloud, persist=self.persist)
        started.callback(cloud.stop)
        return cloud

    def _start_front(self, started: contextlib.ExitStack) -> Front:
        try:
            front = Front(self._port, self.cloud.endpoint)
        except OSError as taken:
            raise PortTaken(f"port {self._port}: {taken.strerror}") from taken
        front.start()
        started.callback(front.stop)
        return front

    def _start_counterparties(self, ports: Ports, started: contextlib.ExitStack) -> str:
        ports.counterparties = ministack.usable_port(ports.counterparties)
        command = [sys.executable, "-m", "infra.local.child", "infra.local.counterparties"]
        command += ["--port", str(ports.counterparties), "--dir", str(self.folder / "counterparties")]
        log = started.enter_context((self.folder / "counterparties.log").open("ab"))
        self._counterparties = subprocess.Popen(
            command, cwd=ministack.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        started.callback(_end, self._counterparties)
        return f"http://127.0.0.1:{ports.counterparties}"

    def _await(self, url: str) -> None:
        until = time.monotonic() + _HEALTHY_S
        while time.monotonic() < until:
            if _answers(url):
                return
            time.sleep(0.1)
        raise NotHealthy(url)


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
