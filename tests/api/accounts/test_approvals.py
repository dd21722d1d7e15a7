"""Second-person approvals: by another, with the right role, for exactly that, in time, once, and on record of both."""

import threading

import pytest

from chalicelib.accounts.contracts.staff import ChangeRoles
from chalicelib.accounts.service import staff_members
from chalicelib.foundation.audit import reading
from chalicelib.foundation.audit.approvals import ApprovalRequired
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.errors import Failure
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Http, Reply
from tests.support.staff import Official, make_staff

WANTED = ["administrator", "customer_service"]


@pytest.fixture
def boss(cloud: TestCloud) -> Official:
    return make_staff(Role.ADMINISTRATOR)


def ask(http: Http, who: Official, *what: str) -> str:
    made = http("POST", "/v1/staff/approvals", {"action": "roles", "what": list(what or WANTED)}, who=who)
    assert made.status == 201, made.text
    return str(made.json["approval_id"])


def give(http: Http, who: Official, approval_id: str) -> Reply:
    return http("POST", f"/v1/staff/approvals/{approval_id}/approve", who=who)


def take(http: Http, who: Official, approval_id: str, roles: list[str] | None = None) -> Reply:
    body = {"roles": roles or WANTED, "approval_id": approval_id}
    return http("PUT", f"/v1/staff/members/{who.staff_id}/roles", body, who=who)


@pytest.mark.promise("K4.6", "K7.1")
def test_an_administrator_comes_to_personal_data_by_a_second_person_only(http: Http, boss: Official):
    approval_id = ask(http, boss)
    assert take(http, boss, approval_id).code == "approval.required"
    assert give(http, boss, approval_id).code == "approval.own"
    other = make_staff(Role.PRIVACY_OFFICER)
    (waiting,) = http("GET", "/v1/staff/approvals", who=other).json["data"]
    assert (waiting["approval_id"], waiting["what"], waiting["own"]) == (approval_id, WANTED, False)
    assert give(http, other, approval_id).status == 200
    assert take(http, boss, approval_id, ["administrator", "moderator"]).code == "approval.required"
    assert take(http, boss, approval_id).json["roles"] == ["customer_service", "administrator"]
    assert take(http, boss, approval_id).code == "approval.required"
    assert give(http, other, approval_id).code == "approval.not_open"


@pytest.mark.promise("K4.7")
def test_both_are_on_record(http: Http, boss: Official):
    approval_id, other = ask(http, boss), make_staff(Role.PRIVACY_OFFICER)
    give(http, other, approval_id)
    take(http, boss, approval_id)
    said = {
        ref: [row.action for row in reading.about(ref) if row.subject_id == approval_id]
        for ref in (boss.ref, other.ref)
    }
    assert said == {
        boss.ref: ["staff:approval:asked", "staff:approval:given", "staff:approval:used"],
        other.ref: ["staff:approval:given"],
    }


def test_an_approval_is_good_for_minutes_and_a_request_for_hours(http: Http, boss: Official, hands: Hands):
    late, taken = ask(http, boss), ask(http, boss)
    other = make_staff(Role.ADMINISTRATOR)
    assert give(http, other, taken).status == 200
    hands.by(minutes=14)
    assert http("GET", "/v1/staff/me", who=boss).status == 200
    hands.by(minutes=14)
    assert http("GET", "/v1/staff/me", who=boss).status == 200
    hands.by(minutes=3)
    assert take(http, boss, taken).code == "approval.required"
    hands.by(hours=8)
    assert give(http, make_staff(Role.ADMINISTRATOR), late).code == "approval.not_open"


def test_it_is_nobody_elses(http: Http, boss: Official):
    approval_id, other = ask(http, boss), make_staff(Role.ADMINISTRATOR)
    give(http, make_staff(Role.PRIVACY_OFFICER), approval_id)
    assert take(http, other, approval_id).code == "approval.required"


def test_a_look_is_approved_by_the_privacy_officer_alone(http: Http):
    asker, boss = make_staff(Role.CUSTOMER_SERVICE), make_staff(Role.ADMINISTRATOR)
    asked = {"action": "look", "what": ["profile.residence"], "subject_id": "cas_" + "a" * 26}
    approval_id = http("POST", "/v1/staff/approvals", asked, who=asker).json["approval_id"]
    assert give(http, boss, approval_id).code == "staff.role_missing"
    assert give(http, make_staff(Role.PRIVACY_OFFICER), approval_id).status == 200


def test_of_many_who_use_it_at_once_one_does(http: Http, boss: Official):
    approval_id = ask(http, boss)
    give(http, make_staff(Role.PRIVACY_OFFICER), approval_id)
    wanted = ChangeRoles(roles=[Role(role) for role in WANTED], approval_id=approval_id)
    calls = [boss.call() for _ in range(4)]
    outcomes: list[str] = []
    gate = threading.Barrier(4)

    def race(call) -> None:
        gate.wait()
        try:
            staff_members.change_roles(call, boss.staff_id, wanted)
        except Failure as failure:
            outcomes.append(failure.code)
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=race, args=(call,)) for call in calls]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert outcomes.count("done") == 1
    with pytest.raises(ApprovalRequired):
        staff_members.change_roles(boss.call(), boss.staff_id, wanted)
