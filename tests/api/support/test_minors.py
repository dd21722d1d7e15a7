"""Staff and minors: nothing is shown without a second person, and an officer decides where guardians disagree."""

import pytest

from chalicelib.foundation.kernel.call import Role
from chalicelib.rights.jobs import sweep_retention
from tests.support.clocks import Hands
from tests.support.edges import Http, Reply
from tests.support.minors import agreed, born, invite, know_age, make_guardian, make_minor, minor_of, respond
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.recipes import CASE, Scene
from tests.support.schedules import tick
from tests.support.second_person import approved, opened
from tests.support.staff import Official, make_staff
from tests.support.staff_recipes import LOOK
from tests.support.trading import Shop, key

EVERYTHING = {"status", "user_name", "mobile", "residence", "opened_at"}


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


def a_case_of(scene: Scene, who: Someone, clerk: Official) -> str:
    made = scene.http("POST", "/v1/cases", CASE, who=who, headers=key())
    assert made.status == 201, made.text
    scene.take(made.json["case_id"], clerk)
    return str(made.json["case_id"])


def look(http: Http, clerk: Official, case_id: str) -> Reply:
    return http("GET", f"/v1/desk/cases/{case_id}/person", who=clerk)


@pytest.mark.promise("M2.3")
@pytest.mark.parametrize("years", [9, 15])
def test_a_minors_data_take_a_second_person_before_anything_is_shown(scene: Scene, years: int):
    clerk, http, minor = make_staff(Role.CUSTOMER_SERVICE), scene.http, make_minor(years)
    case_id = a_case_of(scene, minor, clerk)
    assert look(http, clerk, case_id).code == "approval.required"
    path = f"/v1/desk/cases/{case_id}/looks"
    assert http("POST", path, LOOK, who=clerk).code == "approval.required"
    approval = approved(http, clerk, "look", ["account.mobile", "account.service"], about=case_id)
    other = {**LOOK, "purpose": "order.fulfil", "approval_id": approval}
    assert http("POST", path, other, who=clerk).code == "approval.required", "it was approved for another purpose"
    assert http("POST", path, {**LOOK, "approval_id": approval}, who=clerk).status == 201
    shown = look(http, clerk, case_id)
    assert {name for name in EVERYTHING if shown.json[name]} == {"mobile"}, "nothing but what was approved"
    assert (shown.json["orders"], shown.json["masked"]) == ([], [])
    assert http("POST", path, {**LOOK, "approval_id": approval}, who=clerk).code == "approval.required"
    told = http("GET", "/v1/looks", who=minor).json["data"]
    assert [(one["action"], one["items"], one["purpose"]) for one in told] == [
        ("opened", ["account.mobile"], "account.service"), ("granted", ["account.mobile"], "account.service"),
    ]  # fmt: skip


@pytest.mark.promise("M2.5")
@pytest.mark.parametrize("years", [9, 15])
def test_a_minors_case_is_read_and_answered_by_a_second_persons_leave_only(scene: Scene, hands: Hands, years: int):
    clerk, http, minor = make_staff(Role.CUSTOMER_SERVICE), scene.http, make_minor(years)
    case_id = a_case_of(scene, minor, clerk)
    path = f"/v1/desk/cases/{case_id}"
    refused = http("GET", path, who=clerk), http("POST", f"{path}/messages", {"text": "您好"}, who=clerk)
    assert {one.code for one in refused} == {"approval.required"}
    assert CASE["text"] not in refused[0].text + refused[1].text
    opened(http, clerk, case_id, "account.mobile")
    assert http("GET", path, who=clerk).code == "approval.required", "it was approved for something else"
    opened(http, clerk, case_id, "support.text")
    assert http("GET", path, who=clerk).json["messages"][0]["text"] == CASE["text"]
    assert http("POST", f"{path}/messages", {"text": "您好"}, who=clerk).status == 201
    other = make_staff(Role.CUSTOMER_SERVICE)
    scene.take(case_id, other)
    assert http("GET", path, who=other).code == "approval.required", "it was approved for a colleague"
    scene.take(case_id, clerk)
    for _ in range(17):
        hands.by(minutes=14)
        assert http("GET", path, who=clerk).status == 200
    hands.by(minutes=3)
    assert http("GET", path, who=clerk).code == "approval.required", "it stands for four hours"


@pytest.mark.promise("M2.5")
def test_what_was_said_in_a_case_of_a_minor_is_withheld_once_it_is_theirs(scene: Scene):
    clerk, minor = make_staff(Role.CUSTOMER_SERVICE), make_minor(9)
    case_id = scene.desk(mine=clerk).ids["case_id"]
    from chalicelib.accounts.service import profile

    read = scene.read_back(case_id, clerk, profile.mobile_of(minor.person_id))
    answer = scene.http("POST", f"/v1/desk/cases/{case_id}/identity", read, who=clerk)
    assert (answer.status, answer.json["withheld"], answer.json["messages"], answer.json["contact"]) == (
        200, True, [], None,
    )  # fmt: skip
    assert scene.http("GET", f"/v1/desk/cases/{case_id}", who=clerk).code == "approval.required"


def test_an_adults_data_do_not(scene: Scene):
    clerk = make_staff(Role.CUSTOMER_SERVICE)
    case_id = a_case_of(scene, scene.owner, clerk)
    assert look(scene.http, clerk, case_id).status == 200
    know_age(scene.owner, 15)
    assert look(scene.http, clerk, case_id).code == "approval.required"


@pytest.mark.promise("M2.2", "M2.5")
@pytest.mark.parametrize(
    ("outcome", "guarded", "status"), [("consent_stands", "child", 201), ("consent_ended", None, 403)]
)
def test_an_officer_decides_where_guardians_disagree(scene: Scene, outcome: str, guarded: str | None, status: int):
    http, child, one, other = scene.http, make_minor(9, identified=True), make_guardian(), make_guardian()
    agreed(http, one, child)
    respond(http, other, invite(http, child), "refuse")
    tick(sweep_retention)
    officer = make_staff(Role.PRIVACY_OFFICER)
    (case,) = [row for row in http("GET", "/v1/desk/cases", who=officer).json["data"] if row["topic"] == "privacy"]
    scene.take(case["case_id"], officer)
    path = f"/v1/desk/cases/{case['case_id']}/guardians"
    clerk = make_staff(Role.CUSTOMER_SERVICE)
    assert http("POST", path, {"outcome": outcome}, who=clerk).code == "staff.role_missing"
    assert http("POST", path, {"outcome": outcome}, who=officer).code == "approval.required"
    others = {"consent_stands", "consent_ended"} - {outcome}
    other = approved(http, officer, "guardians", others, about=case["case_id"])
    assert http("POST", path, {"outcome": outcome, "approval_id": other}, who=officer).code == "approval.required"
    given = approved(http, officer, "guardians", [outcome], about=case["case_id"])
    decided = http("POST", path, {"outcome": outcome, "approval_id": given}, who=officer)
    assert (decided.status, decided.json["guarded"]) == (200, guarded)
    assert http("POST", path, {"outcome": outcome}, who=officer).code == "minors.not_under_age"
    post = http("POST", "/v1/posts", {"text": "好", "affirmed_others": True}, who=child, headers=key())
    assert post.status == status


@pytest.mark.promise("M1.2", "M2.5")
def test_an_officer_puts_an_age_right_on_proof_and_makes_nobody_older_alone(scene: Scene):
    http, officer, minor = scene.http, make_staff(Role.PRIVACY_OFFICER), make_minor(15)
    case_id = a_case_of(scene, minor, officer)
    path, adult = f"/v1/desk/cases/{case_id}/age", {"birth_date": born(30).isoformat()}
    younger = http("PUT", path, {"birth_date": born(12).isoformat()}, who=officer)
    assert younger.status == 200, younger.text
    assert http("PUT", path, {"birth_date": born(13).isoformat()}, who=officer).code == "approval.required"
    assert http("PUT", path, adult, who=officer).code == "approval.required"
    teen = approved(http, officer, "age", ["teen"], about=case_id)
    assert http("PUT", path, {**adult, "approval_id": teen}, who=officer).code == "approval.required"
    given = approved(http, officer, "age", ["adult"], about=case_id)
    assert http("PUT", path, {**adult, "approval_id": given}, who=officer).json["minor_until"] is None
    assert minor_of(minor) is None
    assert http("PUT", path, adult, who=officer).code == "minors.age_settled"
