"""Frozen by customer service with a ground, let go by the privacy officer: sessions end, the person is told."""

import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel.call import Role
from tests.support.accounts import log_in
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Reply
from tests.support.lives import MOBILE, PASSWORD
from tests.support.publishing import Town
from tests.support.recipes import Scene
from tests.support.staff import Official, make_staff
from tests.support.trading import Shop


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


@pytest.fixture
def clerk(cloud: TestCloud) -> Official:
    return make_staff(Role.CUSTOMER_SERVICE)


def hold(scene: Scene, who: Official, case_id: str, verb: str, ground: str) -> Reply:
    return scene.http("POST", f"/v1/desk/cases/{case_id}/{verb}", {"ground": ground}, who=who)


@pytest.mark.promise("K6.1")
def test_a_freeze_ends_every_session_at_once_until_the_officer_lets_go(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    other = scene.another_session()
    done = hold(scene, clerk, case_id, "freeze", "owner_asked")
    assert (done.status, done.json["status"], done.json["ground"]) == (200, "frozen", "owner_asked")
    for token in (scene.owner.token, other["access_token"]):
        answer = scene.http("GET", "/v1/accounts/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status in {401, 403}
    refreshed = scene.http("POST", "/v1/sessions/refresh", {"refresh_token": other["refresh_token"]})
    assert refreshed.code == "account.frozen"
    assert log_in(scene.http, MOBILE, PASSWORD).code == "account.frozen"
    assert scene.owner.standing().frozen_by == "staff:owner_asked"
    assert hold(scene, clerk, case_id, "freeze", "law").code == "support.already_frozen"
    assert hold(scene, clerk, case_id, "thaw", "cleared").code == "staff.role_missing"
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(case_id, officer)
    assert hold(scene, officer, case_id, "thaw", "owner_proved").json["status"] == "active"
    assert hold(scene, officer, case_id, "thaw", "owner_proved").code == "support.not_frozen"
    assert scene.owner.standing().frozen_by is None
    dead = scene.http("POST", "/v1/sessions/refresh", {"refresh_token": other["refresh_token"]})
    assert dead.code == "session.invalid", "what the freeze ended stays ended"
    assert log_in(scene.http, MOBILE, PASSWORD).status == 201


@pytest.mark.promise("K6.5")
def test_staff_take_over_what_the_owner_froze_and_may_lift_either(scene: Scene, clerk: Official, hands: Hands):
    case_id = scene.identified(clerk).ids["case_id"]
    assert scene.http("POST", "/v1/accounts/freeze", scene.by_code("freeze").body).status == 204
    assert scene.owner.standing().frozen_by == "owner"
    assert hold(scene, clerk, case_id, "freeze", "taken_over").status == 200
    assert scene.owner.standing().frozen_by == "staff:taken_over"
    hands.by(minutes=2)
    asked = scene.by_code("thaw", password=PASSWORD).body
    assert scene.http("POST", "/v1/accounts/thaw", asked).code == "account.frozen"
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(case_id, officer)
    assert hold(scene, officer, case_id, "thaw", "owner_proved").json["status"] == "active"


@pytest.mark.promise("G1.2", "K4.7")
def test_the_person_is_told_of_both_and_of_the_ground(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    hold(scene, clerk, case_id, "freeze", "taken_over")
    scene.town.settle()
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(case_id, officer)
    hold(scene, officer, case_id, "thaw", "cleared")
    scene.town.settle()
    session = log_in(scene.http, MOBILE, PASSWORD).json
    inbox = scene.http("GET", "/v1/inbox", headers={"Authorization": f"Bearer {session['access_token']}"}).json["data"]
    told = [one["template"] for one in inbox]
    assert {"account_frozen", "account_thawed"} <= set(told)
    said = {row.action: row.actor for row in reading.about(scene.owner.ref) if row.row_kind == "audit"}
    assert said["staff:account:frozen:taken_over"] == "staff:customer_service"
    assert said["staff:account:thawed:cleared"] == "staff:privacy_officer"


def test_an_account_of_nobody_in_particular_is_not_frozen(scene: Scene, clerk: Official):
    case_id = scene.desk(mine=clerk).ids["case_id"]
    assert hold(scene, clerk, case_id, "freeze", "law").code == "support.not_identified"


@pytest.mark.promise("E1.1", "K6.1")
def test_whoever_is_frozen_can_still_be_helped_on_the_phone(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    hold(scene, clerk, case_id, "freeze", "fraud_reported")
    called = scene.http("POST", "/v1/desk/cases", {"topic": "fraud", "text": "来电要求解冻"}, who=clerk).json["case_id"]
    asked = scene.read_back(called, clerk)
    assert scene.http("POST", f"/v1/desk/cases/{called}/identity", asked, who=clerk).json["state"] == "identified"
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(called, officer)
    assert hold(scene, officer, called, "thaw", "owner_proved").status == 200
