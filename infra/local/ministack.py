"""Start and stop one ministack process, bound to loopback, with everything it writes in a folder of ours.

It executes uploaded code, so it never listens elsewhere, and it checks signatures and IAM (`AUTH=true`).
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".local" / "cloud-venv" / "bin" / "python"
REGION = "ap-southeast-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "testtesttest"}
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
_START_S = 20.0
_STOP_S = 20.0


class CloudNotStarted(RuntimeError):
    """The local cloud did not answer in time; its log lies in the folder it was given."""


class Cloud(msgspec.Struct, frozen=True):
    """A running local cloud."""

    process: subprocess.Popen[bytes]
    endpoint: str
    folder: Path

    def environment(self) -> dict[str, str]:
        """Give what a client needs to talk to it, and to nothing else."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Save nothing while a stack is brought up to date, then all of it, code and layers included.

        A kill on the way finds the last whole stack. Only for a cloud that keeps its state.
        """
        self.process.send_signal(signal.SIGUSR2)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """Stop it as a clean shutdown, which is when state is written, and the functions it started with it."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def usable_port(wanted: int) -> int:
    """Give the wanted port if nobody listens there, else a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted or free_port()


def start(folder: Path, *, port: int | None = None, persist: bool = False) -> Cloud:
    """Start a local cloud that keeps everything under `folder`.

    Raises:
        CloudNotStarted: it stopped, or did not answer within 20 s.
    """
    for part in ("tmp", "state", "s3"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    chosen = free_port() if port is None else port
    with (folder / "ministack.log").open("ab") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-P", str(Path(__file__).with_name("cloud_process.py"))],
            env=_environment(folder, port=chosen, persist=persist),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    cloud = Cloud(process, f"http://127.0.0.1:{chosen}", folder)
    _wait(cloud)
    return cloud


def _environment(folder: Path, *, port: int, persist: bool) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _KEPT if name in os.environ}
    flag = "1" if persist else "0"
    return {
        **inherited,
        **CREDENTIALS,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": flag,
        "S3_PERSIST": flag,
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder / "tmp"),
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",  # it would listen on a fixed port of its own
        "SFTP_ENABLED": "0",
    }


def _wait(cloud: Cloud) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and cloud.process.poll() is None:
        if _healthy(cloud.endpoint):
            return
        time.sleep(0.05)
    cloud.stop()
    raise CloudNotStarted(str(cloud.folder / "ministack.log"))


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1) as answer:  # noqa: S310 - loopback
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
