"""Verification on a bad day: many at once, bad answers, a consent that goes meanwhile, a killed process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.verification import VerifyFace
from chalicelib.accounts.errors import FaceNotBegun, VerificationFailed
from chalicelib.accounts.service import faces, verification
from chalicelib.accounts.service.verified import is_verified
from chalicelib.accounts.tables.verification import own_verification
from chalicelib.consent.service import choosing
from chalicelib.foundation.gateways import identity
from chalicelib.foundation.gateways.errors import ProviderRefused
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Busy, ConsentRequired, Failure, TooMany
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from tests.support import copies, killing
from tests.support.accounts import new_mobile, new_name
from tests.support.cloud import forget_process_state
from tests.support.edges import deliver
from tests.support.identities import PURPOSE, Citizen, agree, citizen, show_face
from tests.support.leaving import leave, raw, traces
from tests.support.lives import make_account
from tests.support.people import Someone, make_person

KEPT = {"verification", "identity_slot"}


def someone() -> Someone:
    """Give somebody who has agreed to be verified."""
    return make_person(consents={PURPOSE}, recent=True)


@pytest.fixture
def who(counterparties) -> Someone:
    return someone()


def verify(one: Someone, known: Citizen):
    return verification.verify_name(one.call(purpose=PURPOSE), known.said)


def begin(one: Someone, known: Citizen):
    return faces.begin_face(one.call(purpose=PURPOSE), VerifyFace(name=known.name, number=known.number))


def outcome(one: Someone):
    return faces.settle_face(one.call(purpose=PURPOSE))


def kinds(cloud) -> list[str]:
    return sorted(item["kind"]["S"] for noun in ("people", "ephemeral") for item in cloud.items(noun))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run all at the same time; gives what each returned, or the failure it met."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Failure as met:
            return met

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def most(monkeypatch, number: int) -> None:
    monkeypatch.setenv("IDENTITY_MOST_ACCOUNTS", str(number))
    reset_config()


def meanwhile(monkeypatch, name: str, act: Callable[[], Any]) -> None:
    """Have something happen after the authority answered and before its answer is kept."""
    real = getattr(identity, name)

    def asked(*args: Any, **given: Any) -> Any:
        said = real(*args, **given)
        act()
        return said

    monkeypatch.setattr(identity, name, asked)


def withdraw(one: Someone) -> None:
    choosing.withdraw_consent(one.call(), PURPOSE)


@pytest.mark.promise("B7.1")
def test_of_five_at_once_two_get_a_place_and_nobody_a_third(known, cloud, monkeypatch):
    most(monkeypatch, 2)
    people = [someone() for _ in range(5)]
    at_once(*(lambda one=one: verify(one, known) for one in people))
    for one in people:  # whoever met somebody else at the same place tries again, two at most each
        if not is_verified(one.call().who):
            at_once(lambda one=one: verify(one, known))
    assert sum(is_verified(one.call().who) for one in people) == 2
    assert [kinds(cloud).count(kind) for kind in sorted(KEPT)] == [2, 2]


def test_one_person_many_times_at_once_is_verified_once(who, known, cloud):
    met = at_once(*[lambda: verify(who, known)] * 5)
    assert all(isinstance(one, Busy) or one.verified for one in met), met
    assert verify(who, known).verified
    assert [kinds(cloud).count(kind) for kind in sorted(KEPT)] == [1, 1]


@pytest.mark.promise("B7.3")
def test_of_many_tries_at_once_the_authority_hears_ten(known, monkeypatch, hands):
    hands.into_window(86400)
    asked: list[int] = []
    meanwhile(monkeypatch, "check_name", lambda: asked.append(1))
    wrong = Citizen("李四", known.number)
    people = [someone() for _ in range(14)]
    met = at_once(*(lambda one=one: verify(one, wrong) for one in people))
    assert len(asked) == 10
    assert [sum(isinstance(one, kind) for one in met) for kind in (VerificationFailed, TooMany)] == [10, 4]


@pytest.mark.promise("B7.1")
def test_a_lower_number_of_accounts_binds_at_once_and_takes_nobodys_place(known, cloud, monkeypatch):
    most(monkeypatch, 3)
    people = [someone() for _ in range(4)]
    for one in people[:3]:
        verify(one, known)
    most(monkeypatch, 2)
    withdraw(people[0])
    assert deliver(jobs.apply_withdrawal, *[m["Body"] for m in cloud.messages("withdrawals")]) == []
    with pytest.raises(VerificationFailed):
        verify(people[3], known)
    assert [is_verified(one.call().who) for one in people] == [False, True, True, False]


@pytest.mark.promise("A4.1", "B7.4")
def test_a_consent_that_goes_while_the_authority_is_asked_takes_the_answer_with_it(who, known, cloud, monkeypatch):
    meanwhile(monkeypatch, "check_name", lambda: withdraw(who))
    with pytest.raises(ConsentRequired):
        verify(who, known)
    assert not KEPT & {*kinds(cloud)}


@pytest.mark.promise("A4.1", "B7.4")
def test_so_it_does_while_a_face_check_begins(who, known, cloud, monkeypatch):
    meanwhile(monkeypatch, "begin_face", lambda: withdraw(who))
    with pytest.raises(ConsentRequired):
        begin(who, known)
    assert "face_check" not in kinds(cloud)


@pytest.mark.promise("A4.1", "B7.4")
def test_so_it_does_while_a_face_check_runs(who, known, counterparties, cloud, monkeypatch):
    show_face(counterparties, begin(who, known).url)
    meanwhile(monkeypatch, "face_result", lambda: withdraw(who))
    with pytest.raises(ConsentRequired):
        outcome(who)
    assert deliver(jobs.apply_withdrawal, *[m["Body"] for m in cloud.messages("withdrawals")]) == []
    assert not {*KEPT, "face_check"} & {*kinds(cloud)}


def test_whoever_leaves_while_the_authority_is_asked_is_not_brought_back(who, known, cloud, monkeypatch):
    closing = [StandingRow.epoch.set(2)]
    meanwhile(monkeypatch, "check_name", lambda: commit([update((StandingRow, who.person_id, access.SK), closing)]))
    with pytest.raises(Failure):
        verify(who, known)
    assert not KEPT & {*kinds(cloud)}


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_an_answer_that_cannot_be_trusted_verifies_nobody(who, known, counterparties, cloud, mode):
    counterparties.plan("faceid.*", mode)
    with pytest.raises(ProviderRefused):
        verify(who, known)
    counterparties.plan("faceid.*", mode)
    with pytest.raises(ProviderRefused):
        begin(who, known)
    assert not {*KEPT, "face_check"} & {*kinds(cloud)}
    show_face(counterparties, begin(who, known).url)
    counterparties.plan("faceid.*", mode)
    with pytest.raises(ProviderRefused):
        outcome(who)
    assert not KEPT & {*kinds(cloud)}
    assert outcome(who).verified  # the check is still there, and its outcome is fetched again


def test_two_devices_fetch_one_outcome_at_once(who, known, counterparties, cloud):
    show_face(counterparties, begin(who, known).url)
    met = at_once(*[lambda: outcome(who)] * 4)
    assert all(isinstance(one, Busy) or one.verified for one in met), met
    assert outcome(who).verified
    assert [kinds(cloud).count(kind) for kind in sorted({*KEPT, "face_check"})] == [0, 1, 1]


@pytest.mark.parametrize("moment", killing.MOMENTS)
def test_killed_at_any_write_a_repeat_ends_well(counterparties, cloud, moment):
    for number in range(1, 9):
        one, known = someone(), citizen(counterparties)
        try:
            with killing.killed_at(number, moment, killing.changes_something) as hit:
                verify(one, known)
        except killing.Killed:
            forget_process_state()
        told = verify(one, known)
        assert (told.verified, told.number) == (True, known.number)
        mine = [item for item in cloud.items("people") if item.get("person_id", {}).get("S") == one.person_id]
        assert [item["kind"]["S"] for item in mine].count("identity_slot") == 1
        if not hit():
            break
    assert number > 3


@pytest.mark.parametrize("moment", killing.MOMENTS)
def test_killed_while_an_outcome_is_kept_a_repeat_ends_well(counterparties, cloud, moment):
    for number in range(1, 9):
        one, known = someone(), citizen(counterparties)
        show_face(counterparties, begin(one, known).url)
        try:
            with killing.killed_at(number, moment, killing.changes_something) as hit:
                outcome(one)
        except killing.Killed:
            forget_process_state()
        assert (outcome(one).verified, outcome(one).number) == (True, known.number)
        mine = [
            item["kind"]["S"] for item in cloud.items("people") if item.get("person_id", {}).get("S") == one.person_id
        ]
        assert [mine.count(kind) for kind in sorted(KEPT)] == [1, 1]
        if not hit():
            break
    assert number > 2


@pytest.mark.promise("J2.1", "J7.2")
def test_the_copy_holds_it_whole_and_the_erasure_leaves_none_of_it(known, counterparties, cloud):
    one = make_account(f"+86{new_mobile()}", new_name())
    agree(one.person_id)
    verify(one, known)
    begin(one, known)
    copy = copies.made(cloud, one)
    (kept,) = copy.of("verification")
    assert (kept["name"], kept["number"]) == known
    index = get(*own_verification(one.person_id)).identity_index
    assert index.encode() in raw(cloud)
    leave(one).finish()
    assert traces(cloud, one, index, known.number) == []
    assert not {*KEPT, "face_check"} & {*kinds(cloud)}
    assert verify(someone(), known).verified  # its place is free again


def test_without_a_check_there_is_no_outcome(who):
    with pytest.raises(FaceNotBegun):
        outcome(who)
