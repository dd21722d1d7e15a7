"""The process of a local cloud that keeps its state: ministack, and five things it lacks.

Runs as a program under the cloud's own Python and imports nothing of ours.
- State is saved while it runs, not only at a clean stop, so that a kill loses seconds.
- Functions run in a bare interpreter: what they import comes from package, layer or standard library, as on Lambda.
- Loopback counts as a safe way: what a policy refuses without TLS would else be refused here.
- SQS authorizes a batch as AWS does, as the action on each of its messages.
- It ends with whoever started it.
"""

import importlib
import os
import signal
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

SAVE_EVERY_S = 3.0
LOOK_EVERY_S = 0.5
LAST = "cloudformation"  # a kill between files must never leave a stack whose parts are not there
LARGE = frozenset({"lambda"})  # holds code and layers: saved when asked (SIGUSR1) and at the end


class Saver:
    """Saves state a few seconds after it may have changed."""

    def __init__(self, ministack: Any) -> None:  # noqa: ANN401 - not installed where types are checked
        self._ministack = ministack
        self._save_all = importlib.import_module("ministack.core.persistence").save_all
        self.changed = False
        self.whole = False

    def watching(self, app: Any) -> Any:  # noqa: ANN401
        """Wrap the ASGI application: any request may change something."""

        async def served(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
            self.changed = True
            await app(scope, receive, send)

        return served

    def run(self) -> None:
        """Save again and again, on the server's own loop, where nothing else touches the state."""
        while True:
            time.sleep(SAVE_EVERY_S)
            loop = self._ministack._MAIN_LOOP  # noqa: SLF001 - pinned version, see tests/service
            if loop is not None and (self.changed or self.whole):
                loop.call_soon_threadsafe(self._save)

    def _save(self) -> None:
        services = self._ministack._build_persistence_save_dict()  # noqa: SLF001
        kept = {name: state for name, state in services.items() if self.whole or name not in LARGE}
        self.changed = self.whole = False
        self._save_all(dict(sorted(kept.items(), key=lambda one: one[0] == LAST)))


def isolate_functions() -> None:
    """Start functions with no site folders: nothing of the cloud's own environment reaches them."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    launcher = Path(os.environ["TMPDIR"]) / "lambda-python"
    python = os.path.realpath(sys.executable)
    launcher.write_text(f'#!/bin/sh\nexec "{python}" -I -S -X utf8 "$@"\n')
    launcher.chmod(stat.S_IRWXU)
    detect = runtime._detect_runtime_binary  # noqa: SLF001

    def bare(name: str) -> tuple[str, str]:
        return (str(launcher), detect(name)[1]) if name.startswith("python") else detect(name)

    runtime._detect_runtime_binary = bare  # noqa: SLF001


def trust_loopback() -> None:
    """Answer `aws:SecureTransport` with true: nothing leaves this machine, and policies stay as they are deployed."""
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    pin = evaluator.pin_request_origin
    evaluator.pin_request_origin = lambda source_ip, _secure: pin(source_ip, secure_transport=True)


def authorize_batches() -> None:
    """Have a policy that allows `sqs:SendMessage` allow `SendMessageBatch`: on AWS a batch is no action of its own."""
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    extract = actions.extract_iam_action

    def single(*request: Any, **more: Any) -> str | None:  # noqa: ANN401
        action: str | None = extract(*request, **more)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    actions.extract_iam_action = single


def end_with(parent: int) -> None:
    """Stop cleanly once the process that started this one is gone."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until told to stop."""
    parent = os.getppid()
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    isolate_functions()
    trust_loopback()
    authorize_batches()
    ministack: Any = importlib.import_module("ministack.app")
    if os.environ["PERSIST_STATE"] == "1":
        saver = Saver(ministack)
        ministack.app = saver.watching(ministack.app)
        signal.signal(signal.SIGUSR1, lambda *_: setattr(saver, "whole", True))
        threading.Thread(target=saver.run, daemon=True).start()
    ministack.main()


if __name__ == "__main__":
    main()
