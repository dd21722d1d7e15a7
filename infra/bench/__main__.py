"""Run as `python -m infra.bench`: measure, print, write build/bench.json; fails when one is over.

With `--calls` only what each route asks of AWS is held against the budgets, which takes seconds.
"""

import argparse
import io
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import msgspec

from ..local.ministack import ROOT
from . import calls, cold, growth, packages, passwords, warmth
from .budgets import Verdicts, budgets
from .known import learnt
from .programs import VALGRIND, Stand, canned
from .story import cold_recordings, recordings
from .town import Town

RESULT = ROOT / "build" / "bench.json"


def measure(verdicts: Verdicts, *, only_calls: bool) -> None:
    """Measure everything: the story once on a local cloud, the rest against what it recorded."""
    with Town() as town, redirect_stdout(io.StringIO()):
        warm = recordings(town)
        known, first, stated = learnt(), cold_recordings(town), dict(town.environment)
    calls.judge(verdicts, warm)
    if only_calls:
        return
    with tempfile.TemporaryDirectory(prefix="jule-bench-") as folder, canned() as server:
        stand = Stand(server, stated)
        cold.judge(verdicts, stand, packages.judge(verdicts, Path(folder)), recordings=first)
        warmth.judge(verdicts, stand, warm, known=known)
        growth.judge_rows(verdicts, stand)
        growth.judge_lives(verdicts, stand)
    passwords.judge(verdicts)


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="measure the budgets, side by side")
    parser.add_argument("--calls", action="store_true", help="only the calls and the capacity of each route")
    only_calls = parser.parse_args().calls
    verdicts = Verdicts(budgets())
    measure(verdicts, only_calls=only_calls)
    missing = [] if only_calls else verdicts.unmeasured()
    if not only_calls:
        write(verdicts)
    tell(verdicts)
    for name in missing:
        print(f"not measured: {name}", file=sys.stderr)
    return 1 if verdicts.over or missing else 0


def write(verdicts: Verdicts) -> None:
    """Write the result for machines."""
    plain = [{"name": one.name, "value": one.value, "budget": one.budget, "ok": one.ok} for one in verdicts.lines]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n")


def tell(verdicts: Verdicts) -> None:
    """Print every budget as a line, and what is over once more at the end."""
    print("counted in instructions" if VALGRIND else "no valgrind here: cold starts are medians of CPU time")
    for line in verdicts.lines:
        sign = "ok  " if line.ok else "OVER"
        print(f"{sign} {line.name:58} {line.value!s:>10}  budget {line.budget!s:10} {line.told}")
    for line in verdicts.over:
        print(f"OVER {line.name}: {line.value}, budget {line.budget}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
