"""Staff and minors: nothing is shown without a second person, and an officer decides where guardians disagree."""

import pytest

from chalicelib.foundation.kernel.call import Role
from chalicelib.rights.jobs import sweep_retention
from tests.support.edges import Http, Reply
from tests.support.minors import agreed, born, invite, know_age, make_guardian, make_minor, minor_of, respond
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.recipes import CASE, Scene
from tests.support.schedules import tick
from tests.support.staff import Official, make_staff
from tests.support.trading import Shop, key

FIELDS = {"fields": ["account.mobile"]}


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


def a_case_of(scene: Scene, who: Someone, clerk: Official) -> str:
    made = scene.http("POST", "/v1/cases", CASE, who=who, headers=key())
    assert made.status == 201, made.text
    scene.take(made.json["case_id"], clerk)
    return str(made.json["case_id"])


def approved(http: Http, clerk: Official, case_id: str) -> str:
    """Have a second person approve what a clerk wants to open."""
    asked = {"action": "look", "what": FIELDS["fields"], "subject_id": case_id}
    made = http("POST", "/v1/staff/approvals", asked, who=clerk)
    assert made.status == 201, made.text
    approval_id = str(made.json["approval_id"])
    given = http("POST", f"/v1/staff/approvals/{approval_id}/approve", who=make_staff(Role.PRIVACY_OFFICER))
    assert given.status == 200, given.text
    return approval_id


def look(http: Http, clerk: Official, case_id: str) -> Reply:
    return http("GET", f"/v1/desk/cases/{case_id}/person", who=clerk)


@pytest.mark.promise("M2.3")
@pytest.mark.parametrize("years", [9, 15])
def test_a_minors_data_take_a_second_person_before_anything_is_shown(scene: Scene, years: int):
    clerk, http, minor = make_staff(Role.CUSTOMER_SERVICE), scene.http, make_minor(years)
    case_id = a_case_of(scene, minor, clerk)
    assert look(http, clerk, case_id).code == "approval.required"
    path = f"/v1/desk/cases/{case_id}/looks"
    assert http("POST", path, FIELDS, who=clerk).code == "approval.required"
    approval = approved(http, clerk, case_id)
    assert http("POST", path, {**FIELDS, "approval_id": approval}, who=clerk).status == 201
    assert look(http, clerk, case_id).status == 200
    assert http("POST", path, {**FIELDS, "approval_id": approval}, who=clerk).code == "approval.required"


def test_an_adults_data_do_not(scene: Scene):
    clerk = make_staff(Role.CUSTOMER_SERVICE)
    case_id = a_case_of(scene, scene.owner, clerk)
    assert look(scene.http, clerk, case_id).status == 200
    know_age(scene.owner, 15)
    assert look(scene.http, clerk, case_id).code == "approval.required"


@pytest.mark.promise("M2.2")
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
    decided = http("POST", path, {"outcome": outcome}, who=officer)
    assert (decided.status, decided.json["guarded"]) == (200, guarded)
    assert http("POST", path, {"outcome": outcome}, who=officer).code == "minors.not_under_age"
    post = http("POST", "/v1/posts", {"text": "好", "affirmed_others": True}, who=child, headers=key())
    assert post.status == status


@pytest.mark.promise("M1.2")
def test_an_officer_puts_an_age_right_on_proof(scene: Scene):
    http, officer, minor = scene.http, make_staff(Role.PRIVACY_OFFICER), make_minor(15)
    path = f"/v1/desk/cases/{a_case_of(scene, minor, officer)}/age"
    assert http("PUT", path, {"birth_date": born(30).isoformat()}, who=officer).json["minor_until"] is None
    assert minor_of(minor) is None
    assert http("PUT", path, {"birth_date": born(30).isoformat()}, who=officer).code == "minors.age_settled"
