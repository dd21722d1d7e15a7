"""Whether a number has an account can't be told by the work that an answer takes: each way, right and wrong alike."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import argon2
import pytest

from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.tables.codes import sent_key
from chalicelib.foundation.store.write import commit, delete
from tests.support.accounts import enrol, new_mobile
from tests.support.clocks import began
from tests.support.counterparties import Counterparties
from tests.support.passwords import FAILED, WRONG, try_in
from tests.support.ways_in import INVALID, code_to, try_log_in, try_reset, wrong

PAIRS, NEAR = 200, 0.05
Way = Callable[[str], None]


def ways(counterparties: Counterparties) -> dict[str, tuple[Way, Way]]:
    """Give each way with what goes before it, for somebody who knows a number and nothing else."""

    def nothing(mobile: str) -> None:
        commit([delete(sent_key(mobile_index(f"+86{mobile}")))])

    def with_code(purpose: str) -> Way:
        def sent(mobile: str) -> None:
            nothing(mobile)
            held[mobile] = code_to(counterparties, mobile, purpose)

        return sent

    def asked(mobile: str) -> None:
        code_to(counterparties, mobile, "sign_up")

    def by_password(mobile: str) -> None:
        assert try_in(mobile, WRONG) == FAILED

    def by_code(mobile: str) -> None:
        assert try_log_in(mobile, wrong(held[mobile])) == INVALID

    def reset(mobile: str) -> None:
        assert try_reset(mobile, wrong(held[mobile])) == INVALID

    held: dict[str, str] = {}
    return {
        "code request": (nothing, asked),
        "password log-in": (nothing, by_password),
        "code log-in": (with_code("log_in"), by_code),
        "password reset": (with_code("reset_password"), reset),
    }


NAMES = ("code request", "password log-in", "code log-in", "password reset")


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


@pytest.mark.promise("B1.5", "K4.3", "K4.4")
@pytest.mark.parametrize("name", NAMES)
def test_a_number_with_an_account_takes_the_same_calls_and_digests(name, counterparties, aws_calls, digests):
    known, seen = enrol(counterparties, began() - timedelta(minutes=5)).mobile, []
    before, way = ways(counterparties)[name]
    for mobile in (known, new_mobile()):
        before(mobile)
        aws_calls.clear()
        digests.clear()
        way(mobile)
        seen.append(([call.operation for call in aws_calls], [*digests]))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == (name == "password log-in")
    assert seen[0][0] != []


@pytest.mark.soak
@pytest.mark.promise("B1.5", "K4.3", "K4.4")
@pytest.mark.parametrize("name", NAMES)
def test_a_number_with_an_account_takes_the_same_time(name, counterparties):
    """Pairs in turn, each number first every other time; a log-in's wait is on for both, as for any attacker."""
    before, way = ways(counterparties)[name]
    pairs = (enrol(counterparties, began() - timedelta(minutes=5)).mobile, new_mobile())
    took: dict[str, list[float]] = {mobile: [] for mobile in pairs}
    for turn in range(-5, PAIRS):
        for mobile in pairs[:: 1 if turn % 2 else -1]:
            before(mobile)
            start = time.process_time_ns()
            way(mobile)
            if turn >= 0:
                took[mobile].append(time.process_time_ns() - start)
    known, unknown = (statistics.median(took[mobile]) for mobile in pairs)
    assert abs(known / unknown - 1) <= NEAR
