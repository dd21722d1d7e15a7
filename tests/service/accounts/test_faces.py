"""Verification by face: shown to the authority, its outcome kept once; and verification killed at any write."""

from datetime import timedelta

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.verification import VerifyFace
from chalicelib.accounts.errors import FaceNotBegun, VerificationFailed
from chalicelib.accounts.service import faces, verification
from chalicelib.foundation.gateways.errors import ProviderRefused
from chalicelib.foundation.kernel.errors import ConsentRequired
from tests.support import killing
from tests.support.accounts import caller, enrol
from tests.support.cloud import forget_process_state
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
    show_face,
    verify,
    withdraw,
)


@pytest.fixture
def who(counterparties):
    """Give a member who has agreed to be verified."""
    member = enrol(counterparties)
    agree(member.person_id)
    return member


def face_of(member, known: Citizen):
    return faces.begin_face(asking(member), VerifyFace(name=known.name, number=known.number))


@pytest.mark.promise("B7.1", "B7.5")
def test_a_face_is_shown_to_the_authority_and_its_outcome_kept(who, known, counterparties, cloud):
    begun = face_of(who, known)
    assert faces.settle_face(asking(who)).state == "pending"
    assert verification.show_verification(caller(who)).state == "pending"
    show_face(counterparties, begun.url)
    told = faces.settle_face(asking(who))
    assert (told.verified, told.method, told.number) == (True, "face", known.number)
    assert "face_check" not in kinds(cloud, "ephemeral")
    assert faces.settle_face(asking(who)) == told
    assert actions(cloud).count("person:identity:verified") == 1
    assert {items for _, items in sent(cloud)} == {
        "verification.name,verification.number",
        "verification.face_token",
    }


def test_a_wrong_face_ends_the_check(who, known, counterparties, cloud):
    show_face(counterparties, face_of(who, known).url, passes=False)
    with pytest.raises(VerificationFailed):
        faces.settle_face(asking(who))
    with pytest.raises(FaceNotBegun):
        faces.settle_face(asking(who))
    assert "verification" not in kinds(cloud)


def test_a_face_check_lasts_two_hours(who, known, counterparties, hands):
    show_face(counterparties, face_of(who, known).url)
    hands.by(hours=2, seconds=1)
    with pytest.raises(FaceNotBegun):
        faces.settle_face(asking(who))


def test_a_later_check_takes_the_place_of_an_earlier_one(who, known, counterparties):
    first = face_of(who, known)
    second = face_of(who, known)
    show_face(counterparties, first.url)
    assert faces.settle_face(asking(who)).state == "pending"
    show_face(counterparties, second.url)
    assert faces.settle_face(asking(who)).verified


@pytest.mark.promise("J6.1")
def test_withdrawing_ends_a_face_check(who, known, counterparties, cloud):
    show_face(counterparties, face_of(who, known).url)
    withdraw(who)
    with pytest.raises(ConsentRequired):
        faces.settle_face(asking(who))
    (message,) = cloud.messages("withdrawals")
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    assert "face_check" not in kinds(cloud, "ephemeral")


def test_when_the_provider_tells_of_somebody_else_nothing_is_kept(who, known, counterparties, cloud):
    begun = face_of(who, known)
    show_face(counterparties, begun.url)
    books = counterparties.world.ledger
    with books.writing() as written:
        written.faces[begun.url.rpartition("/")[2]].number = number_from()
    with pytest.raises(ProviderRefused):
        faces.settle_face(asking(who))
    assert "verification" not in kinds(cloud)


@pytest.mark.parametrize("moment", killing.MOMENTS)
def test_killed_at_any_write_a_repeat_ends_well(counterparties, cloud, moment):
    for number in range(1, 9):
        member, known = enrol(counterparties), citizen(counterparties)
        agree(member.person_id)
        try:
            with killing.killed_at(number, moment, killing.changes_something) as hit:
                verify(member, known)
        except killing.Killed:
            forget_process_state()
        told = verify(member, known)
        assert (told.verified, told.number) == (True, known.number)
        mine = [item for item in cloud.items("people") if item.get("person_id", {}).get("S") == member.person_id]
        assert [item["kind"]["S"] for item in mine].count("identity_slot") == 1
        if not hit():
            break
    assert number > 3


def test_a_verification_is_dated_and_named_by_the_provider(who, known):
    told = verify(who, known)
    assert told.reference
    assert told.verified_at is not None
    assert caller(who).now - told.verified_at < timedelta(minutes=1)
