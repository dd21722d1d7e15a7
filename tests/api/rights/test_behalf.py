"""Rights through customer service: whoever is frozen has every one, in a case in which they proved who they are."""

import pytest

from chalicelib.accounts.service import profile
from chalicelib.foundation.audit import reading
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.standing import access
from chalicelib.support.tables import case
from tests.support import copies
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.desk import WISH, checked, do, frozen, may, phoned
from tests.support.lives import MOBILE, PASSWORD
from tests.support.minor_recipes import RECEIPT
from tests.support.minors import know_age
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


@pytest.fixture
def case_id(scene: Scene, clerk: Official) -> str:
    """Give the case of somebody frozen who read back the code that went to their number."""
    made = checked(scene, clerk)
    frozen(scene.http, scene.owner, clerk, made)
    return made


def actions(scene: Scene) -> dict[str, str]:
    """Give what is on the person's record, and who did it."""
    return {row.action: row.actor for row in reading.about(scene.owner.ref) if row.row_kind == "audit"}


@pytest.mark.promise("K6.6", "J2.3")
def test_a_frozen_person_gets_a_copy_that_staff_cannot_read(
    scene: Scene, clerk: Official, case_id: str, cloud: TestCloud
):
    http = scene.http
    begun = do(http, clerk, case_id, "copy")
    assert begun.status == 202, begun.text
    request_id = begun.json["request_id"]
    assert do(http, clerk, case_id, "copy").code == "rights.copy_under_way"
    asked = {"request_id": request_id, "login": MOBILE, "password": PASSWORD}
    assert http("POST", "/v1/handovers", asked).code == "rights.copy_not_ready"
    assert copies.make(cloud) == []
    for wrong in ({"password": "wrong-password-1"}, {"request_id": "req_" + "a" * 26}, {"login": "没有这个人"}):
        refused = http("POST", "/v1/handovers", {**asked, **wrong})
        assert refused.code == "accounts.login_failed", wrong
    claimed = http("POST", f"/v1/requests/{request_id}/claim", who=clerk)
    assert claimed.code == "session.invalid"
    got = http("POST", "/v1/handovers", asked)
    assert (got.status, got.headers["Location"][:4]) == (303, "http")
    assert http("POST", "/v1/handovers", asked).code == "rights.copy_claimed"
    held = copies.fetched(cloud, request_id)
    assert WISH in held.data, "what was asked for in the case is in it"
    assert scene.owner.standing().status == "frozen"


def test_a_copy_asked_for_by_its_person_is_not_fetched_by_a_password_alone(scene: Scene, cloud: TestCloud):
    request_id = copies.ask(scene.owner)
    assert copies.make(cloud) == []
    asked = {"request_id": request_id, "login": MOBILE, "password": PASSWORD}
    assert scene.http("POST", "/v1/handovers", asked).code == "accounts.login_failed"


@pytest.mark.promise("K6.6")
def test_a_frozen_persons_profile_is_put_right(scene: Scene, clerk: Official, case_id: str):
    done = do(scene.http, clerk, case_id, "profile", residence="北京市")
    assert done.status == 200, done.text
    assert "北京" not in done.text, "nothing that is held is shown for it"
    theirs = scene.owner.call()
    assert profile.show_profile(theirs).residence == "北京市"
    assert do(scene.http, clerk, case_id, "profile", remove="residence").status == 200
    assert profile.show_profile(theirs).residence is None
    assert do(scene.http, clerk, case_id, "profile").errors == [("", "one_of")]
    assert do(scene.http, clerk, case_id, "profile", residence="北京市", remove="gender").code == "request.invalid"
    assert do(scene.http, clerk, case_id, "profile", gender="female").status in {200, 403}


@pytest.mark.promise("K6.6", "J6.1")
def test_a_frozen_persons_consent_is_withdrawn(scene: Scene, clerk: Official, case_id: str):
    done = do(scene.http, clerk, case_id, "withdrawals", purpose="account.membership")
    assert done.status == 200, done.text
    scene.town.settle()
    assert "account.membership" not in scene.owner.standing().consents
    assert profile.show_profile(scene.owner.call()).residence is None, "what only it allowed is removed"
    assert do(scene.http, clerk, case_id, "withdrawals", purpose="account.service").code == "consent.essential"
    assert do(scene.http, clerk, case_id, "withdrawals", purpose="no.such").status == 404


@pytest.mark.promise("K6.6", "J7.1")
def test_a_frozen_person_leaves_as_previewed_with_a_second_person(scene: Scene, clerk: Official, case_id: str):
    http = scene.http
    preview = do(http, clerk, case_id, "cancellation/preview")
    assert preview.status == 200, preview.text
    assert not [mark for mark in scene.marks if mark in preview.text]
    asked = {"plan_hash": preview.json["plan_hash"], "receipt": RECEIPT}
    assert do(http, clerk, case_id, "cancellation", **asked).code == "approval.required"
    asked["approval_id"] = may(scene, clerk, case_id, "cancel")
    stale = do(http, clerk, case_id, "cancellation", **{**asked, "plan_hash": "0" * 64})
    assert stale.code == "rights.plan_changed"
    again = do(http, clerk, case_id, "cancellation/preview").json["plan_hash"]
    done = do(http, clerk, case_id, "cancellation", **{**asked, "plan_hash": again})
    assert done.status == 202, done.text
    assert scene.owner.standing().status == "closing"
    assert actions(scene)["staff:right:cancel"] == "staff:customer_service"
    assert actions(scene)["person:account:cancelled"] == "staff:customer_service"


@pytest.mark.promise("K6.6", "K4.7", "G1.2")
def test_it_is_on_record_under_both_and_shown_to_the_person(scene: Scene, clerk: Official, case_id: str):
    do(scene.http, clerk, case_id, "withdrawals", purpose="account.membership")
    scene.town.settle()
    assert actions(scene)["staff:right:withdraw"] == "staff:customer_service"
    assert actions(scene)["person:consent:withdrawn"] == "staff:customer_service"
    mine = {row.action: row.subject_id for row in reading.about(clerk.ref) if row.row_kind == "audit"}
    assert mine["staff:right:withdraw"] == case_id
    officer = make_staff(Role.PRIVACY_OFFICER)
    scene.take(case_id, officer)
    assert scene.http("POST", f"/v1/desk/cases/{case_id}/thaw", {"ground": "cleared"}, who=officer).status == 200
    session = scene.another_session()
    signed = {"Authorization": f"Bearer {session['access_token']}"}
    told = scene.http("GET", "/v1/inbox", headers=signed).json["data"]
    assert "case_withdrawn" in {one["template"] for one in told}
    said = scene.http("GET", f"/v1/cases/{case_id}", headers=signed).json["messages"]
    assert any(WISH in one["text"] for one in said)


@pytest.mark.promise("E1.1", "K6.6")
def test_nobody_is_served_who_was_not_checked(scene: Scene, clerk: Official):
    http, body = scene.http, {"purpose": "account.membership"}
    unknown = phoned(http, clerk)
    assert do(http, clerk, unknown, "withdrawals", **body).code == "support.not_identified"
    known = checked(scene, clerk)
    assert do(http, make_staff(Role.CUSTOMER_SERVICE), known, "withdrawals", **body).code == "support.not_assigned"
    assert http("POST", f"/v1/desk/cases/{known}/close", who=clerk).status == 200
    assert do(http, clerk, known, "withdrawals", **body).code == "support.case_closed"
    assert "account.membership" in scene.owner.standing().consents


@pytest.mark.promise("K6.6")
def test_a_session_proves_nothing_of_somebody_frozen(scene: Scene, clerk: Official):
    case_id = scene.identified(clerk).ids["case_id"]
    frozen(scene.http, scene.owner, clerk, case_id)
    assert do(scene.http, clerk, case_id, "copy").code == "support.not_identified"


def test_whoever_is_thawed_meanwhile_is_served_or_asked_again(
    scene: Scene, clerk: Official, case_id: str, monkeypatch: pytest.MonkeyPatch
):
    honest = access.commit

    def late(call, writes, **how):
        monkeypatch.setattr(access, "commit", honest)
        seen = access.load(scene.owner.person_id)
        honest(clerk.call(), [access.thaw(seen, otherwise=access.AccountFrozen)])
        honest(call, writes, **how)

    monkeypatch.setattr(access, "commit", late)
    moved = do(scene.http, clerk, case_id, "cancellation/preview")
    assert moved.code == "support.case_moved"


@pytest.mark.promise("M2.3")
def test_for_somebody_under_age_each_act_takes_a_second_person(scene: Scene, clerk: Official, hands: Hands):
    case_id, http = checked(scene, clerk), scene.http
    know_age(scene.owner, 15)
    for what, verb, said in (
        ("copy", "copy", {}),
        ("withdrawals", "withdraw", {"purpose": "account.membership"}),
        ("profile", "correct", {"remove": "residence"}),
        ("cancellation/preview", "preview", {}),
    ):
        assert do(http, clerk, case_id, what, **said).code == "approval.required", what
        approval_id = may(scene, clerk, case_id, verb)
        done = do(http, clerk, case_id, what, **said, approval_id=approval_id)
        assert done.status < 300, done.text
        assert do(http, clerk, case_id, what, **said, approval_id=approval_id).code == "approval.required"
    assert actions(scene)["staff:approval:used"] == "staff:customer_service"


def test_a_case_of_guardians_who_disagree_proves_nobody(scene: Scene):
    from tests.support.minor_recipes import disputed

    officer = make_staff(Role.PRIVACY_OFFICER)
    case_id = disputed(scene, officer).ids["case_id"]
    assert scene.http("GET", f"/v1/desk/cases/{case_id}", who=officer).code == "approval.required"
    known = case(case_id)
    assert known is not None
    assert known.identified_how == "dispute"
    assert do(scene.http, officer, case_id, "copy").code == "support.not_identified"
