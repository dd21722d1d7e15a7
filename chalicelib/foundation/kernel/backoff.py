"""Waiting between tries: exponential, with full jitter, bounded."""

import secrets
import time

_BASE_S = 0.02
_MOST_S = 1.0
TRIES = 8


def pause(attempt: int) -> None:
    """Sleep before try number `attempt` (from 1)."""
    ceiling = min(_MOST_S, _BASE_S * 2**attempt)
    time.sleep(ceiling * secrets.randbelow(1000) / 1000)
