"""Real names and ages: what the authority says settles an age, and a minor's identity waits for a guardian."""

from datetime import date, timedelta

import pytest

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.verification import VerifyFace
from chalicelib.accounts.errors.minors import FaceNeeded
from chalicelib.accounts.service import faces, verification
from chalicelib.accounts.service.proven import verified_adult
from chalicelib.accounts.tables.verification import FaceCheckRow, VerificationRow
from chalicelib.consent.service import choosing
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.standing.minors import GuardianConsentRequired, stage_of
from chalicelib.foundation.store.planner import traverse
from tests.support.accounts import new_mobile, new_name
from tests.support.edges import Http, deliver
from tests.support.identities import PURPOSE, Citizen, agree, number_from, show_face
from tests.support.lives import make_account
from tests.support.minors import agreed, born, know_age, make_guardian
from tests.support.people import Someone


def citizen_of(counterparties, day: date, name: str = "王小明") -> Citizen:
    made = Citizen(name, number_from(born=day))
    counterparties.control("POST", "/identity/citizens", {**made._asdict(), "mobiles": []})
    return made


@pytest.fixture
def who(cloud) -> Someone:
    """Give somebody who has agreed to be verified."""
    someone = make_account(f"+86{new_mobile()}", new_name())
    agree(someone.person_id)
    return someone


def verify(who: Someone, known: Citizen) -> None:
    verification.verify_name(who.call(clock.now(), purpose=PURPOSE), known.said)


@pytest.mark.promise("M1.2")
def test_who_declared_a_wrong_age_is_of_age_by_the_authority_and_every_power_lapses(http: Http, who, counterparties):
    know_age(who, 9)
    guardian = make_guardian()
    agreed(http, guardian, who)
    known = citizen_of(counterparties, born(30))
    with pytest.raises(FaceNeeded):
        verify(who, known)
    asking = who.call(clock.now(), purpose=PURPOSE)
    show_face(counterparties, faces.begin_face(asking, VerifyFace(name=known.name, number=known.number)).url)
    faces.settle_face(asking)
    person = who.person()
    assert (person.minor, person.identified, verified_adult(person, clock.now())) == (None, True, True)
    assert http("GET", f"/v1/wards/{who.person_id}", who=guardian).status == 404
    assert http("POST", "/v1/posts", {"text": "好", "affirmed_others": True}, who=who,
                headers={"Idempotency-Key": "k" * 32}).status == 201  # fmt: skip


@pytest.mark.promise("M1.2", "M2.1")
@pytest.mark.parametrize(("years", "stage"), [(9, "child"), (15, "teen")])
def test_a_minor_found_out_is_one_and_nothing_else_is_kept_before_a_guardian(http, who, counterparties, years, stage):
    known = citizen_of(counterparties, born(years))
    with pytest.raises(GuardianConsentRequired):
        verify(who, known)
    person = who.person()
    assert person.minor is not None
    assert (stage_of(person.minor, clock.now()), person.minor.told_by, person.identified) == (stage, "verified", False)
    assert not list(traverse(who.person_id, [VerificationRow]))
    agreed(http, make_guardian(), who)
    verify(who, known)
    person = who.person()
    assert person.minor is not None
    assert (person.identified, person.minor.guarded, verified_adult(person, clock.now())) == (True, stage, False)


@pytest.mark.promise("M2.1")
def test_no_face_check_keeps_a_minors_number_before_a_guardian(who, counterparties):
    known = citizen_of(counterparties, born(15))
    command = VerifyFace(name=known.name, number=known.number)
    with pytest.raises(GuardianConsentRequired):
        faces.begin_face(who.call(purpose=PURPOSE), command)
    assert not list(traverse(who.person_id, [FaceCheckRow]))


@pytest.mark.promise("M1.2")
def test_withdrawing_an_identity_undoes_no_age(http, who, counterparties, cloud):
    know_age(who, 15)
    agreed(http, make_guardian(), who)
    verify(who, citizen_of(counterparties, born(16)))
    choosing.withdraw_consent(who.call(purpose="consent.record"), PURPOSE)
    (message,) = cloud.messages("withdrawals")
    assert deliver(jobs.apply_withdrawal, message["Body"]) == []
    person = who.person()
    assert person.minor is not None
    assert (person.identified, person.minor.told_by) == (False, "verified")
    assert person.minor.minor_until - clock.now() > timedelta(days=300)
