"""What lies about at home makes no guardian: a parent's card, a phone in a parent's name, an account by name alone."""

import pytest

from chalicelib.accounts.errors.minors import FaceNeeded
from chalicelib.accounts.service import profile, verification
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.vault.blind import blind
from tests.api.accounts.test_guardians_by_number import Parent
from tests.support.accounts import Member, ask_code, new_mobile, new_name, open_account
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import Http
from tests.support.identities import PURPOSE, agree, citizen
from tests.support.lives import make_account
from tests.support.minors import agreed, born, identify, invite, know_age, make_minor, minor_of, respond
from tests.support.people import Someone

NOT_VERIFIED = (403, "minors.guardian_not_verified")


def mobile_of(who: Someone) -> str:
    """Give somebody's number as it is typed."""
    return str(profile.mobile_of(who.person_id)).removeprefix("+86")


@pytest.mark.promise("M1.1", "M2.1")
def test_a_child_does_not_answer_with_its_own_phone_and_a_parents_card(
    http: Http, counterparties: Counterparties, cloud: TestCloud
):
    child = make_minor(9)
    parent = Parent(http, counterparties, mobile=mobile_of(child))
    answer = parent.answer(invite(http, child))
    assert (answer.status, answer.code) == NOT_VERIFIED
    assert minor_of(child).guarded == ""
    assert [one for one in cloud.items("evidence") if one["kind"]["S"] == "disclosure" and "identity" in str(one)] == []


@pytest.mark.promise("M1.1", "M2.1")
def test_nor_with_another_childs_phone(http: Http, counterparties: Counterparties):
    parent = Parent(http, counterparties, mobile=mobile_of(make_minor(15)))
    answer = parent.answer(invite(http, make_minor(9)))
    assert (answer.status, answer.code) == NOT_VERIFIED


@pytest.mark.promise("M2.1")
def test_nor_does_the_number_that_declared(http: Http, counterparties: Counterparties, hands: Hands):
    mobile = new_mobile()
    ask_code(http, mobile)
    said = {"mobile": mobile, "code": counterparties.sms(f"+86{mobile}"), "birth_date": born(9).isoformat()}
    invited = http("POST", "/v1/guardianships/children", said)
    assert invited.status == 201, invited.text
    hands.by(seconds=61)
    answer = Parent(http, counterparties, mobile=mobile).answer(invited.json)
    assert (answer.status, answer.code) == NOT_VERIFIED
    assert Parent(http, counterparties).answer(invited.json).status == 200


@pytest.mark.promise("M1.1", "M2.1")
def test_a_phone_that_is_not_in_the_parents_name_is_none(http: Http, counterparties: Counterparties):
    parent = Parent(http, counterparties)
    parent.mobile = new_mobile()
    answer = parent.answer(invite(http, make_minor(9)))
    assert (answer.status, answer.code) == NOT_VERIFIED


@pytest.mark.promise("M1.1", "M2.1")
@pytest.mark.parametrize(("method", "status"), [("name", 403), ("phone", 200), ("face", 200)])
def test_an_account_decides_about_a_child_by_phone_or_face(http: Http, method: str, status: int):
    guardian = identify(make_account(f"+86{new_mobile()}", new_name()), method=method)
    child = make_minor(9)
    assert respond(http, guardian, invite(http, child)).status == status
    of_age = http("PUT", f"/v1/wards/{child.person_id}/age", {"birth_date": born(30).isoformat()}, who=guardian)
    assert of_age.status == (200 if status == 200 else 404)


@pytest.mark.promise("M1.2", "M2.4")
def test_a_child_does_not_grow_up_by_a_parents_card(cloud: TestCloud, counterparties: Counterparties):
    who = make_account(f"+86{new_mobile()}", new_name())
    agree(who.person_id)
    know_age(who, 9)
    known = citizen(counterparties, "王小明", mobile_of(who))
    for with_mobile in (False, True):
        said = type(known.said)(name=known.name, number=known.number, with_mobile=with_mobile)
        with pytest.raises(FaceNeeded):
            verification.verify_name(who.call(clock.now(), purpose=PURPOSE), said)
    assert minor_of(who) is not None


@pytest.mark.promise("M2.1")
def test_a_minors_account_does_not_move_to_a_guardians_number(http: Http, counterparties: Counterparties, hands: Hands):
    child, parent = open_account(http, counterparties), Parent(http, counterparties)
    fresh = child.holding(http("POST", "/v1/sessions/reauthentication", {"password": child.password}, who=child).json)
    known = http("POST", "/v1/guardianships/age", {"birth_date": born(9).isoformat()}, who=fresh)
    assert known.status == 200, known.text
    invited = http("POST", "/v1/guardianships/invitations", who=fresh)
    assert parent.answer(invited.json).status == 200
    hands.by(seconds=61)
    assert move(http, counterparties, child, parent.mobile) == (409, "minors.guardians_number")
    hands.by(seconds=61)
    assert move(http, counterparties, child, new_mobile()) == (200, "")


def move(http: Http, counterparties: Counterparties, who: Member, to: str) -> tuple[int, str]:
    """Move somebody's account to another number."""
    fresh = who.holding(http("POST", "/v1/sessions/reauthentication", {"password": who.password}, who=who).json)
    codes = {}
    for field, mobile in (("code", to), ("old_code", who.mobile)):
        ask_code(http, mobile, "change_mobile")
        codes[field] = counterparties.sms(f"+86{mobile}")
    moved = http("PUT", "/v1/accounts/mobile", {"mobile": to, **codes}, who=fresh)
    return moved.status, "" if moved.status == 200 else moved.code


@pytest.mark.promise("M2.2")
def test_who_answers_by_number_and_then_with_an_account_is_one_guardian(
    http: Http, counterparties: Counterparties, cloud: TestCloud
):
    child, parent = make_minor(9), Parent(http, counterparties)
    by_number = parent.answer(invite(http, child)).json
    mother = identify(make_account(f"+86{new_mobile()}", new_name()), index=blind("identity", parent.number))
    by_account = agreed(http, mother, child)
    assert by_account["guardianship_id"] == by_number["guardianship_id"]
    assert [item["kind"]["S"] for item in cloud.items("people")].count("guardian") == 1
    gone = http("DELETE", f"/v1/guardianships/{child.person_id}", who=mother)
    assert (gone.status, gone.json["guarded"]) == (200, None)


@pytest.mark.promise("M2.2")
def test_nor_two_when_the_account_came_first(http: Http, counterparties: Counterparties, hands: Hands):
    child, parent = make_minor(9), Parent(http, counterparties)
    mother = identify(make_account(f"+86{new_mobile()}", new_name()), index=blind("identity", parent.number))
    agreed(http, mother, child)
    said = parent.answer(invite(http, child), "refuse").json
    assert (said["answer"], said["guarded"]) == ("refused", None)
    assert http("GET", f"/v1/wards/{child.person_id}", who=mother).status == 404
