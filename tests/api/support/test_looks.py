"""Looks: masked until opened, by one member of staff, for minutes, on record before anything is shown, and told."""

from typing import get_args

import msgspec
import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.audit.looks import LookRow
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.register import lookup
from chalicelib.support.contracts.looks import LookPurpose
from tests.support import copies
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Reply
from tests.support.lives import MOBILE, NAME, RESIDENCE, make_account
from tests.support.publishing import Town
from tests.support.recipes import CASE, Scene
from tests.support.staff import STAFF_NAME, Official, make_staff
from tests.support.trading import RECIPIENT, Shop
from tests.support.wire import Wire, is_down, loses_answer

EVERYTHING = ["account.mobile", "account.user_name", "order.recipient", "profile.residence"]
SECRETS = (MOBILE[3:], NAME, RESIDENCE, RECIPIENT["name"], RECIPIENT["mobile"], RECIPIENT["address"])


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


@pytest.fixture
def clerk(cloud: TestCloud) -> Official:
    return make_staff(Role.CUSTOMER_SERVICE)


def look(scene: Scene, clerk: Official, case_id: str) -> Reply:
    return scene.http("GET", f"/v1/desk/cases/{case_id}/person", who=clerk)


def unmask(scene: Scene, clerk: Official, case_id: str, *fields: str) -> Reply:
    return scene.http(
        "POST", f"/v1/desk/cases/{case_id}/looks", {"fields": list(fields), "purpose": "account.service"}, who=clerk
    )


def about_an_order(scene: Scene, clerk: Official) -> str:
    """Have a case that names an order of the owner's."""
    asked = {"topic": "order", "text": "这一单", "order_id": scene.order().ids["order_id"]}
    case_id = str(scene.own("POST", "/v1/cases", asked).json["case_id"])
    scene.take(case_id, clerk)
    return case_id


def looks_at(reference: str) -> list[LookRow]:
    return [row for row in reading.about(reference) if isinstance(row, LookRow)]


@pytest.mark.promise("K4.6", "K4.7")
def test_all_is_masked_until_a_look_opens_it_and_only_that(scene: Scene, clerk: Official):
    case_id = about_an_order(scene, clerk)
    shown = look(scene, clerk, case_id)
    assert [one for one in SECRETS if one in shown.text] == []
    assert (shown.json["mobile"], shown.json["orders"][0]["recipient"]["mobile"]) == ("138****5678", "138****8000")
    assert unmask(scene, clerk, case_id, "account.mobile").status == 201
    shown = look(scene, clerk, case_id)
    assert (shown.json["mobile"], shown.json["open"]) == (MOBILE, ["account.mobile"])
    assert [one for one in SECRETS if one in shown.text] == [MOBILE[3:]]
    assert unmask(scene, clerk, case_id, *EVERYTHING).status == 201
    assert [one for one in SECRETS if one not in look(scene, clerk, case_id).text] == []


@pytest.mark.promise("E1.1", "E2.2", "K4.6")
def test_orders_that_the_case_does_not_name_show_what_was_opened_of_them(scene: Scene, clerk: Official):
    order_id = scene.order().ids["order_id"]
    case_id = scene.identified(clerk).ids["case_id"]
    shown = look(scene, clerk, case_id)
    assert shown.json["orders"] == []
    assert order_id not in shown.text
    assert unmask(scene, clerk, case_id, "order.state", "order.number").status == 201
    (order,) = look(scene, clerk, case_id).json["orders"]
    assert {name for name, value in order.items() if value} == {"order_id", "state", "placed_at"}
    told = scene.own("GET", "/v1/looks").json["data"]
    assert [set(one["items"]) & {"order.amount", "order.goods", "order.number"} for one in told] == [
        {"order.number"}, {"order.number"}, set(),
    ]  # fmt: skip


@pytest.mark.promise("K4.7")
def test_reading_a_case_is_a_look_and_reading_it_again_at_once_is_the_same(scene: Scene, clerk: Official, hands: Hands):
    case_id = scene.identified(clerk).ids["case_id"]
    path = f"/v1/desk/cases/{case_id}"

    def told() -> list[tuple[str, str, str]]:
        return [(one.action, one.items, one.purpose) for one in looks_at(scene.owner.ref)]

    read = ("staff:look:opened", "support.record,support.text", "account.service")
    for _ in range(3):
        assert scene.http("GET", path, who=clerk).json["messages"][0]["text"] == CASE["text"]
    assert told() == [read]
    assert scene.http("POST", f"{path}/messages", {"text": "您好"}, who=clerk).status == 201
    assert told() == [read]
    other = make_staff(Role.CUSTOMER_SERVICE)
    scene.take(case_id, other)
    assert scene.http("POST", f"{path}/messages", {"text": "我来"}, who=other).status == 201
    assert told() == [read, read], "whoever answers has read"
    hands.by(minutes=14)
    assert scene.http("GET", path, who=other).status == 200
    assert told() == [read, read]
    hands.by(minutes=1)
    assert scene.http("GET", path, who=other).status == 200
    assert told() == [read, read, read]
    assert scene.http("POST", f"{path}/close", who=other).status == 200
    assert scene.http("GET", path, who=other).code == "support.case_closed"


@pytest.mark.promise("K4.6", "K4.7")
def test_a_look_names_a_purpose_of_the_register_and_its_person_is_told_it(scene: Scene, clerk: Official):
    assert [lookup.purpose(one).essential for one in get_args(LookPurpose)]
    case_id = scene.identified(clerk).ids["case_id"]
    path = f"/v1/desk/cases/{case_id}/looks"
    for purpose in ({}, {"purpose": ""}, {"purpose": "community.publish"}, {"purpose": "curiosity"}):
        refused = scene.http("POST", path, {"fields": ["account.mobile"], **purpose}, who=clerk)
        assert refused.code == "request.invalid", refused.text
    asked = {"fields": ["account.mobile"], "purpose": "account.security"}
    assert scene.http("POST", path, asked, who=clerk).json["purpose"] == "account.security"
    look(scene, clerk, case_id)
    told = scene.own("GET", "/v1/looks").json["data"]
    assert [one["purpose"] for one in told] == ["account.security", "account.security"]


@pytest.mark.promise("K4.6")
def test_what_is_open_is_open_to_one_for_minutes(scene: Scene, clerk: Official, hands: Hands):
    case_id = scene.identified(clerk).ids["case_id"]
    assert unmask(scene, clerk, case_id, *EVERYTHING).status == 201
    other = make_staff(Role.CUSTOMER_SERVICE)
    assert look(scene, other, case_id).code == "support.not_assigned"
    scene.take(case_id, other)
    assert NAME not in look(scene, other, case_id).text
    scene.take(case_id, clerk)
    hands.by(minutes=14)
    assert NAME in look(scene, clerk, case_id).text
    hands.by(minutes=1, seconds=1)
    assert NAME not in look(scene, clerk, case_id).text


@pytest.mark.promise("K4.7", "J11.2")
def test_every_look_is_told_to_the_person_by_role_and_to_the_auditor_by_both(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    unmask(scene, clerk, case_id, "profile.residence")
    look(scene, clerk, case_id)
    told = scene.own("GET", "/v1/looks").json["data"]
    assert [one["action"] for one in told] == ["opened", "granted"]
    assert {one["role"] for one in told} == {"customer_service"}
    assert {one["case_id"] for one in told} == {case_id}
    assert told[1]["items"] == ["profile.residence"]
    assert "profile.residence" in told[0]["items"]
    assert told[0]["masked"] == ["account.mobile", "account.user_name"]
    assert {one.look_id for one in looks_at(clerk.ref)} == {one["look_id"] for one in told}
    assert [one for one in SECRETS if one in str(told)] == []


@pytest.mark.promise("J2.1", "K4.7")
def test_a_copy_holds_every_look_and_no_name_of_whoever_looked(scene: Scene, clerk: Official, cloud: TestCloud):
    case_id = scene.identified(clerk).ids["case_id"]
    unmask(scene, clerk, case_id, "account.mobile")
    request = scene.copy(made=True).ids["request_id"]
    copy = copies.fetched(cloud, request)
    (granted,) = copy.of("look")
    assert granted["items"] == "account.mobile"
    assert copy.of("case_message")[0]["text"] == CASE["text"]
    for named in (clerk.staff_id, clerk.ref, STAFF_NAME):
        assert named not in copy.data + copy.pages


@pytest.mark.promise("K4.7")
def test_a_look_whose_answer_is_lost_is_on_record(scene: Scene, clerk: Official, wire: Wire):
    case_id = scene.identified(clerk).ids["case_id"]
    wire.always("TransactWriteItems", loses_answer)
    lost = look(scene, clerk, case_id)
    wire.restore()
    assert lost.status >= 500 or lost.status == 200
    assert len(looks_at(scene.owner.ref)) == 1


@pytest.mark.promise("K4.7")
def test_what_can_not_be_put_on_record_is_not_shown(scene: Scene, clerk: Official, wire: Wire):
    case_id = scene.identified(clerk).ids["case_id"]
    wire.always("TransactWriteItems", is_down)
    answer = look(scene, clerk, case_id)
    wire.restore()
    assert answer.status == 503
    assert "138****" not in answer.text
    assert looks_at(scene.owner.ref) == []


@pytest.mark.promise("E1.1")
def test_without_identity_no_account_is_discussed(scene: Scene, clerk: Official):
    case_id = scene.desk(mine=clerk).ids["case_id"]
    assert look(scene, clerk, case_id).code == "support.not_identified"
    assert unmask(scene, clerk, case_id, "account.mobile").code == "support.not_identified"


def test_a_closed_case_opens_nothing(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    unmask(scene, clerk, case_id, "account.mobile")
    scene.http("POST", f"/v1/desk/cases/{case_id}/close", who=clerk)
    assert look(scene, clerk, case_id).code == "support.case_closed"


@pytest.mark.promise("E2.2")
def test_a_case_about_an_order_shows_that_order_only(scene: Scene, clerk: Official):
    orders = [scene.order().ids["order_id"] for _ in range(2)]
    asked = {"topic": "order", "text": "这一单", "order_id": orders[0]}
    case_id = scene.own("POST", "/v1/cases", asked).json["case_id"]
    scene.take(case_id, clerk)
    assert [one["order_id"] for one in look(scene, clerk, case_id).json["orders"]] == orders[:1]


@pytest.mark.promise("K4.4")
def test_nobody_is_told_of_looks_at_others(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    look(scene, clerk, case_id)
    stranger = make_account("+8613900000002", "路人乙")
    assert scene.http("GET", "/v1/looks", who=stranger).json["data"] == []


@pytest.mark.promise("K4.6")
def test_a_sensitive_field_opens_to_two_only(scene: Scene, clerk: Official, monkeypatch: pytest.MonkeyPatch):
    real = lookup.item
    monkeypatch.setattr(
        lookup, "item",
        lambda name: msgspec.structs.replace(real(name), sensitive=True) if name == "profile.residence" else real(name),
    )  # fmt: skip
    case_id = scene.identified(clerk).ids["case_id"]
    assert unmask(scene, clerk, case_id, "account.mobile").status == 201
    assert unmask(scene, clerk, case_id, "profile.residence").code == "approval.required"
    asked = {"action": "look", "what": ["profile.residence", "account.service"], "subject_id": case_id}
    approval_id = scene.http("POST", "/v1/staff/approvals", asked, who=clerk).json["approval_id"]
    body = {"fields": ["profile.residence"], "purpose": "account.service", "approval_id": approval_id}
    path = f"/v1/desk/cases/{case_id}/looks"
    assert scene.http("POST", path, body, who=clerk).code == "approval.required"
    officer = make_staff(Role.PRIVACY_OFFICER)
    assert scene.http("POST", f"/v1/staff/approvals/{approval_id}/approve", who=officer).status == 200
    elsewhere = scene.identified(clerk).ids["case_id"]
    assert scene.http("POST", f"/v1/desk/cases/{elsewhere}/looks", body, who=clerk).code == "approval.required"
    assert scene.http("POST", path, body, who=clerk).status == 201
    assert RESIDENCE in look(scene, clerk, case_id).text
    assert "staff:approval:used" in [row.action for row in reading.about(scene.owner.ref) if row.row_kind == "audit"]
    assert scene.http("POST", path, body, who=clerk).code == "approval.required"
