"""What a password's digest costs, against the least that OWASP names."""

import statistics
import time
from collections.abc import Callable

from .budgets import Verdicts

_ROUNDS = 9


def judge(verdicts: Verdicts) -> None:
    """Judge ours from both sides: never cheaper than the minimum, never so dear that log-ins starve the function."""
    from argon2 import PasswordHasher

    from chalicelib.accounts.service.passwords import digest_of

    least = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for act, times in zip((digest_of, least.hash), spent, strict=True):
            times.append(_cpu_s(act))
    value = round(statistics.median(spent[0]) / statistics.median(spent[1]), 1)  # the same work differs by some %
    verdicts.ratio("password.most", value)
    verdicts.ratio("password.least", value)


def _cpu_s(act: Callable[[str], str]) -> float:
    began = time.process_time()
    act("竹杖芒鞋轻胜马 7")
    return time.process_time() - began
