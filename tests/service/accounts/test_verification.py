"""Real-name verification: asked once, kept sealed, one identity for few accounts, gone with the consent."""

import threading

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.verification import VerifyFace
from chalicelib.accounts.errors import VerificationFailed, VerifiedOtherwise
from chalicelib.accounts.service import faces, profile, verification
from chalicelib.accounts.service.verified import is_verified
from chalicelib.accounts.tables.verification import IdentitySlotRow, VerificationRow, own_verification
from chalicelib.foundation.gateways.errors import ProviderUnavailable
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Busy, ConsentRequired, InvalidInput, TooMany
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.planner import plan, read, traverse
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from chalicelib.rights.jobs import sweep_retention
from tests.support.accounts import caller, enrol
from tests.support.edges import deliver
from tests.support.identities import (
    Citizen,
    actions,
    agree,
    asking,
    citizen,
    kinds,
    number_from,
    sent,
    verify,
    withdraw,
)
from tests.support.schedules import tick


@pytest.fixture
def who(counterparties):
    """Give a member who has agreed to be verified."""
    member = enrol(counterparties)
    agree(member.person_id)
    return member


@pytest.mark.promise("B7.1", "B7.2", "I2.3", "J1.1")
def test_who_is_known_is_verified_and_others_learn_yes(who, known, cloud):
    assert not is_verified(caller(who).who)
    told = verify(who, known)
    assert (told.verified, told.state, told.method) == (True, "verified", "name")
    assert (told.name, told.number) == known
    assert is_verified(caller(who).who) is True
    assert profile.show_account(caller(who)).verified is True
    assert verification.show_verification(caller(who)).number == known.number
    assert sent(cloud) == [("identity", "verification.name,verification.number")]
    assert actions(cloud).count("person:identity:verified") == 1
    stored = str(cloud.items("people")) + str(cloud.items("evidence")) + str(cloud.items("outbox"))
    assert known.number not in stored
    assert known.name not in stored


@pytest.mark.promise("B7.1")
def test_the_accounts_own_number_may_be_the_third_element(who, counterparties, cloud):
    known = citizen(counterparties, "王小明", who.mobile)
    assert verify(who, known, with_mobile=True).method == "phone"
    assert sent(cloud) == [("identity", "account.mobile,verification.name,verification.number")]


def test_somebody_elses_phone_does_not_do(who, counterparties):
    known = citizen(counterparties, "王小明", "13900000000")
    with pytest.raises(VerificationFailed):
        verify(who, known, with_mobile=True)


@pytest.mark.promise("B7.1")
def test_what_does_not_fit_is_on_record_and_nothing_is_kept(who, known, cloud):
    with pytest.raises(VerificationFailed):
        verify(who, Citizen("李四", known.number))
    with pytest.raises(VerificationFailed):
        verify(who, Citizen("李四", number_from()))
    assert actions(cloud).count("person:identity:refused") == 2
    assert not {"verification", "identity_slot"} & {*kinds(cloud)}
    assert not is_verified(caller(who).who)


@pytest.mark.promise("B7.3")
def test_what_is_impossible_leaves_no_trace_outside(who, counterparties, cloud):
    for bad in (Citizen("王小明", "110105194912310021"), Citizen("W", number_from())):
        with pytest.raises(InvalidInput):
            verify(who, bad)
    assert counterparties.control("GET", "/state")["asked"] == {}
    assert sent(cloud) == []


@pytest.mark.promise("B7.3")
def test_tries_on_one_number_are_counted_over_all_accounts(who, known, counterparties):
    other = enrol(counterparties)
    agree(other.person_id)
    for turn in range(10):
        with pytest.raises(VerificationFailed):
            verify((who, other)[turn % 2], Citizen("李四", known.number))
    asked = counterparties.control("GET", "/state")["asked"]
    for member in (who, other):
        with pytest.raises(TooMany):
            verify(member, known)
    assert counterparties.control("GET", "/state")["asked"] == asked


@pytest.mark.promise("B7.3", "I2.3")
def test_the_count_and_the_disclosure_stand_before_anybody_is_asked(who, known, counterparties, cloud):
    counterparties.plan("faceid.*", "error", times=4)
    with pytest.raises(ProviderUnavailable):
        verify(who, known)
    assert len(sent(cloud)) == 1
    counters = [item for item in cloud.items("ephemeral") if item["pk"]["S"].startswith("LIMIT#identity_number#")]
    assert [(item["used"]["N"], known.number in item["pk"]["S"]) for item in counters] == [("1", False)]


@pytest.mark.promise("A4.1")
def test_without_the_consent_nothing_is_kept(known, counterparties, cloud):
    member = enrol(counterparties)
    with pytest.raises(ConsentRequired):
        verify(member, known)
    assert "verification" not in kinds(cloud)


def test_a_repeat_asks_nobody_again(who, known, counterparties, cloud):
    first, asked = verify(who, known), counterparties.control("GET", "/state")["asked"]
    assert verify(who, known) == first
    assert counterparties.control("GET", "/state")["asked"] == asked
    assert actions(cloud).count("person:identity:verified") == 1


def test_a_new_name_under_the_same_number_is_compared_anew(who, known, counterparties):
    verify(who, known)
    counterparties.control("POST", "/identity/citizens", {"name": "王大明", "number": known.number})
    assert verify(who, Citizen("王大明", known.number)).name == "王大明"


def test_another_identity_takes_no_ones_place(who, known, counterparties):
    verify(who, known)
    with pytest.raises(VerifiedOtherwise):
        verify(who, citizen(counterparties, "李四"))
    assert verification.show_verification(caller(who)).number == known.number


@pytest.mark.promise("B7.1")
def test_one_identity_has_so_many_accounts_and_no_more(known, counterparties, cloud, monkeypatch):
    monkeypatch.setenv("IDENTITY_MOST_ACCOUNTS", "2")
    reset_config()
    people = [enrol(counterparties) for _ in range(3)]
    for one in people:
        agree(one.person_id)
    verify(people[0], known)
    verify(people[1], known)
    with pytest.raises(VerificationFailed) as full:
        verify(people[2], known)
    with pytest.raises(VerificationFailed) as wrong:
        verify(people[2], Citizen("李四", known.number))
    assert (full.value.code, full.value.errors) == (wrong.value.code, wrong.value.errors)
    withdraw(people[0])
    (message,) = cloud.messages("withdrawals")
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert verify(people[2], known).verified


def test_of_many_at_once_no_more_get_a_place(known, counterparties, cloud, monkeypatch):
    monkeypatch.setenv("IDENTITY_MOST_ACCOUNTS", "1")
    reset_config()
    people = [enrol(counterparties) for _ in range(4)]
    for one in people:
        agree(one.person_id)
    done: list[str] = []

    def run(member) -> None:
        try:
            verify(member, known)
            done.append("verified")
        except (VerificationFailed, Busy) as refused:
            done.append(refused.code)

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(done) == 4
    assert done.count("verified") == 1
    assert kinds(cloud).count("identity_slot") == kinds(cloud).count("verification") == 1


@pytest.mark.promise("B7.4", "J6.1", "J6.2")
def test_with_the_consent_the_identity_goes_and_what_stays_is_told(who, known, cloud):
    verify(who, known)
    withdraw(who)
    assert not is_verified(caller(who).who)
    assert verification.show_verification(caller(who)).number is None
    (message,) = cloud.messages("withdrawals")
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    row = get(*own_verification(who.person_id))
    assert row is not None
    assert (row.name, row.number, row.identity_index, row.slot) == (None, None, None, None)
    assert "identity_slot" not in kinds(cloud)
    told = verification.show_verification(caller(who, language="en"))
    assert (told.verified, told.state, told.method, told.name) == (False, "withdrawn", "name", None)
    (kept,) = told.kept
    assert (kept.item, kept.until.year - row.withdrawn_at.year) == ("verification.result", 3)
    assert "PIPL" in kept.reason
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert actions(cloud).count("system:identity:withdrawn") == 1


@pytest.mark.promise("J6.1")
def test_whoever_is_frozen_meanwhile_has_withdrawn_all_the_same(who, known, cloud):
    verify(who, known)
    withdraw(who)
    (message,) = cloud.messages("withdrawals")
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(FROZEN)])])
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert get(*own_verification(who.person_id)).number is None


def test_who_is_verified_anew_after_the_withdrawal_stays_so(who, known, cloud, hands):
    verify(who, known)
    withdraw(who)
    (message,) = cloud.messages("withdrawals")
    hands.by(seconds=2)
    agree(who.person_id)
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert not verification.show_verification(caller(who)).verified  # what was verified before went with its consent
    hands.by(seconds=2)
    assert verify(who, known).verified
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert verification.show_verification(caller(who)).verified


@pytest.mark.promise("K1.2")
def test_after_its_years_the_record_goes_too(who, known, cloud, hands):
    verify(who, known)
    withdraw(who)
    (message,) = cloud.messages("withdrawals")
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    hands.by(days=3 * 365 - 1)
    tick(sweep_retention)
    assert "verification" in kinds(cloud)
    hands.by(days=3)
    tick(sweep_retention)
    assert "verification" not in kinds(cloud)
    assert verification.show_verification(caller(who)).state == "none"


@pytest.mark.promise("J2.1", "J7.2")
def test_the_owner_gets_it_whole_and_the_plan_erases_it(who, known):
    verify(who, known)
    faces.begin_face(asking(who), VerifyFace(name=known.name, number=known.number))
    shown = {row.row_kind: values_of(row) for row in read(traverse(who.person_id))}
    assert (shown["verification"]["name"], shown["verification"]["number"]) == known
    assert shown["face_check"]["number"] == known.number
    lines, _ = plan(who.person_id, caller(who).now)
    verbs = {line.kind: line.verb for line in lines}
    assert {kind: verbs[kind] for kind in ("verification", "identity_slot", "face_check")} == {
        "verification": "delete",
        "identity_slot": "delete",
        "face_check": "delete",
    }
    assert IdentitySlotRow.erase_rank > VerificationRow.erase_rank
