"""Reports of fraud have a reader: each is a case on the desk, a person's under their cases, and a flood is joined."""

import pytest

from chalicelib.foundation.kernel.call import Role
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.leaving import leave, traces
from tests.support.publishing import Town
from tests.support.recipes import Scene
from tests.support.staff import Official, make_staff
from tests.support.trading import Shop

SAID = "对方冒充客服，要我离开平台转账"
REPORT = {"kind": "off_platform_payment", "text": SAID}


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


@pytest.fixture
def clerk(cloud: TestCloud) -> Official:
    return make_staff(Role.CUSTOMER_SERVICE)


def listed(scene: Scene, clerk: Official, source: str) -> list[str]:
    data = scene.http("GET", f"/v1/desk/cases?source={source}", who=clerk).json["data"]
    return [one["case_id"] for one in data if one["topic"] == "fraud"]


@pytest.mark.promise("K6.3")
def test_a_guests_report_lies_on_the_desk_to_be_read(scene: Scene, clerk: Official, cloud: TestCloud):
    made = scene.http("POST", "/v1/reports/fraud", REPORT)
    assert made.status == 201, made.text
    (case_id,) = listed(scene, clerk, "letters")
    assert SAID not in str(cloud.items("cases"))
    scene.take(case_id, clerk)
    shown = scene.http("GET", f"/v1/desk/cases/{case_id}", who=clerk).json
    (report,) = shown["reports"]
    assert (report["report_id"], report["kind"], report["text"]) == (made.json["report_id"], REPORT["kind"], SAID)
    assert shown["identified_how"] is None


@pytest.mark.promise("K6.3")
def test_the_same_words_again_that_day_are_one_report(scene: Scene, clerk: Official, hands: Hands):
    ids = {scene.http("POST", "/v1/reports/fraud", REPORT).json["report_id"] for _ in range(3)}
    assert (len(ids), len(listed(scene, clerk, "letters"))) == (1, 1)
    other = scene.http("POST", "/v1/reports/fraud", {**REPORT, "kind": "other"}).json["report_id"]
    assert other not in ids
    hands.by(hours=25)
    again = scene.http("POST", "/v1/reports/fraud", REPORT).json["report_id"]
    assert again not in ids


@pytest.mark.promise("K6.3")
def test_a_persons_reports_are_one_case_of_theirs(scene: Scene, clerk: Official, cloud: TestCloud):
    first = scene.own("POST", "/v1/reports/fraud/mine", REPORT).json["report_id"]
    second = scene.own("POST", "/v1/reports/fraud/mine", {"kind": "phishing", "text": "还有一个假网站"}).json[
        "report_id"
    ]
    (mine,) = scene.own("GET", "/v1/cases").json["data"]
    assert listed(scene, clerk, "cases") == [mine["case_id"]]
    said = [one["text"] for one in scene.own("GET", f"/v1/cases/{mine['case_id']}").json["messages"]]
    assert said == ["诈骗举报：平台外付款", "诈骗举报：钓鱼"]
    scene.take(mine["case_id"], clerk)
    shown = scene.http("GET", f"/v1/desk/cases/{mine['case_id']}", who=clerk).json["reports"]
    assert [one["report_id"] for one in shown] == [first, second]
    assert scene.http("POST", f"/v1/desk/cases/{mine['case_id']}/close", who=clerk).status == 200
    scene.own("POST", "/v1/reports/fraud/mine", REPORT)
    assert len(scene.own("GET", "/v1/cases").json["data"]) == 2, "what is closed takes no more"
    leave(scene.owner).finish()
    assert traces(cloud, scene.owner) == []


def test_an_ordinary_case_of_fraud_takes_no_report(scene: Scene, clerk: Official):
    scene.own("POST", "/v1/cases", {"topic": "fraud", "text": "请问怎样防骗？"})
    scene.own("POST", "/v1/reports/fraud/mine", REPORT)
    assert len(listed(scene, clerk, "cases")) == 2
