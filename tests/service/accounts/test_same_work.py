"""Whether a number has an account can't be told by the calls, the digests or the time that an answer takes."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import argon2
import pytest

from tests.support.accounts import enrol, new_mobile
from tests.support.clocks import began
from tests.support.same_work import NAMES, Ways

PAIRS, NEAR, NEAR_BY_THE_CLOCK = 200, 0.05, 0.1
CLOCKS: dict[str, tuple[Callable[[], int], float]] = {
    "processor": (time.process_time_ns, NEAR),
    "clock": (time.perf_counter_ns, NEAR_BY_THE_CLOCK),
}


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the parameters of every digest that is worked out."""
    seen: list[str] = []
    verify, make = argon2.PasswordHasher.verify, argon2.PasswordHasher.hash

    def verified(self, digest, password):
        seen.append("verify " + "$".join(digest.split("$")[1:4]))
        return verify(self, digest, password)

    def made(self, *given, **named):
        seen.append("hash")
        return make(self, *given, **named)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verified)
    monkeypatch.setattr(argon2.PasswordHasher, "hash", made)
    return seen


@pytest.fixture
def ways(counterparties, cloud) -> Ways:
    """Make tries against the local cloud."""
    return Ways(counterparties, cloud)


@pytest.mark.promise("B1.5", "K4.3", "K4.4")
@pytest.mark.parametrize("name", NAMES)
def test_a_number_with_an_account_takes_the_same_calls_and_digests(name, ways, counterparties, aws_calls, digests):
    known, seen = enrol(counterparties, began() - timedelta(minutes=5)).mobile, []
    for mobile in (known, new_mobile()):
        attempt = ways.ready(name, mobile)
        aws_calls.clear()
        digests.clear()
        attempt()
        seen.append(([call.operation for call in aws_calls], [*digests]))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == (name == "password log-in")
    assert seen[0][0] != []


@pytest.mark.soak
@pytest.mark.promise("B1.5", "K4.3", "K4.4")
@pytest.mark.parametrize("name", NAMES)
def test_a_number_with_an_account_takes_the_same_time(name, ways, counterparties):
    """Pairs in turn, each number first every other time, and nothing counted before a try: no wait stands in the way.

    What is judged is the median of the differences within pairs, so a machine that slows down slows both.
    """
    known, unknown = enrol(counterparties, began() - timedelta(minutes=5)).mobile, new_mobile()
    took: dict[str, dict[str, list[int]]] = {clock: {known: [], unknown: []} for clock in CLOCKS}
    for turn in range(-5, PAIRS):
        for mobile in (known, unknown)[:: 1 if turn % 2 else -1]:
            attempt = ways.ready(name, mobile)
            began_at = {clock: read() for clock, (read, _) in CLOCKS.items()}
            attempt()
            for clock, (read, _) in CLOCKS.items():
                if turn >= 0:
                    took[clock][mobile].append(read() - began_at[clock])
    for clock, (_, near) in CLOCKS.items():
        pairs = zip(took[clock][known], took[clock][unknown], strict=True)
        apart = statistics.median(one - other for one, other in pairs)
        assert abs(apart) / statistics.median(took[clock][unknown]) <= near, clock
