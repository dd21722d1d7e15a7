"""Codes, log-ins, sessions, freezes, passwords and numbers in any order, against a simple model of them."""

from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.accounts.contracts.accounts import CodePurpose
from chalicelib.accounts.contracts.codes import LogInByCode
from chalicelib.accounts.contracts.sessions import ChangePassword, LogIn, RefreshSession
from chalicelib.accounts.rules.passwords import LOGIN_TRIES
from chalicelib.accounts.rules.sessions import GRACE
from chalicelib.accounts.service import by_code, devices, logging_in, sessions
from chalicelib.foundation.kernel.errors import Busy, Failure, Unauthenticated
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import commit
from tests.support.accounts import PASSWORD, Member, caller, enrol, guest, new_mobile
from tests.support.clocks import began
from tests.support.counterparties import Counterparties
from tests.support.passwords import FAILED, NEXT, try_in
from tests.support.ways_in import (
    FROZEN,
    INVALID,
    alive,
    as_if_none_went,
    code_to,
    move,
    outcome,
    standing,
    try_freeze,
    try_reset,
    try_thaw,
    wrong,
)

PURPOSES: tuple[CodePurpose, ...] = ("log_in", "reset_password", "freeze", "thaw", "change_mobile")
TRIES, LIFE = 5, timedelta(minutes=10)
WORDS = (PASSWORD, NEXT)
FEW = LOGIN_TRIES - 1
"""Right passwords that a freeze refuses count as tries too; that a wait comes of more is tested elsewhere."""


def tried(verb: Any, *given: Any) -> tuple[str, Any]:
    """Give `done` and what came of it, or the code of the refusal and nothing."""
    try:
        return "done", verb(*given)
    except Failure as refused:
        return refused.code, None


class Code:
    """A code that lies on a phone."""

    def __init__(self, said: str, until: datetime) -> None:
        self.said, self.until, self.tries = said, until, 0


class Life(RuleBasedStateMachine):
    """One account and whoever holds its phone."""

    counterparties: Counterparties

    @initialize()
    def arrive(self) -> None:
        self.now = began()
        self.who: Member = enrol(self.counterparties, self.now)
        self.password, self.frozen_by = PASSWORD, ""
        self.open = {self.who.session_id: self.who}
        self.spent: list[str] = []
        self.turned: dict[str, tuple[str, datetime]] = {}
        self.refusals = 0
        self.codes: dict[tuple[str, str], Code] = {}

    def _tried(self, purpose: str, mobile: str = "") -> tuple[str, bool]:
        """Give what somebody types in for a purpose, and whether it is good; the model counts the try."""
        code = self.codes.get((purpose, mobile or self.who.mobile))
        if code is None:
            return "000000", False
        good = self.now < code.until and code.tries < TRIES
        code.tries += 1
        return code.said, good

    def _used(self, purpose: str, mobile: str = "") -> None:
        del self.codes[purpose, mobile or self.who.mobile]

    def _ended(self, *, but: str = "") -> None:
        self.open = {name: one for name, one in self.open.items() if name == but}

    def _entered(self, tokens: object) -> None:
        member = self.who.holding(msgspec.to_builtins(tokens))
        self.open[member.session_id] = member

    def _send(self, purpose: str, mobile: str) -> None:
        as_if_none_went(mobile, purpose, self.now)  # nobody waits for the next one here
        said = code_to(self.counterparties, mobile, cast("CodePurpose", purpose), self.now)
        self.codes[purpose, mobile] = Code(said, self.now + LIFE)

    @rule(purpose=st.sampled_from(PURPOSES))
    def ask(self, purpose: str) -> None:
        self._send(purpose, self.who.mobile)

    @rule(minutes=st.sampled_from((1, 4, 11)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(purpose=st.sampled_from(("log_in", "freeze")))
    def guess(self, purpose: str) -> None:
        said, _ = self._tried(purpose)
        if purpose == "freeze":
            assert try_freeze(self.who.mobile, wrong(said), self.now) == INVALID
        else:
            asked = LogInByCode(mobile=self.who.mobile, code=wrong(said))
            assert outcome(by_code.log_in_by_code, guest(self.now), asked) == INVALID

    @precondition(lambda self: self.refusals < FEW)
    @rule()
    def log_in_by_password(self) -> None:
        asked = LogIn(login=self.who.mobile, password=self.password)
        answer, view = tried(logging_in.log_in, guest(self.now), asked)
        assert answer == (FROZEN if self.frozen_by else "done")
        self.refusals = 0 if answer == "done" else self.refusals + 1
        if view is not None:
            self._entered(view)

    @rule()
    def log_in_by_code(self) -> None:
        said, good = self._tried("log_in")
        asked = LogInByCode(mobile=self.who.mobile, code=said)
        answer, view = tried(by_code.log_in_by_code, guest(self.now), asked)
        assert answer == (INVALID if not good else FROZEN if self.frozen_by else "done")
        if view is not None:
            self._entered(view)
            self._used("log_in")

    @precondition(lambda self: self.open)
    @rule(number=st.integers(0, 9))
    def refresh(self, number: int) -> None:
        name = sorted(self.open)[number % len(self.open)]
        token = self.open[name].tokens["refresh_token"]
        view = sessions.refresh_session(guest(self.now), RefreshSession(refresh_token=token))
        assert view.refresh_token != token
        self.spent.append(token)
        self.turned[token] = (view.refresh_token, self.now)
        self._entered(view)

    @precondition(lambda self: self.spent)
    @rule(number=st.integers(0, 9), seconds=st.sampled_from((0, 9, 12)), device=st.sampled_from(("", "", "Nokia")))
    def reuse(self, number: int, *, seconds: int, device: str) -> None:
        """Bring a token of the past: the one before, within seconds and from its device, still gives the next."""
        self.now += timedelta(seconds=seconds)
        token = self.spent[-1 - number % len(self.spent)]
        call, asked = guest(self.now, device=device), RefreshSession(refresh_token=token)
        holder = self.open.get(token.split(".")[0])
        following, at = self.turned.get(token, ("", self.now))
        if holder is not None and holder.tokens["refresh_token"] == following and not device and self.now - at <= GRACE:
            assert sessions.refresh_session(call, asked).refresh_token == following
            return
        assert outcome(sessions.refresh_session, call, asked) == (FROZEN if self.frozen_by else Unauthenticated.code)
        if not self.frozen_by:
            self.open.pop(token.split(".")[0], None)

    @precondition(lambda self: len(self.open) > 1)
    @rule()
    def end(self) -> None:
        one, other = sorted(self.open)[:2]
        sessions.end_session(caller(self.open[one], self.now), other)
        self.spent.append(self.open.pop(other).tokens["refresh_token"])

    @precondition(lambda self: self.open)
    @rule()
    def end_others(self) -> None:
        name = max(self.open)
        view = devices.end_others(caller(self.open[name], self.now, purpose="account.security"))
        self.spent += [one.tokens["refresh_token"] for other, one in self.open.items() if other != name]
        self._ended(but=name)
        self._entered(view)

    @precondition(lambda self: self.open)
    @rule()
    def change_password(self) -> None:
        name = min(self.open)
        new = WORDS[self.password == WORDS[0]]
        asked = ChangePassword(current_password=self.password, new_password=new)
        view = logging_in.change_password(caller(self.open[name], self.now, purpose="account.security"), asked)
        self.password = new
        self._ended(but=name)
        self._entered(view)

    @rule()
    def reset(self) -> None:
        said, good = self._tried("reset_password")
        new = WORDS[self.password == WORDS[0]]
        answer = try_reset(self.who.mobile, said, new, self.now)
        assert answer == (INVALID if not good else FROZEN if self.frozen_by else "done")
        if answer == "done":
            self.password = new
            self._used("reset_password")
            self._ended()

    @rule()
    def freeze(self) -> None:
        said, good = self._tried("freeze")
        assert try_freeze(self.who.mobile, said, self.now) == ("done" if good else INVALID)
        if good:
            self._used("freeze")
            self.frozen_by = self.frozen_by or "owner"
            self._ended()

    @precondition(lambda self: self.frozen_by in {"", "owner"})
    @rule()
    def staff_freeze(self) -> None:
        commit([access.freeze(standing(self.who), "staff:law", self.now, otherwise=Busy)])
        self.frozen_by = "staff:law"
        self._ended()

    @precondition(lambda self: self.frozen_by)
    @rule()
    def staff_thaw(self) -> None:
        commit([access.thaw(standing(self.who), otherwise=Busy)])
        self.frozen_by = ""

    @precondition(lambda self: self.refusals < FEW)
    @rule()
    def thaw(self) -> None:
        said, good = self._tried("thaw")
        answer = try_thaw(self.who.mobile, said, self.password, self.now)
        assert answer == (INVALID if not good else FROZEN if self.frozen_by == "staff:law" else "done")
        self.refusals = 0 if answer == "done" else self.refusals + 1
        if answer == "done":
            self._used("thaw")
            self.frozen_by = ""

    @precondition(lambda self: self.open)
    @rule()
    def change_number(self) -> None:
        mobile, before = new_mobile(), self.who.mobile
        self._send("change_mobile", mobile)
        new, _ = self._tried("change_mobile", mobile)
        said, good = self._tried("change_mobile")
        name = min(self.open)
        answer, moved = tried(move, self.open[name], mobile, (new, said), self.now)
        assert answer == ("done" if good else INVALID)
        if moved is None:
            return
        self.codes = {}
        self.who = self.who._replace(mobile=mobile)
        self._ended(but=name)
        self.open[name] = moved
        assert try_in(before, self.password, self.now) == FAILED

    @invariant()
    def stands_as_modelled(self) -> None:
        if hasattr(self, "who"):
            assert alive(self.who, self.now) == set(self.open)
            row = standing(self.who)
            assert (row.status, row.frozen_by or "") == ("frozen" if self.frozen_by else "active", self.frozen_by)


@pytest.mark.promise("A5.1", "B1.4", "B1.5", "K4.3", "K6.1", "K6.4", "K6.5")
@pytest.mark.usefixtures("cloud")
def test_whatever_is_done_in_whichever_order_the_account_stands_as_modelled(counterparties: Counterparties):
    Life.counterparties = counterparties
    run_state_machine_as_test(Life, settings=settings(max_examples=10, stateful_step_count=25, deadline=None))
