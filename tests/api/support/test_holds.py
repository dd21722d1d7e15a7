"""Frozen by customer service with a ground, let go by the privacy officer: sessions end, the person is told."""

import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel.call import Role
from tests.support.accounts import log_in, new_mobile
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.desk import phoned
from tests.support.edges import Reply
from tests.support.lives import MOBILE, NAME, PASSWORD
from tests.support.minor_recipes import disputed
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


def freeze_unchecked(scene: Scene, who: Official, case_id: str, account: str, ground: str = "taken_over") -> Reply:
    asked = {"account": account, "ground": ground}
    return scene.http("POST", f"/v1/desk/cases/{case_id}/freeze/unchecked", asked, who=who)


@pytest.mark.promise("K6.7", "K6.1")
@pytest.mark.parametrize("by", ["number", "name", "id"])
def test_a_stolen_phone_is_enough_to_freeze_and_nothing_is_shown(scene: Scene, clerk: Official, by: str):
    case_id = phoned(scene.http, clerk)
    account = {"number": MOBILE, "name": NAME, "id": scene.owner.person_id}[by]
    known = freeze_unchecked(scene, clerk, case_id, account)
    assert known.status == 202, known.text
    assert scene.owner.standing().frozen_by == "staff:taken_over"
    assert scene.http("GET", "/v1/accounts/me", who=scene.owner).code == "session.invalid", "every session has ended"
    unknown = freeze_unchecked(scene, clerk, case_id, new_mobile())
    again = freeze_unchecked(scene, clerk, case_id, account)
    told = [{**answer.json, "at": ""} for answer in (known, unknown, again)]
    assert told == [{"case_id": case_id, "ground": "taken_over", "at": ""}] * 3
    said = {row.action: row.actor for row in reading.about(scene.owner.ref) if row.row_kind == "audit"}
    assert said["staff:account:frozen_for_safety:taken_over"] == "staff:customer_service"
    mine = [row.subject_id for row in reading.about(clerk.ref) if "frozen_for_safety" in getattr(row, "action", "")]
    assert mine == [case_id] * 3
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(case_id, officer)
    assert hold(scene, officer, case_id, "thaw", "owner_proved").code == "support.not_identified"


@pytest.mark.promise("K6.7")
def test_one_member_of_staff_freezes_so_only_so_often_in_a_day(scene: Scene, clerk: Official):
    case_id = phoned(scene.http, clerk)
    answers = [freeze_unchecked(scene, clerk, case_id, new_mobile()).status for _ in range(21)]
    assert answers == [202] * 20 + [429]
    assert freeze_unchecked(scene, clerk, case_id, MOBILE).code == "rate.limited"
    assert scene.owner.standing().status == "active"
    assert freeze_unchecked(scene, clerk, case_id, MOBILE, "owner_asked").code == "request.invalid"


def test_guardians_who_disagree_thaw_nothing(scene: Scene):
    officer = make_staff(Role.PRIVACY_OFFICER)
    case_id = disputed(scene, officer).ids["case_id"]
    assert hold(scene, officer, case_id, "thaw", "cleared").code == "support.not_identified"
