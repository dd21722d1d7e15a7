"""Traces: every call of AWS and of a provider by name, no values; nothing at all while it is off."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.foundation.gateways import transport
from chalicelib.foundation.gateways.transport import Answer, Exchange, exchange
from infra.package.build import ROOT


def names(segment: dict[str, Any]) -> Iterator[str]:
    yield segment["name"]
    for inner in segment.get("subsegments", ()):
        yield from names(inner)


def python(*command: str, tracing: str) -> str:
    environment = {**os.environ, "TRACING": tracing, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_calls_of_aws_and_of_providers_are_traced_by_name_alone():
    (segment,) = json.loads(python("-m", "tests.support.traced", tracing="xray").splitlines()[-1])
    assert list(names(segment)) == ["request", "wechat.code2session", "dynamodb"]
    provider, aws = segment["subsegments"]
    assert provider["fault"] is True
    assert "cause" not in provider | aws
    assert "canary" not in json.dumps(segment)


def test_nothing_of_it_is_loaded_while_it_is_off():
    program = (
        "import sys; from chalicelib.foundation.vault.clients import client; "
        "from chalicelib.foundation.vault.tracing import span; client('dynamodb')\n"
        "with span('x'): pass\n"
        "print(any(name.startswith(('aws_xray_sdk', 'wrapt')) for name in sys.modules))"
    )
    assert python("-c", program, tracing="off").strip() == "False"


def test_a_call_of_a_provider_is_the_same_while_it_is_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transport, "_once", lambda _what: Answer(200, {}, b"{}"))
    assert exchange(Exchange("wechat", "code2session", "GET", "http://127.0.0.1:9/", {})).status == 200
