"""Who is asking, without their phone: name and identity number against the verified identity, and a second person."""

from typing import Any

import pytest

from chalicelib.accounts.jobs import apply_withdrawal
from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel.call import Role
from tests.support.accounts import new_mobile
from tests.support.cloud import TestCloud
from tests.support.desk import do, phoned
from tests.support.edges import Reply, deliver
from tests.support.identities import number_from
from tests.support.lives import MOBILE, NAME
from tests.support.publishing import Town
from tests.support.recipes import NUMBER, Scene
from tests.support.staff import Official, make_staff
from tests.support.trading import Shop

ITEMS = ["verification.name", "verification.number"]
SAID = {"account": MOBILE, "name": "王小明", "number": NUMBER}


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    made = Scene(shop, town)
    made.own("POST", "/v1/verification/name", made.citizen("/name").body)
    return made


@pytest.fixture
def clerk(cloud: TestCloud) -> Official:
    return make_staff(Role.CUSTOMER_SERVICE)


def check(scene: Scene, clerk: Official, case_id: str, approval_id: str, **changes: Any) -> Reply:
    asked = {**SAID, "approval_id": approval_id, **changes}
    return scene.http("POST", f"/v1/desk/cases/{case_id}/identity/verified", asked, who=clerk)


def may_check(scene: Scene, clerk: Official, case_id: str) -> str:
    return scene.approved(clerk, case_id, action="identity", what=ITEMS)


@pytest.mark.promise("E1.1", "K6.6", "G1.2")
def test_whoever_lost_the_phone_is_known_by_the_verified_identity(scene: Scene, clerk: Official, cloud: TestCloud):
    case_id = phoned(scene.http, clerk)
    done = check(scene, clerk, case_id, may_check(scene, clerk, case_id))
    assert (done.status, done.json["state"], done.json["identified_how"]) == (200, "identified", "identity"), done.text
    assert not [mark for mark in (*scene.marks, *SAID.values()) if mark in done.text]
    assert do(scene.http, clerk, case_id, "withdrawals", purpose="account.membership").status == 200
    said = {row.action: row.actor for row in reading.about(scene.owner.ref) if row.row_kind == "audit"}
    assert said["staff:identity:checked_by_identity"] == "staff:customer_service"
    bodies = [message["Body"] for message in cloud.messages("withdrawals")]
    assert deliver(apply_withdrawal, *bodies) == []
    arrived = scene.shop.providers.control("GET", "/state")["sms"]
    assert ["向客服证明" in one["text"] for one in arrived if one["mobile"] == MOBILE] == [True]
    scene.town.settle()
    told = scene.own("GET", "/v1/inbox").json["data"]
    assert "case_identified" in {one["template"] for one in told}


@pytest.mark.promise("E1.1", "K4.3")
def test_a_wrong_identity_a_stranger_and_nobody_get_one_answer(scene: Scene, clerk: Official):
    answers = []
    for changes in (
        {"name": "王大明"},
        {"number": number_from()},
        {"account": new_mobile()},
        {"account": scene.child().person_id},
    ):
        case_id = phoned(scene.http, clerk)
        refused = check(scene, clerk, case_id, may_check(scene, clerk, case_id), **changes)
        answers.append((refused.status, refused.code, refused.errors))
    assert set(map(str, answers)) == {str((422, "accounts.identity_unproved", []))}


@pytest.mark.promise("K4.6")
def test_nobody_is_checked_so_without_a_second_person(scene: Scene, clerk: Official):
    case_id = phoned(scene.http, clerk)
    other = phoned(scene.http, clerk)
    for approval_id in ("", "apr_" + "a" * 26, may_check(scene, clerk, other)):
        assert check(scene, clerk, case_id, approval_id).code == "approval.required"


@pytest.mark.promise("K4.3")
def test_tries_are_counted_before_anything_is_compared(scene: Scene, clerk: Official):
    case_id = phoned(scene.http, clerk)
    approval_id = may_check(scene, clerk, case_id)
    for _ in range(3):
        assert check(scene, clerk, case_id, approval_id, name="王大明").code == "accounts.identity_unproved"
    right = check(scene, clerk, case_id, approval_id)
    assert (right.status, right.code) == (429, "rate.limited")
    colleague = make_staff(Role.CUSTOMER_SERVICE)
    codes = []
    for _ in range(3):
        case_id = phoned(scene.http, colleague)
        tried = check(scene, colleague, case_id, may_check(scene, colleague, case_id), name="王大明")
        codes.append(tried.code)
    assert codes == ["accounts.identity_unproved"] * 2 + ["rate.limited"], "five for one account and one number"


def test_a_withdrawn_verification_proves_nothing(scene: Scene, clerk: Official):
    scene.own("DELETE", "/v1/consents/account.verification")
    case_id = phoned(scene.http, clerk)
    refused = check(scene, clerk, case_id, may_check(scene, clerk, case_id), account=NAME)
    assert refused.code == "accounts.identity_unproved"
