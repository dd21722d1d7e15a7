"""CPU of warm requests, in a process of its own: `python -m infra.bench.warm WORK PORT`.

Each route is answered in turn with the same calls by a bare boto3 client, against the same canned answers. What is
compared runs side by side and is compared turn by turn, so that a busy machine slows both alike.
"""

import functools
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import msgspec

from . import traces
from .inside import Clock, clocked, stubbed
from .known import Known
from .programs import Canned
from .recording import Recording, tape

_REPEAT = 3
_OFTEN = 10
"""A request with nobody to ask is short: so often in a row that what ran before it is forgotten."""
_GET: dict[str, Any] = {"TableName": "jule-bench-people", "Key": {"pk": {"S": "per_a"}, "sk": {"S": "STANDING"}}}
_ITEM = {f"attribute_{n}": {"S": "value of twenty letters"} for n in range(10)}
Act = Callable[[], object]
Compared = list[tuple[float, ...]]


class Work(msgspec.Struct):
    """What to measure."""

    recordings: list[Recording]
    known: Known
    rounds: int


class Spent(msgspec.Struct):
    """CPU of one request: `whole` of that of the same calls by a bare client, `outside` the SDKs in bare GetItems."""

    whole: float
    outside: float


class Measured(msgspec.Struct):
    """What was measured; `traced` is what the module of traces costs a request and a client, in bare GetItems."""

    routes: dict[str, Spent]
    traced: float


class _Bench:
    """The product and bare clients in one process."""

    def __init__(self, server: Canned, rounds: int) -> None:
        from app import app
        from chalicelib.foundation.vault import keyring

        self._app, self._forget = app, keyring.forget
        self._server, self._rounds = server, rounds
        self._bare = {name: boto3.client(name) for name in ("dynamodb", "sqs", "kms", "s3")}

    def answer(self, recording: Recording) -> None:
        """Have the product answer."""
        self._forget()
        answer = self._app(recording.event, None)
        if answer["statusCode"] >= 400:  # noqa: PLR2004 - any refusal
            raise SystemExit(f"{recording.route}: {answer['statusCode']} {answer['body']}")

    def call(self, recording: Recording) -> None:
        """Make the same calls, and sign the same addresses, with bare clients."""
        for call in recording.calls:
            self._bare[call.service]._make_api_call(call.operation, call.params)  # noqa: SLF001 - any operation by name
        for one in recording.signed:
            getattr(self._bare["s3"], one.method)(*one.given, **one.named)

    def get_item(self) -> None:
        """Make the one call that everything is held against."""
        self._bare["dynamodb"].get_item(**_GET)

    def spent(self, recording: Recording) -> Spent:
        """Measure one route."""
        ours = functools.partial(self.answer, recording)
        self._server.load("tape", tape(recording.answers))
        whole = statistics.median(
            one / other for one, other in self._turns(ours, functools.partial(self.call, recording))
        )
        self._server.load("tape", msgspec.json.encode([_canned_item()]))
        with stubbed(recording.calls, *self._bare.values()):
            ours()
            outside = statistics.median(_cpu(ours, _OFTEN) / _cpu(self.get_item) for _ in range(self._rounds))
            clock = Clock()
            with clocked(clock):
                inside = statistics.median(self._inside(clock, ours) for _ in range(self._rounds))
        return Spent(whole, outside - inside)

    def _inside(self, clock: Clock, ours: Act) -> float:
        clock.take()
        _cpu(ours, _OFTEN)
        spent_s = clock.take() / _OFTEN
        return spent_s / _cpu(self.get_item)

    def _turns(self, *acts: Act) -> Compared:
        """Run things in turn; gives the CPU seconds of each, turn by turn."""
        for act in acts:
            act()
        return [tuple(_cpu(act) for act in acts) for _ in range(self._rounds)]

    def traced(self, recordings: list[Recording]) -> float:
        """Tell what traces cost where they are off: in the dearest request, and where a client is made."""
        spent_s = []
        for one in recordings:
            with stubbed(one.calls):
                spent_s.append(traces.spent_s(functools.partial(self.answer, one)))
        made_s = traces.spent_s(traces.make_client)
        return (max(spent_s) + made_s) / statistics.median(_cpu(self.get_item) for _ in range(self._rounds))


def measure(work: Work, server: Canned) -> Measured:
    """Measure every recording, and what traces cost while they are off."""
    work.known.teach()
    bench = _Bench(server, work.rounds)
    routes = {one.route: bench.spent(one) for one in work.recordings}
    return Measured(routes, bench.traced(work.recordings))


def _cpu(act: Act, times: int = _REPEAT) -> float:
    began = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - began) / times


def _canned_item() -> dict[str, Any]:
    from base64 import b64encode

    body = b64encode(msgspec.json.encode({"Item": _ITEM})).decode()
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return {"asked": "DynamoDB_20120810.GetItem", "status": 200, "headers": headers, "body": body}


def main(path: str, port: str) -> None:
    """Measure what a file says, and print what was found."""
    work = msgspec.msgpack.decode(Path(path).read_bytes(), type=Work)
    printed, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - log lines are written, and lost
    measured = measure(work, Canned(int(port)))
    sys.stdout = printed
    print(msgspec.json.encode(measured).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
