"""Erasing and copying a person with many rows, in a process of its own: `python -m infra.bench.lives WHAT PORT COUNT…`.

Compared with a bare boto3 client that does the least there is to do; side by side, turn by turn.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import msgspec

from . import copying, erasing
from .programs import Canned

_MOST_TURNS, _FEWEST_TURNS = 15, 7
_STATUS = Path("/proc/self/status")
_WHAT = {"erase": erasing, "copy": copying}


class Spent(msgspec.Struct):
    """CPU seconds of ours and of the bare client, by how many rows there were; how far memory rose in the largest."""

    ours_s: dict[int, float] = {}
    bare_s: dict[int, float] = {}
    rose_mb: float = 0.0


def measure(what: str, server: Canned, counts: list[int]) -> Spent:
    """Measure erasing (`erase`) or copying (`copy`) for each count of rows."""
    verb, spent, most = _WHAT[what], Spent(), max(counts)
    _fill(server, verb, min(counts))
    _insisted(verb.ours, min(counts))
    _fill(server, verb, most)
    spent.rose_mb = _rise_mb(lambda: _insisted(verb.ours, most))
    for count in counts:
        _fill(server, verb, count)
        _insisted(verb.theirs, count)
        turns = [
            (_cpu(verb.ours, count), _cpu(verb.theirs, count))
            for _ in range(max(_FEWEST_TURNS, min(_MOST_TURNS, most // count)))
        ]
        spent.ours_s[count], spent.bare_s[count] = fair(turns)
    return spent


def fair(turns: list[tuple[float, float]]) -> tuple[float, float]:
    """Give what two things take that ran in turn: the least of the second, the first by the median of their ratios.

    What disturbs a machine makes things dearer, never cheaper, and both of one turn alike.
    """
    least = min(other for _, other in turns)
    return least * statistics.median(one / other for one, other in turns), least


def _fill(server: Canned, verb: ModuleType, count: int) -> None:
    each = count // len(verb.KINDS)
    server.load("crowd", msgspec.json.encode({**verb.crowd(), "count": each}))


def _insisted(act: Callable[[], int], count: int) -> None:
    done = act()
    if done != count:
        raise SystemExit(f"{act.__module__}.{act.__name__}: {done}, not {count}")


def _cpu(act: Callable[[], int], count: int) -> float:
    began = time.process_time()
    _insisted(act, count)
    return time.process_time() - began


def _rise_mb(act: Callable[[], object]) -> float:
    """Tell how far memory stands, at its highest, above where it stood before."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
    before_kb = _memory_kb("VmRSS")
    act()
    return (_memory_kb("VmHWM") - before_kb) / 1024


def _memory_kb(line: str) -> int:
    return next(int(told.split()[1]) for told in _STATUS.read_text().splitlines() if told.startswith(line))


def main(what: str, port: str, *counts: str) -> None:
    """Measure, and print what was found."""
    print(msgspec.json.encode(measure(what, Canned(int(port)), [int(count) for count in counts])).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
