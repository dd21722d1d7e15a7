"""Guardians, a minor, birthdays and second thoughts in any order, against a small model; and at the same moment."""

import threading
from datetime import timedelta
from typing import ClassVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.accounts.contracts.guardians import AnswerAsGuardian, DeclareAge
from chalicelib.accounts.errors import InvitationOver
from chalicelib.accounts.service import ages, guardians
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, Failure, NotFound
from chalicelib.foundation.standing.minors import GuardianConsentRequired, refuse, stage_of
from chalicelib.rights.jobs import sweep_retention
from tests.support.clocks import Hands
from tests.support.minors import born, make_guardian, make_minor, rules_shown
from tests.support.people import Someone
from tests.support.schedules import tick

GUARDIANS = ("mother", "father")


def call_of(who: Someone) -> Call:
    return who.call(clock.now(), purpose="minor.protection")


def answer(minor: Someone, guardian: Someone, said: str) -> None:
    invited = guardians.invite_guardian(call_of(minor))
    command = {"invitation": invited.invitation, "answer": said}
    command["notice"] = rules_shown(invited.feature.removeprefix("minor."))
    guardians.answer_as_guardian(call_of(guardian), msgspec.convert(command, AnswerAsGuardian))


def may(minor: Someone, purpose: str) -> bool:
    try:
        refuse(minor.person(), purpose, clock.now())
    except GuardianConsentRequired:
        return False
    return True


def has_power(guardian: Someone, minor: Someone) -> bool:
    try:
        guardians.ward_of(call_of(guardian), minor.person_id)
    except NotFound:
        return False
    return True


class Growing(RuleBasedStateMachine):
    """A child that grows up between two guardians. The model holds an age and each guardian's answer for an age."""

    hands: ClassVar[Hands]

    @initialize(years=st.sampled_from([13, 17, 9]))
    def begin(self, years: int) -> None:
        self.minor = make_minor(years, identified=True, day=born(years, days=300))
        self.adults = {name: make_guardian() for name in GUARDIANS}
        self.answers: dict[str, tuple[str, str]] = {}
        minor = self.minor.person().minor
        assert minor is not None
        self.turns = (minor.child_until, minor.minor_until)

    @property
    def stage(self) -> str | None:
        if clock.now() >= self.turns[1]:
            return None
        return "child" if clock.now() < self.turns[0] else "teen"

    @property
    def agreed(self) -> bool:
        said = [what for stage, what in self.answers.values() if stage == self.stage]
        return "agreed" in said and not {"refused", "withdrawn"} & set(said)

    @rule(name=st.sampled_from(GUARDIANS), said=st.sampled_from(["agree", "refuse"]))
    def guardian_answers(self, name: str, said: str) -> None:
        if self.stage is None:
            return
        answer(self.minor, self.adults[name], said)
        self.answers[name] = (self.stage, {"agree": "agreed", "refuse": "refused"}[said])

    @rule(name=st.sampled_from(GUARDIANS))
    def guardian_withdraws(self, name: str) -> None:
        able = self.stage is not None and self.answers.get(name) == (self.stage, "agreed")
        try:
            guardians.withdraw_as_guardian(call_of(self.adults[name]), self.minor.person_id)
        except NotFound:
            assert not able
        else:
            assert able
            self.answers[name] = (str(self.stage), "withdrawn")

    @rule(years=st.sampled_from([5, 12, 20, 30]))
    def says_another_age(self, years: int) -> None:
        try:
            ages.declare_age(call_of(self.minor), DeclareAge(birth_date=born(years)))
        except Failure:
            return
        raise AssertionError

    @rule(days=st.sampled_from([100, 1, 1500]))
    def time_passes(self, days: int) -> None:
        self.hands.by(days=days)

    @rule()
    def just_before_a_birthday(self) -> None:
        ahead = [turn for turn in self.turns if turn > clock.now() + timedelta(seconds=2)]
        if ahead:
            self.hands.to(ahead[0] - timedelta(seconds=1))

    @rule(name=st.sampled_from(GUARDIANS))
    def a_birthday_passes_just_after_an_answer(self, name: str) -> None:
        ahead = [turn for turn in self.turns if turn > clock.now() + timedelta(seconds=2)]
        if ahead:
            self.guardian_answers(name, "agree")
            self.hands.to(ahead[0] + timedelta(seconds=1))

    @rule()
    def a_sweep_comes_by(self) -> None:
        tick(sweep_retention)

    @invariant()
    def what_may_be_done_is_what_the_model_says(self) -> None:
        if not hasattr(self, "minor"):
            return
        assert stage_of(self.minor.person().minor, clock.now()) == self.stage
        for purpose in ("community.publish", "order.fulfil", "account.membership"):
            assert may(self.minor, purpose) == (self.stage is None or self.agreed), purpose
        assert may(self.minor, "rights.answer")
        for name, adult in self.adults.items():
            able = self.stage is not None and self.answers.get(name) == (self.stage, "agreed")
            assert has_power(adult, self.minor) == able, name


@pytest.mark.promise("M1.1", "M1.2", "M2.1", "M2.2", "M2.4")
def test_any_order_of_answers_birthdays_and_second_thoughts(hands: Hands):
    Growing.hands = hands
    run_state_machine_as_test(Growing, settings=settings(max_examples=20, stateful_step_count=10, deadline=None))


@pytest.mark.promise("M2.2")
def test_two_answers_at_the_same_moment_add_up(cloud):
    child, one, other = make_minor(9), make_guardian(), make_guardian()
    invited = [guardians.invite_guardian(call_of(child)).invitation for _ in range(2)]
    said, gate, told = ("agree", "refuse"), threading.Barrier(2), []

    def race(number: int, guardian: Someone) -> None:
        body = {"invitation": invited[number], "answer": said[number], "notice": rules_shown("child")}
        command, call = msgspec.convert(body, AnswerAsGuardian), call_of(guardian)
        gate.wait()
        try:
            guardians.answer_as_guardian(call, command)
            told.append("done")
        except Busy:
            told.append("busy")

    threads = [threading.Thread(target=race, args=pair) for pair in enumerate((one, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["done", "done"]
    minor = child.person().minor
    assert minor is not None
    assert minor.guarded == "disputed"


@pytest.mark.promise("M2.1")
def test_one_invitation_in_many_hands_is_answered_once(cloud):
    child, adults = make_minor(9), [make_guardian() for _ in range(4)]
    body = {"invitation": guardians.invite_guardian(call_of(child)).invitation, "answer": "agree"}
    command = msgspec.convert({**body, "notice": rules_shown("child")}, AnswerAsGuardian)
    gate, told = threading.Barrier(4), []

    def race(guardian: Someone) -> None:
        call = call_of(guardian)
        gate.wait()
        try:
            guardians.answer_as_guardian(call, command)
            told.append("done")
        except (InvitationOver, Busy) as failure:
            told.append(failure.code)

    threads = [threading.Thread(target=race, args=(one,)) for one in adults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("done") == 1, told
