"""A recovery between its owner, a thief who knows name and number, and a stranger, against a simple model of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.accounts.contracts.codes import ResetPassword
from chalicelib.accounts.service import by_code, profile, recovered, recovery
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.web.limits import Limit
from tests.support.accounts import caller, new_mobile
from tests.support.clocks import Hands
from tests.support.counterparties import Counterparties
from tests.support.identities import citizen
from tests.support.passwords import try_in
from tests.support.recovery import NEXT, ask, code_now, finish, now_guest, stop, verified
from tests.support.recovery_recipes import forget_sending
from tests.support.ways_in import outcome

WAIT, WITHIN = timedelta(hours=72), timedelta(days=7)
NOT_OPEN = "request.not_found"
ASKERS = st.sampled_from(["owner", "thief", "stranger"])


class Waiting:
    """What the model knows of a recovery under way."""

    def __init__(self, mobile: str, ready_at: datetime) -> None:
        self.mobile, self.ready_at, self.disputed = mobile, ready_at, False

    def lives(self, now: datetime) -> bool:
        return now < self.ready_at + WITHIN


class Lost(RuleBasedStateMachine):
    """One verified account, three who ask for it, each with a number of their own."""

    counterparties: Counterparties
    hands: Hands

    @initialize()
    def arrive(self) -> None:
        self.hands.moved = timedelta()
        self.known, self.wrong = citizen(self.counterparties), citizen(self.counterparties, "钱七")
        self.who = verified(self.counterparties, self.known)
        self.mobile, self.password, self.resets = self.who.mobile, self.who.password, 0
        self.numbers = {who: new_mobile() for who in ("owner", "thief", "stranger")}
        self.waiting: Waiting | None = None

    def _fresh(self, mobile: str) -> str:
        forget_sending(f"+86{mobile}")  # nobody waits for the next code here
        return mobile

    def _alive(self) -> Waiting | None:
        return self.waiting if self.waiting is not None and self.waiting.lives(clock.now()) else None

    @rule(who=ASKERS)
    def ask(self, who: str) -> None:
        mobile, said = self._fresh(self.numbers[who]), self.wrong if who == "stranger" else self.known
        ask(self.counterparties, self.who.user_name, said, mobile)
        if who == "stranger":
            return
        seen = self._alive()
        if seen is None:
            self.waiting = Waiting(mobile, clock.now() + WAIT)
        elif seen.mobile != mobile:
            seen.disputed = True

    @rule(hours=st.sampled_from([1, 36, 73, 120]))
    def let_time_pass(self, hours: int) -> None:
        self.hands.by(hours=hours)

    @rule(how=st.sampled_from(["code", "session"]))
    def stop(self, how: str) -> None:
        if how == "code":
            assert stop(self.counterparties, self._fresh(self.mobile)) == "done"
        else:
            recovered.stop_own(caller(self.who, clock.now(), purpose="account.security"))
        self.waiting = None

    @rule()
    def reset_password(self) -> None:
        self.resets += 1
        new = f"春江潮水连海平 {self.resets}"
        code = code_now(self.counterparties, self._fresh(self.mobile), "reset_password")
        asked = ResetPassword(mobile=self.mobile, code=code, new_password=new)
        assert outcome(by_code.reset_password, now_guest(), asked) == "done"
        self.password, self.waiting = new, None

    @rule(who=ASKERS)
    def finish(self, who: str) -> None:
        mobile, seen = self._fresh(self.numbers[who]), self._alive()
        may = seen is not None and seen.mobile == mobile and not seen.disputed and clock.now() >= seen.ready_at
        ended = finish(self.counterparties, self.who.user_name, mobile)
        assert ended == ("done" if may else NOT_OPEN)
        if may:
            self.mobile, self.password, self.waiting = mobile, NEXT, None
            self.numbers[who] = new_mobile()

    @invariant()
    def the_account_is_whose_the_model_says(self) -> None:
        if hasattr(self, "who"):
            assert profile.mobile_of(self.who.person_id) == f"+86{self.mobile}"
            assert try_in(self.mobile, self.password) == "in"


@pytest.mark.timeout(600)
@pytest.mark.promise("B6.1", "B6.4", "B6.5")
def test_an_account_goes_only_to_whoever_waited_undisputed(counterparties, hands, monkeypatch):
    often: dict[str, Any] = {"count": 10**6, "window_s": 86400}
    for per in ("asker", "number", "account"):
        monkeypatch.setattr(recovery, f"_PER_{per.upper()}", Limit(f"recovery_{per}", **often))
    Lost.counterparties, Lost.hands = counterparties, hands
    few = settings(max_examples=6, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(Lost, settings=few)
