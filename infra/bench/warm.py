"""CPU of warm requests, in a process of its own: `python -m infra.bench.warm WORK PORT`.

Each route is answered in turn with the same calls by a bare boto3 client, against the same canned answers.
"""

import contextlib
import functools
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import msgspec
from botocore.client import BaseClient
from pynamodb.models import Model
from pynamodb.pagination import ResultIterator

from .known import Known
from .programs import Canned
from .recording import Made, Recording, tape

_REPEAT = 3
_GET: dict[str, Any] = {"TableName": "jule-bench-people", "Key": {"pk": {"S": "per_a"}, "sk": {"S": "STANDING"}}}
_ITEM = {f"attribute_{n}": {"S": "value of twenty letters"} for n in range(10)}
_OF_INSTANCE = ("get_save_kwargs_from_instance", "get_update_kwargs_from_instance", "get_delete_kwargs_from_instance")
_OF_CLASS = ("get", "query", "from_raw_data", "get_operation_kwargs_from_class")
Act = Callable[[], object]


class Work(msgspec.Struct):
    """What to measure."""

    recordings: list[Recording]
    known: Known
    rounds: int


class Spent(msgspec.Struct):
    """CPU of one request, in seconds: whole, outside the SDK, and of the same calls with a bare client."""

    whole_s: float
    outside_s: float
    bare_s: float


class Measured(msgspec.Struct):
    """What was measured."""

    routes: dict[str, Spent]
    get_item_s: float
    span_s: float


def measure(work: Work, server: Canned) -> Measured:
    """Measure every recording, one bare GetItem, and a span while tracing is off."""
    from app import app
    from chalicelib.foundation.vault import keyring
    from chalicelib.foundation.vault.tracing import span

    work.known.teach()
    bare = {name: boto3.client(name) for name in ("dynamodb", "sqs")}
    routes = {}
    for recording in work.recordings:
        server.load("tape", tape(recording.answers))
        ours = functools.partial(_answer, app, keyring.forget, recording)
        theirs = functools.partial(_call, bare, recording.calls)
        whole, calls = _compared(ours, theirs, work.rounds)
        routes[recording.route] = Spent(whole, _outside(ours, recording.calls, work.rounds), calls)
    server.load("tape", msgspec.json.encode([_canned_item()]))

    def idle() -> None:
        with span("nothing"):
            pass

    get_item, spanned = _compared(lambda: bare["dynamodb"].get_item(**_GET), idle, work.rounds)
    return Measured(routes, get_item, spanned)


def _answer(app: Any, forget: Act, recording: Recording) -> None:  # noqa: ANN401 - Chalice's
    forget()
    answer = app(recording.event, None)
    if answer["statusCode"] >= 400:  # noqa: PLR2004 - any refusal
        raise SystemExit(f"{recording.route}: {answer['statusCode']} {answer['body']}")


def _call(bare: dict[str, Any], calls: list[Made]) -> None:
    for call in calls:
        bare[call.service]._make_api_call(call.operation, call.params)  # noqa: SLF001 - any operation by name


def _compared(one: Act, other: Act, rounds: int) -> tuple[float, float]:
    """Run two things in turn; gives the median CPU seconds of each."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for act, times in zip((one, other), spent, strict=True):
            times.append(_cpu(act))
    return statistics.median(spent[0]), statistics.median(spent[1])


class _Clock:
    """CPU spent inside functions, the outermost counted."""

    def __init__(self) -> None:
        self.spent_s, self._depth = 0.0, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if self._depth:
                return function(*given, **named)
            self._depth, began = 1, time.process_time()
            try:
                return function(*given, **named)
            finally:
                self.spent_s += time.process_time() - began
                self._depth = 0

        return timed


@contextlib.contextmanager
def _stubbed(calls: list[Made]) -> Iterator[None]:
    """Answer the calls of a recording in botocore's place, at no cost."""
    turns: dict[str, list[dict[str, Any]]] = {}
    for call in calls:
        turns.setdefault(call.operation, []).append(call.answer)
    cycles = {operation: itertools.cycle(answers) for operation, answers in turns.items()}

    def answer(_client: object, operation: str, _params: object) -> dict[str, Any]:
        return next(cycles[operation])

    with patch.object(BaseClient, "_make_api_call", answer):
        yield


@contextlib.contextmanager
def _rows(clock: _Clock) -> Iterator[None]:
    """Count what PynamoDB takes to turn rows into items and back."""
    with contextlib.ExitStack() as held:
        held.enter_context(patch.object(ResultIterator, "__next__", clock.around(ResultIterator.__next__)))
        for name in ("__init__", "to_simple_dict", *_OF_INSTANCE):
            held.enter_context(patch.object(Model, name, clock.around(getattr(Model, name))))
        for name in _OF_CLASS:
            made = classmethod(clock.around(getattr(Model, name).__func__))
            held.enter_context(patch.object(Model, name, made))
        yield


def _outside(ours: Act, calls: list[Made], rounds: int) -> float:
    """Measure what a request takes besides the SDK: all of it with the calls stubbed, less the work on rows."""
    clock = _Clock()
    with _stubbed(calls):
        whole = statistics.median(_cpu(ours) for _ in range(rounds))
        with _rows(clock):
            for _ in range(rounds):
                ours()
    return whole - clock.spent_s / rounds


def _cpu(act: Act) -> float:
    began = time.process_time()
    for _ in range(_REPEAT):
        act()
    return (time.process_time() - began) / _REPEAT


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
