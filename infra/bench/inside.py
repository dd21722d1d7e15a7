"""What a request spends inside the SDKs, told from what it spends outside them.

Inside is what botocore and PynamoDB do: calls, addresses signed for S3, rows turned into items and back, conditions
and updates put into words. Outside is all else: dispatch, authentication, limits, checks, encryption, evidence, logs.
"""

import contextlib
import functools
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.pagination import ResultIterator

from .recording import SEAM, SIGNING, Made

_WORDS = ("set", "add", "remove", "delete", "exists", "does_not_exist", "contains", "startswith", "is_in", "between")
_COMPARED = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__", "__sub__")
_JOINED = ("__and__", "__or__", "__invert__")
_OF_INSTANCE = ("get_save_kwargs_from_instance", "get_update_kwargs_from_instance", "get_delete_kwargs_from_instance")
_OF_CLASS = ("get", "query", "from_raw_data", "get_operation_kwargs_from_class")
_INSIDE: tuple[tuple[type, tuple[str, ...]], ...] = (
    (BaseClient, (SEAM,)),
    (ResultIterator, ("__next__",)),
    (Model, ("__init__", "to_simple_dict", *_OF_INSTANCE)),
    (Attribute, (*_WORDS, *_COMPARED)),
    (Condition, _JOINED),
)
_TIMES = 1000


class Clock:
    """CPU spent inside functions, the outermost counted; what the counting itself takes is taken off again."""

    def __init__(self) -> None:
        """Learn what counting takes: two looks at the time, or a step through where something is counted already."""
        self._spent_s, self._depth, self._looks, self._steps = 0.0, 0, 0, 0
        self._look_s = self._step_s = 0.0
        idle = self.around(_idle)
        self._look_s = _each_s(idle, lambda: self._spent_s)
        self._depth = 1
        self._step_s = _each_s(idle, time.process_time) - _each_s(_idle, time.process_time)
        self._depth = 0
        self.take()

    def take(self) -> float:
        """Give the seconds since the last time this was asked."""
        spent_s = self._spent_s - self._looks * self._look_s - self._steps * self._step_s
        self._spent_s, self._looks, self._steps = 0.0, 0, 0
        return max(0.0, spent_s)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Have a function counted."""

        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401
            if self._depth:
                self._steps += 1
                return function(*given, **named)
            self._depth, began = 1, time.process_time()
            try:
                return function(*given, **named)
            finally:
                self._spent_s += time.process_time() - began
                self._looks += 1
                self._depth = 0

        return timed


def _idle() -> None:
    """Do nothing, to see what that takes."""


def _each_s(act: Callable[[], object], clock_s: Callable[[], float]) -> float:
    """Tell what one of many takes, by a clock."""
    began_s = clock_s()
    for _ in range(_TIMES):
        act()
    return (clock_s() - began_s) / _TIMES


@contextlib.contextmanager
def stubbed(calls: list[Made], *real: BaseClient) -> Iterator[None]:
    """Answer the calls of a recording in botocore's place, at no cost; clients that are named ask as ever."""
    turns: dict[str, list[dict[str, Any]]] = {}
    for call in calls:
        turns.setdefault(call.operation, []).append(call.answer)
    cycles = {operation: itertools.cycle(answers) for operation, answers in turns.items()}
    ask: Callable[..., Any] = getattr(BaseClient, SEAM)

    def answer(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:  # noqa: ANN401
        return ask(client, operation, params) if client in real else next(cycles[operation])

    with patch.object(BaseClient, SEAM, answer):
        yield


@contextlib.contextmanager
def clocked(clock: Clock) -> Iterator[None]:
    """Count what lies inside meanwhile."""
    from chalicelib.foundation.store.row import Row
    from chalicelib.foundation.vault.clients import client

    signer = type(client("s3"))
    with contextlib.ExitStack() as held:
        for owner, names in (*_INSIDE, (signer, SIGNING)):
            for name in names:
                held.enter_context(patch.object(owner, name, clock.around(getattr(owner, name))))
        for owner, name in (*((Model, name) for name in _OF_CLASS), (Row, "from_item")):
            made = classmethod(clock.around(getattr(owner, name).__func__))
            held.enter_context(patch.object(owner, name, made))
        yield
