"""What traces cost while they are off, wherever the product comes through their one module."""

import cProfile
import pstats
from collections.abc import Callable

from chalicelib.foundation.vault import clients, tracing


def spent_s(act: Callable[[], object], module: str = tracing.__file__) -> float:
    """Tell how long one act stays in a module, by a profiler: it makes calls dearer than they are, never cheaper."""
    profile = cProfile.Profile()
    profile.runcall(act)
    return sum(
        spent[3]  # the time from each call to its return
        for (file, _, _), (_, _, _, _, callers) in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
        if file == module
        for (caller, _, _), spent in callers.items()
        if caller != module
    )


def make_client() -> None:
    """Make a client, as a process does once: this is where traces would begin."""
    tracing.recorder.cache_clear()
    clients.reset_clients()
    clients.client("dynamodb")
