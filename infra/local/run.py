"""`make run`: start the product on this machine and keep it at what the files say, until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from ..package.build import ChaliceRefused
from .deploy import DeployFailed
from .ministack import ROOT, CloudNotStarted
from .seed import SeedFailed
from .stack import DEFAULT_FOLDER, AlreadyRunning, LocalStack, NotHealthy
from .watch import edited, snapshot

LOOK_EVERY_S = 0.3
DEFAULT_PORT = 8000
FAILURES = (ChaliceRefused, DeployFailed, NotHealthy, SeedFailed, CloudNotStarted)


def main() -> int:
    """Run until told to stop."""
    stop = threading.Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)
    asked_for = _arguments()
    port: int = asked_for.port
    started = time.monotonic()
    try:
        with LocalStack(asked_for.folder, port=port, persist=True) as stack:
            _tell(stack, time.monotonic() - started)
            _keep_current(stack, stop)
    except AlreadyRunning:
        print("jule is already running here; stop it first", file=sys.stderr)
        return 1
    except OSError as taken:
        print(f"port {port}: {taken.strerror}; choose another with JULE_PORT", file=sys.stderr)
        return 1
    except FAILURES as failed:
        print(f"did not start: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
    return 0


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


def _keep_current(stack: LocalStack, stop: threading.Event) -> None:
    """Deploy again after every edit; a version that can't be built leaves the last one running."""
    seen = snapshot(ROOT)
    while not stop.wait(LOOK_EVERY_S):
        now = snapshot(ROOT)
        if changed := edited(seen, now):
            seen = now
            _deploy_again(stack, str(changed[0].relative_to(ROOT)))


def _deploy_again(stack: LocalStack, file: str) -> None:
    started = time.monotonic()
    try:
        stack.deploy()
        stack.wait_healthy()
    except FAILURES as failed:
        print(f"{file}: {failed}", file=sys.stderr, flush=True)
        return
    print(f"{file}: live after {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
