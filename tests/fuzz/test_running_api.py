"""Made-up requests by the thousand against the running API, right ones and wrong ones, with and without a session.

Everyone's requests are held against all checks, and against a report that each operation was reached and did its
work; those of two people also against each other's things.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.demo.raw import logs
from infra.demo.world import World
from infra.local.stack import LocalStack
from infra.tree import ROOT

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(500), pytest.mark.usefixtures("story")]
HERE = Path(__file__).parent
SETTINGS = HERE / "schemathesis.toml"
DOCUMENT = ROOT / "docs" / "openapi.json"
ALL = ("--phases", "coverage,fuzzing,stateful")
RIGHT = ("--phases", "fuzzing", "--mode", "positive", "-n", "3")
NEVER_RIGHT = {
    "POST /v1/payments/wechat/notifications",
    "POST /v1/staff/sessions",
    "POST /v1/staff/enrolments",
    "POST /v1/staff/enrolments/completion",
    "POST /v1/desk/cases/{case_id}/identity",
    "POST /v1/desk/cases/{case_id}/identity/verified",
    "POST /v1/desk/cases/{case_id}/guardians",
    "POST /v1/on-behalf/{case_id}/cancellation",
    "POST /v1/handovers",
    "POST /v1/guardianships/answers",
    "POST /v1/guardianships/withdrawals",
    "POST /v1/guardianships/claims",
    "PUT /v1/desk/cases/{case_id}/age",
    "POST /v1/merges",
    "POST /v1/merges/preview",
    "POST /v1/accounts/password/reset",
    "PUT /v1/accounts/mobile",
    "POST /v1/accounts/freeze",
    "POST /v1/accounts/thaw",
    "POST /v1/sessions/by-code",
    "POST /v1/sessions/reauthentication/by-code",
}
"""What only WeChat Pay or a third party can send, or what takes what is good once; other tiers send some."""
SOON_SPENT = {"POST /v1/recovery"}
"""Ten a day from one address, most of them used by what is asked for ahead: right at times, refused at others."""
READ_BY_ID = {"GET /v1/orders/{order_id}", "GET /v1/media/{media_id}", "GET /v1/requests/{request_id}"}
"""What a peer must not read of another; everything else that is anybody's is a list of their own, or public."""


class Sent(msgspec.Struct, frozen=True):
    """One request as the report has it."""

    operation: str
    status: int
    right: bool
    identity: str


class Fuzz:
    """Runs of schemathesis against the stack, and what their reports say."""

    def __init__(self, stack: LocalStack, people: dict[str, Any]) -> None:
        self.stack, self.people = stack, people
        self.sent: list[Sent] = []

    def run(self, *options: str, people: dict[str, Any], settings: Path = SETTINGS) -> list[Sent]:
        """Run it with every check but those that its settings turn off; a finding tells how to repeat it."""
        report = self.stack.folder / "fuzz.ndjson"
        command = [Path(sys.executable).parent / "schemathesis", "--config-file", settings, "run", DOCUMENT]
        command += ["--url", self.stack.base_url, "--no-shrink", "--suppress-health-check", "all"]
        command += ["--continue-on-failure", "--report", "ndjson", "--report-ndjson-path", report, *options]
        command += ["--seed", "1"] if os.environ.get("CI") else []
        given = {"SCHEMATHESIS_HOOKS": "tests.support.fuzzing", "FUZZ_PEOPLE": json.dumps(people)}
        environment = {**kept(), **given, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            command, cwd=self.stack.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found = list(read(report))
        self.sent += found
        return found

    def never_right(self) -> set[str]:
        """Name the operations that did their work for nobody so far."""
        return documented() - {one.operation for one in self.sent if one.right and one.status < 400}

    def answers(self, operations: set[str]) -> list[tuple[str, int]]:
        """List what right requests of some operations were answered with."""
        return [(one.operation, one.status) for one in self.sent if one.right and one.operation in operations]


def kept() -> dict[str, str]:
    """Give what a program of ours needs of this process's environment."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}


def read(report: Path) -> Iterator[Sent]:
    """Read every request off a report, with who sent it where that is told."""
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for case_id, exchange in recorder.get("interactions", {}).items():
            case = recorder["cases"].get(case_id, {}).get("value")
            if case and exchange.get("response"):
                mode = case.get("meta", {}).get("generation", {}).get("mode")
                operation = f"{case['method']} {case['path']}"
                yield Sent(
                    operation, exchange["response"]["status_code"], mode == "positive", case.get("auth_identity", "")
                )


def faults(world: World) -> list[str]:
    """List what went wrong inside, as the functions' logs have it."""
    lines = (line.partition("{") for _, line in logs(world) if '"event":"request_fault"' in line)
    return [f"{told['route']}: {told['kind']} at {told['where']}" for told in (json.loads("{" + r) for *_, r in lines)]


def documented() -> set[str]:
    """Name every operation of the API's description."""
    paths = json.loads(DOCUMENT.read_text())["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


@pytest.fixture(scope="module")
def fuzz(stack: LocalStack, story: object) -> Fuzz:
    """Make people who own things, once the story is over: its first step counts every row.

    Then they do everything right, before anybody else has used up what one address may do.
    """
    command = [sys.executable, "-m", "tests.support.fuzz_people", str(stack.folder), "12"]
    ran = subprocess.run(command, cwd=ROOT, env={**kept(), **stack.env}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    made = Fuzz(stack, json.loads(ran.stdout.splitlines()[-1]))
    made.run(*RIGHT, people=made.people)
    return made


def test_no_request_of_a_person_breaks_anything_and_every_operation_does_its_work(fuzz: Fuzz, world: World):
    every = fuzz.run(*ALL, "-n", "6", people=fuzz.people)
    assert faults(world) == []
    assert documented() - {one.operation for one in every} == set()
    if fuzz.never_right() - SOON_SPENT != NEVER_RIGHT:  # chance may have passed one by: once more
        fuzz.run(*RIGHT, people=fuzz.people)
    never = fuzz.never_right() - SOON_SPENT
    assert never == NEVER_RIGHT, fuzz.answers(never ^ NEVER_RIGHT)


def test_no_request_of_a_guest_breaks_anything(fuzz: Fuzz, world: World):
    sent = fuzz.run("--phases", "coverage,fuzzing", "-n", "2", people={})
    assert faults(world) == []
    assert documented() - {one.operation for one in sent} == set()


@pytest.mark.promise("K4.4")
def test_no_person_reads_what_is_anothers(fuzz: Fuzz, tmp_path: Path):
    peers = dict(zip(("owner", "peer"), fuzz.people["people"][""], strict=False))
    entries = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {one['token']}"}]}
        for name, one in peers.items()
    ]
    (tmp_path / "peers.json").write_text(json.dumps({"auth": entries}))
    settings = tmp_path / "schemathesis.toml"
    wfc = f'\n[auth.wfc]\npath = "{tmp_path}/peers.json"\nuser = "owner"\npeers = ["owner", "peer"]\n'
    settings.write_text(SETTINGS.read_text() + wfc)
    told = {"people": {"": [peers["owner"]]}, "gifts": fuzz.people["gifts"]}
    only = ["--include-path-regex=^/v1/(orders|media|requests)(/[^/]+)?$", "-c", "object_level_authorization"]
    sent = fuzz.run(*ALL, *only, "-n", "20", people=told, settings=settings)
    assert READ_BY_ID - {one.operation for one in sent if one.status == 200} == set()
    # A peer asks for what the owner came to make by chance; `tests/api/test_matrix` has a stranger ask for each thing.
    assert {one.operation for one in sent if one.identity == "peer"} & READ_BY_ID


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_no_request_breaks_anything_for_a_long_time(fuzz: Fuzz, world: World):
    fuzz.run(*ALL, "-n", "250", "--max-time", "780", people=fuzz.people)
    assert faults(world) == []
