"""Programs that are measured: their surroundings, what they cost in instructions or CPU seconds, what they print."""

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from ..local import ministack

VALGRIND = shutil.which("valgrind")
_COLLECTED = re.compile(r"Collected : (\d+)")
_ROUNDS = 15
BASE_PYTHON = str(getattr(sys, "_base_executable", sys.executable))
"""The interpreter itself: a virtual environment would bring its own packages into what is measured."""


class NotMeasured(RuntimeError):
    """A measured program failed; carries what it said."""


def surroundings(port: int = 9, **more: str) -> dict[str, str]:
    """Give a measured program its environment: Lambda's, with the store on a port of ours, and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    lambda_ = {
        "AWS_LAMBDA_FUNCTION_NAME": "jule-bench-api",
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": ministack.REGION,
        "AWS_DEFAULT_REGION": ministack.REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**kept, **ministack.CREDENTIALS, **lambda_, **more}


def costs(programs: Mapping[str, list[str]], env: Mapping[str, str]) -> dict[str, float]:
    """Tell what programs cost: instructions where valgrind is there, which repeat; else medians of CPU seconds."""
    for command in programs.values():
        output(command, env)
    if VALGRIND is not None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            counted = pool.map(lambda command: _instructions(command, env), programs.values())
            return dict(zip(programs, map(float, counted), strict=True))
    spent: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(_ROUNDS):
        for name, command in programs.items():
            spent[name].append(cpu_s(command, env))
    return {name: statistics.median(times) for name, times in spent.items()}


def output(command: list[str], env: Mapping[str, str]) -> str:
    """Run a program and give what it printed.

    Raises:
        NotMeasured: it failed.
    """
    ran = subprocess.run(command, env=dict(env), cwd=ministack.ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise NotMeasured(f"{' '.join(command)}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}")
    return ran.stdout


def cpu_s(command: list[str], env: Mapping[str, str]) -> float:
    """Run a program once; gives the CPU seconds it took."""
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotMeasured(" ".join(command))
    return usage.ru_utime + usage.ru_stime


def _instructions(command: list[str], env: Mapping[str, str]) -> int:
    tool = [str(VALGRIND), "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    ran = subprocess.run(tool, env=dict(env), capture_output=True, text=True, check=False)
    found = _COLLECTED.search(ran.stderr)
    if ran.returncode or found is None:
        raise NotMeasured(ran.stderr[-4000:])
    return int(found[1])


class Canned:
    """The canned server as a process."""

    def __init__(self, port: int) -> None:
        """Take where it answers."""
        self.port = port

    def load(self, what: str, content: bytes) -> None:
        """Say what to answer from now on: a `tape` or a `crowd`."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{what}", content, method="PUT")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            answer.read()


class Stand(msgspec.Struct, frozen=True):
    """What measured programs run against: canned answers, and the settings that a deployment states."""

    server: Canned
    stated: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """The surroundings of a program here."""
        return {**self.stated, **surroundings(self.server.port)}


@contextlib.contextmanager
def canned() -> Iterator[Canned]:
    """Start the canned server, and stop it afterwards."""
    command = [sys.executable, "-m", "infra.local.child", "infra.bench.canned"]
    with subprocess.Popen(command, cwd=ministack.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Canned(int(process.stdout.readline() if process.stdout else ""))
        finally:
            process.terminate()
