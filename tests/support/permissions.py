"""Holds every call that a function makes under test against that function's policy, as IAM would.

Whatever runs inside the API or a job is watched in each test; a call beyond the policy fails the test, and so does an
address signed for somebody else, since S3 asks the signer's permission. What was used is written down, so that
`python -m infra.permissions` can name grants that nothing needs.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from importlib import import_module
from typing import Any

import msgspec
import pytest
from botocore import signers
from botocore.client import BaseClient

from app import JOBS
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.web.shell import Jule
from chalicelib.foundation.work import job
from infra.permissions import POLICIES, USED, Grant, Record, granted, needed
from infra.tree import tree_hash

from .cloud import forget_keys

_function: ContextVar[str] = ContextVar("function", default="")
_used: dict[str, set[Grant]] = {}
_refused: list[str] = []
_turn = {"of": ""}


@contextmanager
def running(function: str) -> Iterator[None]:
    """Hold what happens inside against the policy of this function.

    Each function has a process of its own: it knows no keys that another one has opened.
    """
    if not _function.get() and _turn["of"] != function:
        _turn["of"] = function
        forget_keys()
    token = _function.set(function)
    try:
        yield
    finally:
        _function.reset(token)


def note(service: str, operation: str, params: dict[str, Any]) -> None:
    """Hold one call against the policy of the function that runs, if one does."""
    function = _function.get()
    if not (POLICIES / f"{function}.json").exists():  # no function runs, or one that a test made up
        return
    for grant in needed(service, operation, _by_name(params)):
        _used.setdefault(function, set()).add(grant)
        if grant not in _may(function):
            _refused.append(f"{function} may not {grant.action} on {grant.resource}")


def taken_refusals() -> list[str]:
    """Name what was refused since the last look, and forget it."""
    found = sorted(set(_refused))
    _refused.clear()
    return found


@cache
def _may(function: str) -> frozenset[Grant]:
    return frozenset(granted(function))


def _by_name(params: dict[str, Any]) -> dict[str, Any]:
    """Name a key by its use."""
    names = {config().key_arn(name): name for name in ("data", "sign")} if "KeyId" in params else {}
    return {**params, "KeyId": names.get(params["KeyId"], "unknown")} if names else params


def watch_verbs() -> None:
    """Watch the verbs that jobs hand over to as well, since most tests call these directly."""
    for module in map(import_module, JOBS):
        for function in ast.parse(inspect.getsource(module)).body:
            if isinstance(function, ast.FunctionDef) and (POLICIES / f"{function.name}.json").exists():
                for room, verb in _handed_to(function):
                    home = getattr(module, room)
                    setattr(home, verb, _inside(lambda *_, name=function.name: name, getattr(home, verb)))


def _handed_to(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Find `room.verb(call, …)` in the body of a job."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id == "call" and isinstance(node.func.value, ast.Name):
                yield node.func.value.id, node.func.attr


def _inside(name: Callable[..., str], call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def watched(*given: Any, **named: Any) -> Any:
        with running(_function.get() or name(*given)):  # a verb that the API calls is the API's
            return call(*given, **named)

    return watched


_make_api_call = BaseClient._make_api_call


def _held(client: BaseClient, operation: str, params: dict[str, Any]) -> Any:
    note(client.meta.service_model.service_name, operation, params)
    return _make_api_call(client, operation, params)


def _signs(sign: Callable[..., Any], operation: Callable[..., str]) -> Callable[..., Any]:
    @wraps(sign)
    def held(client: BaseClient, *given: Any, **named: Any) -> Any:
        bucket = named.get("Bucket") or named["Params"]["Bucket"]
        note(client.meta.service_model.service_name, operation(client, *given), {"Bucket": bucket})
        return sign(client, *given, **named)

    return held


BaseClient._make_api_call = _held
signers.generate_presigned_post = _signs(signers.generate_presigned_post, lambda *_: "PutObject")
signers.generate_presigned_url = _signs(
    signers.generate_presigned_url, lambda client, method: client.meta.method_to_api_mapping[method]
)
Jule.__call__ = _inside(lambda *_: "api_handler", Jule.__call__)
job.run_batch = _inside(lambda how, *_: how.name, job.run_batch)
job.run_schedule = _inside(lambda function, *_: function.__name__, job.run_schedule)


@pytest.fixture(autouse=True)
def _within_the_policies(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a function went beyond its policy."""
    _refused.clear()
    _used.clear()
    _turn["of"] = ""
    yield
    used = {name: [tuple(grant) for grant in sorted(grants)] for name, grants in _used.items()}
    if used:
        request.node.user_properties.append(("permissions", used))
    assert taken_refusals() == []


def pytest_sessionstart() -> None:
    """Watch before any test module takes a verb by name."""
    watch_verbs()


def pytest_configure(config: pytest.Config) -> None:
    """Gather what was used in the controlling process."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gatherer(config), "permission-gatherer")


def is_whole(config: pytest.Config) -> bool:
    """Say whether a run is of the whole suite, nothing chosen and nothing left out."""
    chosen = ("keyword", "lf", "stepwise", "deselect", "ignore", "ignore_glob", "collectonly", "maxfail")
    return (
        config.args_source == pytest.Config.ArgsSource.TESTPATHS
        and config.getoption("markexpr") == "not soak"
        and not any(config.getoption(name, None) for name in chosen)
    )


class Gatherer:
    """Adds up what all tests of a run used."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._used: dict[str, set[Grant]] = {}
        self._tree = ""

    def pytest_sessionstart(self) -> None:
        self._tree = tree_hash(self._config.rootpath)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for function, grants in dict(report.user_properties).get("permissions", {}).items():
            self._used.setdefault(function, set()).update(Grant(*one) for one in grants)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write them down; only what a whole suite that passed did not use is unused."""
        if not self._used:
            return
        whole = exitstatus == 0 and is_whole(self._config) and tree_hash(self._config.rootpath) == self._tree
        used = {function: sorted(map(tuple, grants)) for function, grants in sorted(self._used.items())}
        target = self._config.rootpath / USED
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(msgspec.json.format(msgspec.json.encode(Record(self._tree, whole, used)), indent=1))
