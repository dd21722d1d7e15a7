"""What a fresh function does before its first answer: nothing of other domains, nothing heavy, no garbage search."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.bench.events import event

HEAVY = (
    "cryptography",
    "argon2",
    "PIL",
    "phonenumbers",
    "tencentcloud",
    "wechatpayv3",
    "requests",
    "aws_xray_sdk",
    "boto3",
)
SCRIPT = """
import gc, json, sys
import app
searching = gc.isenabled()
answer = app.app(json.loads(sys.argv[1]), None)
print(json.dumps({"searched": searching, "searches": gc.isenabled(), "set_aside": gc.get_freeze_count(),
                  "status": answer["statusCode"], "modules": sorted(sys.modules)}))
"""


def fresh(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer one request in a new process that takes itself for a Lambda function."""
    env = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "api", "JULE_STAGE": "test", "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", SCRIPT, json.dumps(asked)]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(told.splitlines()[-1]))


@pytest.mark.parametrize(
    ("asked", "domain"),
    [
        (event("GET", "/v1/health"), ""),
        (event("GET", "/v1/policies"), "consent"),
        (event("GET", "/v1/orders/{order_id}", order_id="ord_x"), "orders"),
    ],
)
def test_a_first_request_loads_its_own_domain_and_nothing_heavy(asked: dict[str, Any], domain: str) -> None:
    found = fresh(asked)
    routes = {
        name.split(".")[1] for name in found["modules"] if name.startswith("chalicelib.") and name.endswith(".routes")
    }
    assert routes == ({domain} if domain else set())
    assert not [name for name in found["modules"] if name.split(".")[0] in HEAVY]


def test_garbage_is_looked_for_from_the_first_answer_on() -> None:
    for asked in (event("GET", "/v1/health"), event("GET", "/v1/nowhere")):
        found = fresh(asked)
        assert not found["searched"]
        assert found["searches"]
        assert found["set_aside"] > 1000
