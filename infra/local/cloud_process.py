"""The process of a local cloud that keeps its state: ministack, and six things it lacks.

Runs as a program under the cloud's own Python and imports nothing of ours.
- State is saved while it runs, not only at a clean stop, and each time as a whole, so that a kill loses seconds and
  never leaves one service older than another.
- Functions run in a bare interpreter: what they import comes from package, layer or standard library, as on Lambda.
- Loopback counts as a safe way: what a policy refuses without TLS would else be refused here.
- SQS authorizes a batch as AWS does, as the action on each of its messages.
- What a bucket tells a queue stands in the queue once the upload is answered, not some time after from a thread of its
  own, where a busy machine or a kill loses it.
- It ends with whoever started it.
"""

import importlib
import os
import shutil
import signal
import stat
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SAVE_EVERY_S = 3.0
LOOK_EVERY_S = 0.5
LARGE = frozenset({"lambda"})  # holds code and layers: saved after a deploy (SIGUSR1) and at the end


class Saver:
    """Saves state a few seconds after it may have changed, each time as a whole."""

    def __init__(self, ministack: Any) -> None:  # noqa: ANN401 - not installed where types are checked
        self._ministack = ministack
        self._persistence: Any = importlib.import_module("ministack.core.persistence")
        self._save_each = ministack.save_all
        self._state = Path(self._persistence.STATE_DIR)
        self._tidy: list[Callable[[], None]] = []
        self.changed = False
        self.whole = False
        self.held = False

    def take_over(self) -> None:
        """Have every save go through here; code, named by its digest, lies beside the states and serves them all."""
        functions: Any = importlib.import_module("ministack.services.lambda_svc")
        functions.CODE_BLOB_DIR = str(self._state.with_name("code"))
        prune = functions._prune_orphan_code_blobs  # noqa: SLF001
        functions._prune_orphan_code_blobs = lambda used: self._tidy.append(lambda: prune(used))  # noqa: SLF001
        self._ministack.save_all = self.save
        self._ministack.app = self._watching(self._ministack.app)
        if not self._state.is_symlink():
            self._take_place(self._state.rename(self._beside()))

    def _watching(self, app: Any) -> Any:  # noqa: ANN401
        """Wrap the ASGI application: any request may change something."""

        async def served(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
            self.changed = True
            await app(scope, receive, send)

        return served

    def hold(self) -> None:
        """Save nothing until released: a stack is changing, and half of one is worse than the last one."""
        self.held = True

    def release(self) -> None:
        """Save again, and everything the next time."""
        self.held, self.whole = False, True

    def run(self) -> None:
        """Save again and again, on the server's own loop, where nothing else touches the state."""
        while True:
            time.sleep(SAVE_EVERY_S)
            loop = self._ministack._MAIN_LOOP  # noqa: SLF001 - pinned version, see tests/deployed
            if loop is not None:
                loop.call_soon_threadsafe(self._save)

    def _save(self) -> None:
        if self.held or not (self.changed or self.whole):
            return
        services = self._ministack._build_persistence_save_dict()  # noqa: SLF001
        kept = {name: state for name, state in services.items() if self.whole or name not in LARGE}
        self.changed = self.whole = False
        self.save(kept)

    def save(self, services: dict[str, Any]) -> None:
        """Write services into a folder beside the last one, with what else that holds, and then take its place."""
        beside = self._beside()
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        for file in self._state.glob("*.json"):
            (beside / file.name).hardlink_to(file)
        self._persistence.STATE_DIR = str(beside)
        self._save_each(services)
        self._take_place(beside)
        while self._tidy:
            self._tidy.pop()()

    def _beside(self) -> Path:
        """Name the one of two folders that is not in use."""
        first, second = (self._state.with_name(f"{self._state.name}-{turn}") for turn in "ab")
        return second if self._state.resolve() == first else first

    def _take_place(self, folder: Path) -> None:
        link = self._state.with_name(f"{self._state.name}-link")
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name)
        link.replace(self._state)


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


def tell_queues_at_once() -> None:
    """Have an object's event delivered before its upload is answered, so that nothing has to guess how long to wait."""
    s3: Any = importlib.import_module("ministack.services.s3")

    def deliver(bucket: str, key: str, event: str, *facts: Any, **named: Any) -> None:  # noqa: ANN401
        s3._fire_s3_event(bucket, key, event, *facts, sequencer=s3._next_event_sequencer(event), **named)  # noqa: SLF001

    s3._fire_s3_event_async = deliver  # noqa: SLF001


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
    tell_queues_at_once()
    ministack: Any = importlib.import_module("ministack.app")
    if os.environ["PERSIST_STATE"] == "1":
        saver = Saver(ministack)
        saver.take_over()
        signal.signal(signal.SIGUSR1, lambda *_: saver.release())
        signal.signal(signal.SIGUSR2, lambda *_: saver.hold())
        threading.Thread(target=saver.run, daemon=True).start()
    ministack.main()


if __name__ == "__main__":
    main()
