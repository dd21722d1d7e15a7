"""What a password's digest costs, against the least that OWASP names."""

import statistics
import time
from collections.abc import Callable

from argon2 import PasswordHasher, Type, extract_parameters

from .budgets import Verdicts

_ROUNDS = 9
_KIB, _PASSES = 19 * 1024, 2


def judge(verdicts: Verdicts) -> None:
    """Judge ours from both sides: never cheaper than the minimum, never so dear that log-ins starve the function.

    Whether it is cheaper is told by the work that the digest itself names, which is exact; time only by about.
    """
    from chalicelib.accounts.service.passwords import digest_of

    least = PasswordHasher(time_cost=_PASSES, memory_cost=_KIB, parallelism=1)
    turns = [(_cpu_s(digest_of), _cpu_s(least.hash)) for _ in range(_ROUNDS)]
    verdicts.ratio("password.most", statistics.median(one / other for one, other in turns))
    verdicts.ratio(
        "password.least", work(digest_of("竹杖芒鞋轻胜马 7")), "by memory and passes, as the digest names them"
    )


def work(digest: str) -> float:
    """Tell the work behind an argon2id digest, memory times passes, in that of the minimum; another kind has none."""
    named = extract_parameters(digest)
    return named.memory_cost * named.time_cost / (_KIB * _PASSES) if named.type is Type.ID else 0.0


def _cpu_s(act: Callable[[str], str]) -> float:
    began = time.process_time()
    act("竹杖芒鞋轻胜马 7")
    return time.process_time() - began
