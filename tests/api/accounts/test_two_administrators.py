"""One administrator alone comes to nobody's data; who had another's invitation in hand does not approve for them."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.standing.staff import member, reference
from infra import first_administrator
from tests.support.cloud import TestCloud
from tests.support.edges import Http, Reply
from tests.support.second_person import approved, reset, taken_on
from tests.support.staff import PASSWORD, Official, enrol, log_in_staff, make_staff, new_user_name

GUARDED = ("customer_service", "privacy_officer", "administrator")
CASE = "cas_" + "a" * 26
LOOK = {"action": "look", "what": ["account.mobile", "account.service"], "subject_id": CASE}


def someone(*roles: str) -> dict[str, Any]:
    return {"user_name": new_user_name(), "name": "无此人", "roles": list(roles)}


def today() -> str:
    return clock.now().date().isoformat()


def train(http: Http, by: Official, staff_id: str) -> None:
    noted = {"trained_on": today(), "exam_passed_on": today()}
    assert http("PUT", f"/v1/staff/members/{staff_id}/training", noted, who=by).status == 200


def comes_in(http: Http, made: dict[str, Any], asked: dict[str, Any]) -> Official:
    """Have whoever holds an invitation use it, and log in."""
    secret = enrol(http, made["invitation"])
    who = Official(made["staff_id"], "", "", asked["user_name"], secret)
    answer = log_in_staff(http, who, code=who.code(clock.now() + timedelta(seconds=30)))
    assert answer.status == 201, answer.text
    return who._replace(token=answer.json["access_token"])


def gives(http: Http, asker: Official, giver: Official, asked: dict[str, Any] = LOOK) -> Reply:
    made = http("POST", "/v1/staff/approvals", asked, who=asker)
    assert made.status == 201, made.text
    return http("POST", f"/v1/staff/approvals/{made.json['approval_id']}/approve", who=giver)


@pytest.mark.promise("K7.4")
@pytest.mark.parametrize("role", GUARDED)
def test_one_administrator_alone_makes_nobody_who_comes_to_data_or_staff(http: Http, cloud: TestCloud, role: str):
    boss = make_staff(Role.ADMINISTRATOR)
    made = http("POST", "/v1/staff/members", someone("moderator", role), who=boss)
    assert (made.status, made.json["invitation"], made.json["expires_at"]) == (201, None, None)
    path = f"/v1/staff/members/{made.json['staff_id']}"
    assert http("POST", f"{path}/reset", {}, who=boss).code == "approval.required"
    own = {"action": "invitation", "what": ["moderator", role], "subject_id": made.json["staff_id"]}
    assert gives(http, boss, boss, own).code == "approval.own"
    free = http("POST", "/v1/staff/members", someone("moderator"), who=boss)
    assert free.json["invitation"]
    assert member(made.json["staff_id"]).invitation is None
    assert member(free.json["staff_id"]).invited_by.keys() == {boss.ref}
    there = f"/v1/staff/members/{free.json['staff_id']}"
    assert http("PUT", f"{there}/roles", {"roles": [role]}, who=boss).code == "approval.required"
    assert http("PUT", f"{there}/roles", {"roles": ["auditor"]}, who=boss).status == 200


@pytest.mark.promise("K7.4")
def test_an_invitation_is_approved_for_one_member_with_these_roles(http: Http, cloud: TestCloud):
    boss, asked = make_staff(Role.ADMINISTRATOR), someone("customer_service")
    made = taken_on(http, boss, asked)
    assert comes_in(http, made, asked).row().roles == {"customer_service"}
    other = http("POST", "/v1/staff/members", someone("customer_service"), who=boss).json["staff_id"]
    wrong = approved(http, boss, "invitation", ["customer_service"], about=made["staff_id"])
    path = f"/v1/staff/members/{other}/reset"
    assert http("POST", path, {"approval_id": wrong}, who=boss).code == "approval.required"
    fewer = approved(http, boss, "invitation", ["auditor"], about=other)
    assert http("POST", path, {"approval_id": fewer}, who=boss).code == "approval.required"


@pytest.mark.promise("K7.4")
def test_whoever_had_the_invitation_or_the_training_in_hand_approves_nothing_for_them(http: Http, cloud: TestCloud):
    boss = make_staff(Role.ADMINISTRATOR, Role.PRIVACY_OFFICER)
    asked = someone("customer_service")
    made = taken_on(http, boss, asked)
    train(http, make_staff(Role.PRIVACY_OFFICER), made["staff_id"])
    clerk = comes_in(http, made, asked)
    assert gives(http, clerk, boss).code == "approval.related", "they had the invitation"
    trainer = make_staff(Role.PRIVACY_OFFICER)
    assert gives(http, clerk, trainer).status == 200
    train(http, trainer, clerk.staff_id)
    assert gives(http, clerk, trainer).code == "approval.related", "they noted the training"
    stranger = make_staff(Role.PRIVACY_OFFICER)
    assert gives(http, clerk, stranger).status == 200
    train(http, clerk._replace(token=boss.token), trainer.staff_id)
    assert gives(http, boss, trainer).code == "approval.related", "nor the other way round"


@pytest.mark.promise("K7.4", "M2.3")
def test_two_guests_of_one_administrator_do_not_approve_for_each_other(http: Http, cloud: TestCloud):
    boss, second = (make_staff(Role.ADMINISTRATOR) for _ in range(2))
    asked = someone("customer_service"), someone("privacy_officer")
    made = [taken_on(http, boss, one) for one in asked]
    for one in made:
        train(http, make_staff(Role.PRIVACY_OFFICER), one["staff_id"])
    clerk, officer = (comes_in(http, *both) for both in zip(made, asked, strict=True))
    assert gives(http, clerk, officer).code == "approval.related"
    elsewhere = someone("privacy_officer")
    there = taken_on(http, second, elsewhere)
    train(http, boss, there["staff_id"])
    assert gives(http, clerk, comes_in(http, there, elsewhere)).status == 200


@pytest.mark.promise("K7.4")
def test_a_new_factor_by_a_colleague_is_a_tie_too(http: Http, cloud: TestCloud):
    boss, officer = make_staff(Role.ADMINISTRATOR), make_staff(Role.PRIVACY_OFFICER)
    clerk = make_staff(Role.CUSTOMER_SERVICE)
    assert gives(http, clerk, officer).status == 200
    for one in (clerk, officer):
        (role,) = one.row().roles
        enrol(http, reset(http, boss, one.staff_id, [role])["invitation"])
        assert member(one.staff_id).invited_by.keys() == {boss.ref}


def by_deployer(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert first_administrator.main(list(arguments)) == 0
    return capsys.readouterr().out.strip().splitlines()[-1]


def way_in(http: Http, user_name: str, invitation: str) -> tuple[Reply, str]:
    secret = enrol(http, invitation)
    later = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))
    return http("POST", "/v1/staff/sessions", {"user_name": user_name, "password": PASSWORD, "code": later}), secret


@pytest.mark.promise("K4.3", "K7.4")
def test_whoever_deploys_makes_two_and_they_approve_for_each_other(
    http: Http, cloud: TestCloud, capsys: pytest.CaptureFixture[str]
):
    days = ["--trained-on", today(), "--exam-passed-on", today()]
    assert first_administrator.main(["陈经理", "chen", "--another"]) == 1, "beside nobody"
    came = [way_in(http, "chen", by_deployer(capsys, "陈经理", "chen", *days))[0]]
    assert first_administrator.main(["赵经理", "zhao"]) == 1
    came.append(way_in(http, "zhao", by_deployer(capsys, "赵经理", "zhao", "--another", *days))[0])
    chen, zhao = (
        Official(one.json["staff_id"], "", one.json["access_token"], name, "")
        for one, name in zip(came, ("chen", "zhao"), strict=True)
    )
    answer = http("POST", "/v1/staff/members", someone("customer_service"), who=chen)
    assert answer.status == 201, answer.text
    made = answer.json["staff_id"]
    assert reset(http, chen, made, ["customer_service"], by=zhao)["invitation"]
    assert "system:member:invited" in [row.action for row in reading.about(reference(member(zhao.staff_id)))]


@pytest.mark.promise("K4.3")
def test_whoever_deploys_gives_the_last_administrator_another_way_in(
    http: Http, cloud: TestCloud, capsys: pytest.CaptureFixture[str]
):
    boss = make_staff(Role.ADMINISTRATOR, trained=False)
    for _ in range(12):
        log_in_staff(http, boss, password="a wrong password", code="000000")
    assert log_in_staff(http, boss).code == "staff.login_failed"
    assert first_administrator.main(["--reset", "nobody"]) == 1
    assert first_administrator.main(["--reset", make_staff(Role.AUDITOR).user_name]) == 1
    assert first_administrator.main(["陈经理", "chen", "--reset", boss.user_name]) == 1
    assert first_administrator.main(["--reset", boss.user_name, "--trained-on", today()]) == 1
    capsys.readouterr()
    days = ["--trained-on", today(), "--exam-passed-on", today()]
    invitation = by_deployer(capsys, "--reset", boss.user_name, *days)
    assert http("GET", "/v1/staff/me", who=boss).status == 401, "all sessions end"
    answer, secret = way_in(http, boss.user_name, invitation)
    assert answer.status == 201, answer.text
    assert secret != boss.secret
    assert boss.staff(clock.now()).trained
    assert "system:member:reset" in [row.action for row in reading.about(boss.ref)]
