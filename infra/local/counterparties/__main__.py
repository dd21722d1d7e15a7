"""Serve the counterparties until told to stop."""

import argparse
import signal
import threading
from pathlib import Path

from .server import Running


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.counterparties", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="loopback port")
    parser.add_argument("--dir", type=Path, required=True, help="where secrets and books are kept")
    asked = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running = Running(asked.dir, asked.port)
    print(f"counterparties: {running.base_url}/", flush=True)
    stop.wait()
    running.stop()


main()
