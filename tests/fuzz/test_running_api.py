"""Made-up requests by the thousand against the running API, right ones and wrong ones, with and without a session."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.demo.raw import logs
from infra.demo.world import World
from infra.local.stack import LocalStack
from infra.tree import ROOT

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(300)]
HERE = Path(__file__).parent
PHASES = "coverage,fuzzing,stateful"


@pytest.fixture(scope="session")
def people(stack: LocalStack) -> str:
    """Make people with accounts on the running stack; gives their tokens."""
    command = [sys.executable, "-m", "tests.support.fuzz_people", "12", "4"]
    ran = subprocess.run(command, cwd=ROOT, env={**kept(), **stack.env}, capture_output=True, text=True, check=True)
    return ran.stdout


def kept() -> dict[str, str]:
    """Give what a program of ours needs of this process's environment."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}


def fuzz(stack: LocalStack, people: str, *options: str) -> None:
    """Run schemathesis with every check but those that its settings turn off; a finding tells how to repeat it."""
    command = [Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run"]
    command += [ROOT / "docs" / "openapi.json", "--url", stack.base_url, "--no-shrink"]
    command += ["--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off", *options]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.fuzzing", "FUZZ_PEOPLE": people, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        command, cwd=stack.folder, env={**kept(), **hooks}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def faults(world: World) -> list[str]:
    """List what went wrong inside, as the functions' logs have it."""
    lines = (line.partition("{") for _, line in logs(world) if '"event":"request_fault"' in line)
    return [f"{told['route']}: {told['kind']} at {told['where']}" for told in (json.loads("{" + r) for *_, r in lines)]


@pytest.mark.usefixtures("story")  # whose first step counts every row: it is played before anything else is going on
def test_no_request_of_a_person_breaks_anything(stack: LocalStack, world: World, people: str):
    fuzz(stack, people, "--phases", PHASES, "-n", "15", "--max-time", "45")
    assert faults(world) == []


@pytest.mark.usefixtures("story")
def test_no_request_of_a_guest_breaks_anything(stack: LocalStack, world: World):
    fuzz(stack, "{}", "--phases", "coverage,fuzzing", "-n", "3", "--max-time", "15")
    assert faults(world) == []


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_no_request_breaks_anything_for_a_long_time(stack: LocalStack, world: World, people: str):
    fuzz(stack, people, "--phases", PHASES, "-n", "250", "--max-time", "780")
    assert faults(world) == []
