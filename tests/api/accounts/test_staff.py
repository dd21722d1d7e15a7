"""Staff over HTTP: taken on, coming in, idle and absolute ends, roles and training that bite at once."""

from datetime import timedelta

import pyotp
import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.standing.staff import member
from infra import first_administrator
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.people import make_person
from tests.support.second_person import approved, reset, taken_on
from tests.support.staff import PASSWORD, Official, enrol, log_in_staff, make_staff

INVITE = {"user_name": "wang", "name": "王小明", "roles": ["customer_service"]}


def me(http: Http, who: Official) -> int:
    return http("GET", "/v1/staff/me", who=who).status


def today(days: int = 0) -> str:
    return (clock.now() - timedelta(days=days)).date().isoformat()


@pytest.mark.promise("K4.3")
def test_nobody_is_there_before_a_deployer_made_the_first_and_no_second_first_comes(
    http: Http, cloud: TestCloud, capsys: pytest.CaptureFixture[str]
):
    assert cloud.items("people") == []
    assert first_administrator.main(["陈经理", "chen"]) == 0
    invitation = capsys.readouterr().out.strip()
    for user_name in ("chen", "other"):
        assert first_administrator.main(["别人", user_name]) == 1
    secret = enrol(http, invitation)
    body = {
        "user_name": "chen",
        "password": PASSWORD,
        "code": pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30)),
    }
    answer = http("POST", "/v1/staff/sessions", body)
    assert answer.status == 201, answer.text
    mine = http("GET", "/v1/staff/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"}).json
    assert (mine["member"]["name"], mine["member"]["roles"]) == ("陈经理", ["administrator"])
    assert [one["current"] for one in mine["sessions"]] == [True]
    for hidden in ("陈经理", "chen", secret, PASSWORD):
        assert hidden not in str(cloud.items("people"))


def test_a_user_name_that_is_none_is_said_so(cloud: TestCloud, capsys: pytest.CaptureFixture[str]):
    assert first_administrator.main(["陈经理", "Not A Name"]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.promise("K4.3", "K7.1")
def test_an_invitation_makes_a_member_once(http: Http):
    boss = make_staff(Role.ADMINISTRATOR)
    invitation = taken_on(http, boss, INVITE)["invitation"]
    assert http("POST", "/v1/staff/members", INVITE, who=boss).code == "accounts.user_name_taken"
    wrong = {"invitation": invitation, "password": PASSWORD, "code": "000000"}
    http("POST", "/v1/staff/enrolments", {"invitation": invitation})
    assert http("POST", "/v1/staff/enrolments/completion", wrong).code == "staff.invitation_invalid"
    secret = enrol(http, invitation)
    for path in ("/v1/staff/enrolments", "/v1/staff/enrolments/completion"):
        again = {"invitation": invitation, **({} if path.endswith("s") else {"password": PASSWORD, "code": "123456"})}
        assert http("POST", path, again).code == "staff.invitation_invalid"
    body = {
        "user_name": "wang",
        "password": PASSWORD,
        "code": pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30)),
    }
    assert http("POST", "/v1/staff/sessions", body).status == 201
    listed = http("GET", "/v1/staff/members", who=boss).json["data"]
    assert {one["user_name"]: one["trained"] for one in listed if one["roles"] != ["privacy_officer"]} == {
        "wang": False, boss.user_name: True,
    }  # fmt: skip


def test_a_second_administrator_counts_however_often_the_role_is_named(http: Http):
    boss = make_staff(Role.ADMINISTRATOR)
    asked = {**INVITE, "roles": ["administrator", "auditor", "administrator"]}
    second = http("POST", "/v1/staff/members", asked, who=boss)
    assert second.status == 201, second.text
    path = f"/v1/staff/members/{second.json['staff_id']}"
    assert http("PUT", f"{path}/roles", {"roles": ["auditor"]}, who=boss).json["roles"] == ["auditor"]
    assert http("DELETE", path, who=boss).status == 204


def test_an_invitation_ends_after_a_day_and_is_nobody_elses(http: Http, hands: Hands):
    boss = make_staff(Role.ADMINISTRATOR)
    invitation = taken_on(http, boss, INVITE)["invitation"]
    for forged in (invitation[:-2] + "xx", "stf_x.y.z", boss.token, "啊"):
        assert http("POST", "/v1/staff/enrolments", {"invitation": forged}).code == "staff.invitation_invalid"
    hands.by(hours=24, seconds=1)
    assert http("POST", "/v1/staff/enrolments", {"invitation": invitation}).code == "staff.invitation_invalid"


@pytest.mark.promise("K4.3")
def test_a_session_ends_when_idle_and_in_any_case(http: Http, hands: Hands):
    who = make_staff(Role.AUDITOR)
    for _ in range(33):
        hands.by(minutes=14)
        assert me(http, who) == 200
    hands.by(minutes=14)
    assert me(http, who) == 200
    hands.by(minutes=4)
    assert me(http, who) == 401
    other = make_staff(Role.AUDITOR)
    hands.by(minutes=15, seconds=1)
    assert me(http, other) == 401


@pytest.mark.promise("K4.3")
def test_logging_out_ends_the_session_at_once(http: Http):
    who = make_staff(Role.AUDITOR)
    assert http("POST", "/v1/staff/sessions/logout", who=who).status == 204
    assert me(http, who) == 401


@pytest.mark.promise("K4.6")
def test_a_role_taken_away_bites_while_the_token_lives(http: Http):
    boss, other = make_staff(Role.ADMINISTRATOR), make_staff(Role.ADMINISTRATOR)
    assert http("GET", "/v1/staff/members", who=other).status == 200
    path = f"/v1/staff/members/{other.staff_id}/roles"
    given = approved(http, boss, "roles", ["customer_service"], about=other.staff_id)
    changed = http("PUT", path, {"roles": ["customer_service"], "approval_id": given}, who=boss)
    assert changed.json["roles"] == ["customer_service"]
    assert http("GET", "/v1/staff/members", who=other).code == "staff.role_missing"
    assert me(http, other) == 200


@pytest.mark.promise("K4.6", "K7.1")
def test_nobody_raises_their_own_account_and_one_administrator_stays(http: Http):
    boss = make_staff(Role.ADMINISTRATOR)
    own = f"/v1/staff/members/{boss.staff_id}"
    training = {"trained_on": today(), "exam_passed_on": today()}
    assert http("PUT", f"{own}/roles", {"roles": ["customer_service"]}, who=boss).code == "approval.required"
    assert http("PUT", f"{own}/training", training, who=boss).code == "staff.own_account"
    assert http("DELETE", own, who=boss).code == "staff.own_account"
    assert http("POST", f"{own}/reset", {}, who=boss).code == "staff.own_account"
    second = make_staff(Role.ADMINISTRATOR)
    assert http("DELETE", f"/v1/staff/members/{second.staff_id}", who=boss).status == 204
    assert me(http, second) == 401
    assert http("DELETE", f"/v1/staff/members/{second.staff_id}", who=boss).status == 404


def test_two_administrators_who_remove_each_other_leave_one(http: Http):
    boss, other = make_staff(Role.ADMINISTRATOR), make_staff(Role.ADMINISTRATOR)
    calls = boss.call(), other.call()
    from chalicelib.accounts.service import staff_members
    from chalicelib.foundation.kernel.errors import Failure

    staff_members.leave_member(calls[0], other.staff_id)
    with pytest.raises(Failure):
        staff_members.leave_member(calls[1], boss.staff_id)
    assert member(boss.staff_id).status == "active"


@pytest.mark.promise("K7.1")
def test_training_is_noted_by_another_and_never_ahead(http: Http):
    officer, who = make_staff(Role.PRIVACY_OFFICER), make_staff(Role.CUSTOMER_SERVICE, trained=False)
    path = f"/v1/staff/members/{who.staff_id}/training"
    ahead = {"trained_on": today(-2), "exam_passed_on": today()}
    refused = http("PUT", path, ahead, who=officer)
    assert (refused.code, refused.errors) == ("staff.training_ahead", [("/trained_on", "range")])
    noted = http("PUT", path, {"trained_on": today(3), "exam_passed_on": today(2)}, who=officer)
    assert noted.json["trained"] is True
    old = http("PUT", path, {"trained_on": today(366), "exam_passed_on": today(2)}, who=officer)
    assert old.json["trained"] is False


@pytest.mark.promise("K4.3")
def test_a_reset_ends_sessions_and_both_factors(http: Http):
    boss, who = make_staff(Role.ADMINISTRATOR), make_staff(Role.CUSTOMER_SERVICE)
    assert http("POST", f"/v1/staff/members/{who.staff_id}/reset", {}, who=boss).code == "approval.required"
    assert me(http, who) == 200
    invitation = reset(http, boss, who.staff_id, ["customer_service"])["invitation"]
    assert me(http, who) == 401
    assert log_in_staff(http, who).code == "staff.login_failed"
    secret = enrol(http, invitation, "another long password")
    later = who._replace(secret=secret).code(clock.now() + timedelta(seconds=30))
    assert log_in_staff(http, who, password="another long password", code=later).status == 201


def test_sessions_are_ended_by_an_administrator(http: Http):
    boss, who = make_staff(Role.ADMINISTRATOR), make_staff(Role.MODERATOR)
    assert http("DELETE", f"/v1/staff/members/{who.staff_id}/sessions", who=boss).status == 204
    assert me(http, who) == 401
    assert log_in_staff(http, who).status == 201


@pytest.mark.promise("K4.7")
def test_what_is_done_to_staff_is_on_record_under_both(http: Http):
    boss, who = make_staff(Role.ADMINISTRATOR), make_staff(Role.MODERATOR)
    assert http("DELETE", f"/v1/staff/members/{who.staff_id}/sessions", who=boss).status == 204
    (theirs,) = [row for row in reading.about(who.ref) if row.action == "staff:member:sessions_ended"]
    (mine,) = [row for row in reading.about(boss.ref) if row.action == "staff:member:sessions_ended"]
    assert theirs.subject_id == mine.subject_id
    assert theirs.actor == "staff:administrator"


@pytest.mark.promise("K4.3")
def test_no_token_is_good_on_the_other_side(http: Http):
    who, person = make_staff(*Role), make_person()
    assert http("GET", "/v1/accounts/me", who=who).code == "session.invalid"
    assert http("GET", "/v1/staff/me", who=person).code == "session.invalid"
