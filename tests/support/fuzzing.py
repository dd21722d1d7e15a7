"""Hooks of schemathesis, loaded into its process: who calls, and what no schema can say about a right request."""

import itertools
import json
import os
import random
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.generation.meta import TestPhase

ENDING = frozenset({"POST /v1/sessions/logout", "DELETE /v1/sessions/{session_id}"})
"""What ends the session of whoever calls it."""
_PEOPLE: dict[str, list[str]] = json.loads(os.environ.get("FUZZ_PEOPLE", "{}"))
_TURNS = {part: itertools.cycle(tokens) for part, tokens in _PEOPLE.items()}
_MADE_UP = random.Random(1)


@schemathesis.auth(refresh_interval=None)
class Bearers:
    """People in turn, so that the limits of one don't hide what is behind them."""

    def get(self, case: Case, _context: Any) -> str | None:
        """Choose who calls."""
        part = "passing" if case.operation.label in ENDING else "staying"
        if part in _PEOPLE and case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL:
            return _PEOPLE[part][0]  # a story is one person's
        return next(_TURNS[part]) if part in _TURNS else None

    def set(self, case: Case, data: str | None, _context: Any) -> None:
        """Let them call."""
        if data is not None:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_context: Any, case: Case, _kwargs: dict[str, Any]) -> None:
    """Mend in a right request what its schema can't say: numbers and places that exist, our cursors, whole numbers."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.headers and "X-Device" in case.headers:
        case.headers["X-Device"] = "%E5%B0%8F%E7%B1%B3%2014"  # of the escapes that the pattern allows few are UTF-8
    if isinstance(case.query, dict) and "cursor" in case.query:
        case.query["cursor"] = ""
    if isinstance(case.body, dict):
        case.body = _whole(case.body)
        if "mobile" in case.body:
            case.body["mobile"] = f"138{_MADE_UP.randrange(10**8):08d}"
        if "residence" in case.body:
            case.body["residence"] = "".join(filter(str.isprintable, case.body["residence"])).strip() or "上海"


def _whole(value: Any) -> Any:
    """Write `4.0` as `4`: to a schema that is the same, to a contract it is no integer."""
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
