"""Sees every call that this process makes to AWS, so that tests can count calls and clean up only what was touched."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from botocore.client import BaseClient


class AwsCall(NamedTuple):
    """One call of the SDK."""

    service: str
    operation: str
    params: dict[str, Any]


class Watch:
    """What has been called since the last look."""

    def __init__(self) -> None:
        self.calls: list[AwsCall] = []
        self.on = False
        self.touched: set[tuple[str, str]] = set()

    def note(self, call: AwsCall) -> None:
        """Remember a call, and the table, queue or bucket it may have changed."""
        if self.on:
            self.calls.append(call)
        self.touched.update((call.service, name) for name in _targets(call))


WATCH = Watch()
_make_api_call = BaseClient._make_api_call


def _watched(client: BaseClient, operation_name: str, api_params: dict[str, Any]) -> Any:
    WATCH.note(AwsCall(client.meta.service_model.service_name, operation_name, api_params))
    return _make_api_call(client, operation_name, api_params)


BaseClient._make_api_call = _watched


@pytest.fixture
def aws_calls() -> Iterator[list[AwsCall]]:
    """Give the calls of this test, in order, as they are made."""
    WATCH.calls, WATCH.on = [], True
    yield WATCH.calls
    WATCH.on = False


def _targets(call: AwsCall) -> Iterator[str]:
    """Name what a call may change."""
    params = call.params
    if call.operation.startswith(("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "TransactGet")):
        return
    for name in ("TableName", "QueueUrl", "Bucket"):
        if isinstance(params.get(name), str):
            yield params[name]
    if isinstance(params.get("RequestItems"), dict):
        yield from params["RequestItems"]
    for step in params.get("TransactItems", ()):
        yield from (action["TableName"] for action in step.values())
