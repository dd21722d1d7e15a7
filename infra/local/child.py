"""Run a module of ours as a process that ends with whoever started it: `python -m infra.local.child MODULE ARGS…`."""

import os
import runpy
import signal
import sys
import threading
import time

_LOOK_EVERY_S = 0.5


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Watch the parent, then be the module."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
