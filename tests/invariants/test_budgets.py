"""What each route asks of AWS is what the budget file says: played once on a local cloud, in a process of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_route_asks_for_exactly_what_its_budget_says() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.bench", "--calls"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
