"""Cases over HTTP: from an account, from the contact form, from a call; who is asking is checked with one code."""

import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.store.row import get
from chalicelib.rights.jobs import sweep_retention
from chalicelib.support.tables import CASE, CaseRow
from tests.support.cloud import TestCloud
from tests.support.lives import MOBILE, make_account
from tests.support.publishing import Town
from tests.support.recipes import CASE as ASKED
from tests.support.recipes import Scene
from tests.support.schedules import tick
from tests.support.staff import Official, make_staff
from tests.support.staff_recipes import CONTACT
from tests.support.trading import Shop, key


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


@pytest.fixture
def clerk(cloud: TestCloud) -> Official:
    return make_staff(Role.CUSTOMER_SERVICE)


def path(case_id: str, what: str = "") -> str:
    return f"/v1/desk/cases/{case_id}{what}"


def rows(cloud: TestCloud, kind: str) -> list[dict]:
    return [item for item in cloud.items("cases") if item["kind"]["S"] == kind]


@pytest.mark.promise("E1.1")
def test_a_session_is_identity_enough_and_the_talk_is_kept(scene: Scene, clerk: Official, cloud: TestCloud):
    order_id = scene.order().ids["order_id"]
    made = scene.own("POST", "/v1/cases", {**ASKED, "topic": "order", "order_id": order_id}).json
    assert (made["state"], made["order_id"]) == ("identified", order_id)
    case_id = made["case_id"]
    scene.take(case_id, clerk)
    answered = scene.http("POST", path(case_id, "/messages"), {"text": "已为您登记"}, who=clerk)
    assert answered.status == 201, answered.text
    scene.own("POST", f"/v1/cases/{case_id}/messages", {"text": "谢谢"})
    said = scene.own("GET", f"/v1/cases/{case_id}").json["messages"]
    assert [(one["by"], one["text"]) for one in said] == [
        ("person", ASKED["text"]), ("staff", "已为您登记"), ("person", "谢谢"),
    ]  # fmt: skip
    scene.town.settle()
    assert "case_answered" in [one["template"] for one in scene.own("GET", "/v1/inbox").json["data"]]
    for text in ("已为您登记", ASKED["text"], clerk.staff_id):
        assert text not in str(cloud.items("cases"))
    actions = [row.action for row in reading.about(scene.owner.ref) if row.row_kind == "audit"]
    assert {"person:case:opened", "staff:case:taken", "staff:case:answered"} <= set(actions)


def test_an_order_of_somebody_elses_opens_nothing(scene: Scene, cloud: TestCloud):
    other = {**ASKED, "order_id": "ord_" + "a" * 26}
    answer = scene.http("POST", "/v1/cases", other, who=scene.owner, headers=key())
    assert answer.status == 404
    assert rows(cloud, "case") == []


def test_the_same_key_opens_one_case_and_says_one_thing(scene: Scene, cloud: TestCloud):
    given = key()
    ids = {scene.http("POST", "/v1/cases", ASKED, who=scene.owner, headers=given).json["case_id"] for _ in range(2)}
    (case_id,) = ids
    given = key()
    for _ in range(2):
        scene.http("POST", f"/v1/cases/{case_id}/messages", {"text": "补充"}, who=scene.owner, headers=given)
    assert (len(rows(cloud, "case")), len(rows(cloud, "case_message"))) == (1, 2)


@pytest.mark.promise("N1.1")
def test_anybody_may_write_and_only_whoever_looks_after_it_reads(scene: Scene, clerk: Official, cloud: TestCloud):
    sent = scene.http("POST", "/v1/contact", CONTACT)
    assert sent.status == 201, sent.text
    case_id = sent.json["case_id"]
    for text in (CONTACT["text"], CONTACT["contact"]):
        assert text not in str(cloud.items("cases"))
    assert scene.http("GET", path(case_id), who=clerk).code == "support.not_assigned"
    assert scene.http("GET", "/v1/desk/cases", who=clerk).json["data"] == [], "letters lie apart"
    (listed,) = scene.http("GET", "/v1/desk/cases?source=letters", who=clerk).json["data"]
    assert (listed["case_id"], listed["taken"]) == (case_id, False)
    scene.take(case_id, clerk)
    shown = scene.http("GET", path(case_id), who=clerk).json
    assert (shown["contact"], shown["messages"][0]["text"]) == (CONTACT["contact"], CONTACT["text"])
    assert "staff:case:read" in [row.action for row in reading.about(clerk.ref)]


@pytest.mark.promise("E1.1")
def test_a_code_to_the_accounts_number_makes_a_case_theirs_and_nothing_more_is_asked(
    scene: Scene, clerk: Official, cloud: TestCloud
):
    opened = scene.http("POST", "/v1/desk/cases", {"topic": "order", "text": "来电询问退款"}, who=clerk)
    case_id = opened.json["case_id"]
    assert opened.json["state"] == "open"
    assert scene.own("GET", "/v1/cases").json["data"] == []
    asked = scene.read_back(case_id, clerk)
    before = get(CaseRow, case_id, CASE)
    done = scene.http("POST", path(case_id, "/identity"), asked, who=clerk)
    assert (done.status, done.json["state"], done.json["identified_how"]) == (200, "identified", "code"), done.text
    assert [one["text"] for one in done.json["messages"]] == ["来电询问退款"]
    assert [one["case_id"] for one in scene.own("GET", "/v1/cases").json["data"]] == [case_id]
    assert scene.own("GET", f"/v1/cases/{case_id}").json["messages"][0]["text"] == "来电询问退款"
    tick(sweep_retention)
    assert before.key_id not in str(cloud.items("keys")), "the case's own key has gone"
    assert before.key_id not in str(cloud.items("cases"))
    assert MOBILE not in str(cloud.items("cases"))
    again = scene.http("POST", path(case_id, "/identity"), asked, who=clerk)
    assert again.code == "support.already_identified"


@pytest.mark.promise("E1.1")
def test_a_wrong_code_and_a_number_without_account_look_alike(scene: Scene, clerk: Official):
    case_id = scene.desk(mine=clerk).ids["case_id"]
    right = scene.read_back(case_id, clerk)
    wrong = {**right, "code": "000000" if right["code"] != "000000" else "111111"}
    first = scene.http("POST", path(case_id, "/identity"), wrong, who=clerk)
    stranger = "+8613900000077"
    assert scene.http("POST", path(case_id, "/identity/codes"), {"mobile": stranger}, who=clerk).status == 202
    code = scene.shop.providers.sms(stranger)
    second = scene.http("POST", path(case_id, "/identity"), {"mobile": stranger, "code": code}, who=clerk)
    assert (first.status, first.code) == (second.status, second.code) == (422, "accounts.code_invalid")


def test_a_code_for_signing_up_identifies_nobody(scene: Scene, clerk: Official):
    case_id = scene.desk(mine=clerk).ids["case_id"]
    assert scene.http("POST", "/v1/accounts/codes", {"mobile": MOBILE, "purpose": "sign_up"}).status == 202
    body = {"mobile": MOBILE, "code": scene.shop.providers.sms(MOBILE)}
    assert scene.http("POST", path(case_id, "/identity"), body, who=clerk).code == "accounts.code_invalid"


def test_a_closed_case_takes_nothing_more_and_leaves_the_desk(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    assert scene.http("POST", path(case_id, "/close"), who=clerk).json["state"] == "closed"
    assert scene.http("GET", "/v1/desk/cases", who=clerk).json["data"] == []
    for what, body in (("/messages", {"text": "x"}), ("/close", None), ("/take", None)):
        assert scene.http("POST", path(case_id, what), body, who=clerk).code == "support.case_closed"
    said = scene.http("POST", f"/v1/cases/{case_id}/messages", {"text": "x"}, who=scene.owner, headers=key())
    assert said.code == "support.case_closed"
    assert scene.own("GET", f"/v1/cases/{case_id}").json["state"] == "closed"


@pytest.mark.promise("K4.4")
def test_a_case_is_its_persons_alone(scene: Scene):
    stranger = make_account("+8613900000002", "路人乙")
    case_id = scene.case().ids["case_id"]
    assert scene.http("GET", f"/v1/cases/{case_id}", who=stranger).status == 404
    assert scene.http("GET", "/v1/cases", who=stranger).json["data"] == []


def test_the_desk_is_turned_page_by_page_oldest_first_and_letters_lie_apart(scene: Scene, clerk: Official):
    made = [scene.case().ids["case_id"] for _ in range(5)]
    letters = [scene.desk().ids["case_id"] for _ in range(2)]
    found: list[str] = []
    query, pages = "limit=2", 0
    while query:
        page = scene.http("GET", f"/v1/desk/cases?{query}", who=clerk).json
        found += [one["case_id"] for one in page["data"]]
        query, pages = f"limit=2&cursor={page['next_cursor']}" if page["has_more"] else "", pages + 1
    assert (found, pages) == (made, 3)
    listed = scene.http("GET", "/v1/desk/cases?source=letters&limit=1", who=clerk).json
    assert ([one["case_id"] for one in listed["data"]], listed["has_more"]) == (letters[:1], True)
    elsewhere = f"/v1/desk/cases?source=cases&cursor={listed['next_cursor']}"
    assert scene.http("GET", elsewhere, who=clerk).errors == [("/cursor", "cursor_invalid")]
    scene.take(letters[0], clerk)
    closed = scene.http("POST", path(letters[0], "/close"), who=clerk)
    assert closed.status == 200, closed.text
    left = scene.http("GET", "/v1/desk/cases?source=letters", who=clerk).json["data"]
    assert [one["case_id"] for one in left] == letters[1:]
