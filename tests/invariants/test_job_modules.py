"""What a fresh job function loads: its own domain's jobs and what these stand on, no routes, nothing heavy."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import JOBS

ROOT = Path(__file__).parents[2]
HEAVY = {"cryptography", "argon2", "PIL", "phonenumbers", "tencentcloud", "wechatpayv3", "requests", "boto3", "app"}
SCRIPT = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


def loaded(module: str) -> set[str]:
    """Name what a new process that takes itself for a Lambda function has loaded once it knows its jobs."""
    env = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "job", "JULE_STAGE": "test", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT, module], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return set(json.loads(told.stdout.splitlines()[-1]))


def imports(tree: ast.AST) -> Iterator[str]:
    """Name what a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("module", JOBS)
def test_a_job_function_loads_no_routes_no_other_jobs_and_nothing_heavy(module: str):
    found = loaded(module)
    rooms = {name for name in found if name.startswith("chalicelib.") and name.endswith((".routes", ".jobs"))}
    assert rooms == ({module} if module.endswith(".jobs") else set())
    assert {name.split(".")[0] for name in found} & HEAVY == set()


def test_only_media_knows_pillow():
    using = {
        file.relative_to(ROOT / "chalicelib").parts[0]
        for file in (ROOT / "chalicelib").rglob("*.py")
        if any(name.split(".")[0] == "PIL" for name in imports(ast.parse(file.read_text())))
    }
    assert using == {"media"}
