"""`make run`: start the product on this machine and keep it at what the files say, until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from ..package.build import ChaliceRefused
from ..package.bytecode import SourceBroken
from .deploy import DeployFailed
from .ministack import ROOT, CloudNotStarted
from .seed import SeedFailed
from .stack import DEFAULT_FOLDER, AlreadyRunning, LocalStack, NotHealthy, PortTaken
from .watch import Snapshot, edited, snapshot

LOOK_EVERY_S = 0.3
DEFAULT_PORT = 8000
FAILURES = (
    ChaliceRefused,
    SourceBroken,
    DeployFailed,
    ClientError,  # CloudFormation took a template that completing it by hand then could not follow
    BotoCoreError,
    NotHealthy,
    SeedFailed,
    CloudNotStarted,
)


class PartEnded(RuntimeError):
    """A process of the stack ended by itself; carries the logs that may say why."""


def main() -> int:
    """Run until told to stop."""
    stop = threading.Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)
    asked_for = _arguments()
    started = time.monotonic()
    seen = snapshot(ROOT)
    try:
        with LocalStack(asked_for.folder, port=asked_for.port, persist=True) as stack:
            _tell(stack, time.monotonic() - started)
            _keep_current(stack, stop, seen)
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except AlreadyRunning:
        print("jule is already running here; stop it first", file=sys.stderr)
    except PortTaken as taken:
        print(f"{taken}; choose another with JULE_PORT", file=sys.stderr)
    except PartEnded as ended:
        print(f"a part of the product ended by itself; its log: {ended}", file=sys.stderr)
    except FAILURES as failed:
        print(f"did not start: {failed}", file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.run", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("JULE_PORT", DEFAULT_PORT)), help="fixed port")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where state and logs lie")
    return parser.parse_args()


def _tell(stack: LocalStack, took_s: float) -> None:
    print(
        f"""jule runs, {took_s:.1f} s after the start. Ctrl-C stops it, `make reset` clears what it stored.
  API             {stack.base_url}/v1/health
  description     {stack.base_url}/openapi.json
  counterparties  {stack.counterparties_url}/   codes, messages and payments that "arrived"
  local AWS       {stack.endpoint}
  logs and state  {os.path.relpath(stack.folder, ROOT)}/""",
        flush=True,
    )


def _keep_current(stack: LocalStack, stop: threading.Event, seen: Snapshot) -> None:
    """Deploy again after every edit; a version that can't be built leaves the last one running.

    Args:
        stack: what runs.
        stop: set once somebody asked for the end.
        seen: the files as they were before the first build, since they may have been edited during the start.

    Raises:
        PartEnded: the cloud or the counterparties are no more.
    """
    while not stop.wait(LOOK_EVERY_S):
        if ended := stack.ended():
            raise PartEnded(", ".join(os.path.relpath(log, ROOT) for log in ended))
        now = snapshot(ROOT)
        if changed := edited(seen, now):
            seen = now
            _deploy_again(stack, str(changed[0].relative_to(ROOT)))


def _deploy_again(stack: LocalStack, file: str) -> None:
    started = time.monotonic()
    try:
        stack.deploy()
        stack.wait_healthy()
    except Exception as failed:  # noqa: BLE001 - whatever an edit breaks, the last version runs on
        print(f"{file}: {type(failed).__name__}: {failed}", file=sys.stderr, flush=True)
        return
    print(f"{file}: live after {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
