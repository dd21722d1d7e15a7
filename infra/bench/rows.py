"""What each further row class costs, in a process of its own: `python -m infra.bench.rows PORT`.

One class is read first, as any request does; then every other one of the house is imported and read from once.
"""

import time
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock, patch

import msgspec
from botocore.session import Session


class Spent(msgspec.Struct):
    """Cost per class, and how many clients were made after the first."""

    classes: int
    cpu_ms: float
    rss_mb: float
    clients: int


def measure() -> Spent:
    """Measure every row class that the register knows."""
    from chalicelib.foundation.register import lookup
    from chalicelib.foundation.standing.rows import StandingRow
    from chalicelib.foundation.store.planner import row_class
    from chalicelib.foundation.store.row import get

    entries = [entry for entry in lookup.rows() if not entry.path.endswith(":StandingRow")]
    _contracts()
    get(StandingRow, "none", "none")
    made = Mock(wraps=Session.create_client)
    with patch.object(Session, "create_client", made):
        before_s, before_mb = time.process_time(), _rss_mb()
        for entry in entries:
            get(row_class(entry), "none", "none")
        spent_s, rose_mb = time.process_time() - before_s, _rss_mb() - before_mb
    each = len(entries)
    return Spent(each, spent_s * 1000 / each - _get_ms(), rose_mb / each, made.call_count)


def _contracts() -> None:
    """Import what tables stand on besides rows: the wire shapes of their domains."""
    for folder in sorted(Path("chalicelib").iterdir()):
        if (folder / "contracts.py").exists():
            import_module(f"chalicelib.{folder.name}.contracts")


def _get_ms() -> float:
    """Measure what a read costs anyhow."""
    from chalicelib.foundation.standing.rows import StandingRow
    from chalicelib.foundation.store.row import get

    began = time.process_time()
    for _ in range(50):
        get(StandingRow, "none", "none")
    return (time.process_time() - began) * 1000 / 50


def _rss_mb() -> float:
    told = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Measure, and print what was found."""
    print(msgspec.json.encode(measure()).decode())


if __name__ == "__main__":
    main()
