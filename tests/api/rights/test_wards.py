"""What a guardian may do with what is held of a ward, that the ward sees it, and that nobody else may."""

import pytest

from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import CLOSING
from tests.support.consents import answer_body
from tests.support.edges import Http
from tests.support.lives import RESIDENCE
from tests.support.minors import agreed, born, make_guardian, make_minor, minor_of
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.recipes import RECEIPT
from tests.support.trading import key


@pytest.fixture
def guardian(http: Http) -> Someone:
    return make_guardian()


@pytest.fixture
def child(http: Http, guardian: Someone) -> Someone:
    """Give a child whose guardian has agreed."""
    child = make_minor(9, identified=True)
    agreed(http, guardian, child)
    return child


@pytest.mark.promise("M2.2")
def test_a_guardian_sees_what_is_held_and_the_child_sees_that(http: Http, guardian: Someone, child: Someone):
    path = f"/v1/wards/{child.person_id}"
    seen = http("GET", path, who=guardian)
    assert (seen.status, seen.json["profile"]["residence"]) == (200, RESIDENCE)
    assert "profile" in {line["kind"] for line in seen.json["lines"]}
    records = http("GET", f"{path}/records?kind=profile", who=guardian)
    assert records.json["data"][0]["values"]["residence"] == RESIDENCE
    looks = http("GET", "/v1/looks", who=child).json["data"]
    assert [(one["action"], one["role"]) for one in looks] == [("opened", "guardian")] * 2
    assert "profile.residence" in looks[0]["items"]
    for kind in ("order", "post", "case", "inbox", "standing", "guardian", "consent_state", "media"):
        assert http("GET", f"{path}/records?kind={kind}", who=guardian).status in {200, 404}, kind
    assert http("GET", f"{path}/records?kind=nothing", who=guardian).status == 404
    assert http("GET", f"{path}/records?kind=outbox", who=guardian).status == 404


@pytest.mark.promise("M2.2")
@pytest.mark.parametrize("stranger", ["another guardian", "the child", "withdrawn"])
def test_nobody_else_does(http: Http, guardian: Someone, child: Someone, stranger: str):
    who = {"another guardian": make_guardian(), "the child": child, "withdrawn": guardian}[stranger]
    if stranger == "withdrawn":
        assert http("DELETE", f"/v1/guardianships/{child.person_id}", who=guardian).status == 200
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/records?kind=profile", None),
        ("PUT", "/profile", {"gender": "female"}),
        ("PUT", "/age", {"birth_date": born(12).isoformat()}),
        ("DELETE", "/profile/residence", None),
        ("DELETE", "/posts/pst_aaaaaaaaaaaaaaaaaaaaaaaaaa", None),
        ("PUT", "/limits", {"purposes": []}),
        ("GET", "/cancellation", None),
        ("POST", "/cancellation", {"plan_hash": "0" * 64, "receipt": RECEIPT}),
    ):
        answer = http(method, f"/v1/wards/{child.person_id}{path}", body, who=who)
        assert (answer.status, answer.code) == (404, "request.not_found"), path


@pytest.mark.promise("M2.2")
def test_a_guardian_corrects_and_deletes(http: Http, guardian: Someone, child: Someone):
    path = f"/v1/wards/{child.person_id}"
    fixed = http("PUT", f"{path}/profile", {"residence": "杭州", "gender": "female", "nickname": "小小"}, who=guardian)
    assert fixed.status == 200, fixed.text
    mine = http("GET", "/v1/profile", who=child).json
    assert (mine["residence"], mine["gender"], mine["nickname"]) == ("杭州", "female", "小小")
    assert http("DELETE", f"{path}/profile/residence", who=guardian).json["residence"] is None
    assert http("DELETE", f"{path}/profile/mobile", who=guardian).status == 404
    aged = http("PUT", f"{path}/age", {"birth_date": born(12).isoformat()}, who=guardian)
    assert aged.status == 200
    minor = minor_of(child)
    assert minor is None or minor.told_by == "declared"


@pytest.mark.promise("M1.2", "M2.2")
def test_a_guardian_puts_an_age_right_that_the_authority_has_not_settled(http: Http, guardian: Someone):
    child = make_minor(9)
    agreed(http, guardian, child)
    aged = http("PUT", f"/v1/wards/{child.person_id}/age", {"birth_date": born(12).isoformat()}, who=guardian)
    assert (aged.status, aged.json["known_from"], aged.json["guarded"]) == (200, "guardian", "child")
    said = http("POST", "/v1/guardianships/age", {"birth_date": born(10).isoformat()}, who=child)
    assert said.code == "minors.age_settled"


@pytest.mark.promise("M2.2")
def test_a_guardian_takes_a_post_away(http: Http, town: Town, guardian: Someone, child: Someone):
    body = {"text": "我的第一个模型", "affirmed_others": True}
    post = http("POST", "/v1/posts", body, who=child, headers=key())
    assert post.status == 201
    town.settle()
    path = f"/v1/posts/{post.json['post_id']}"
    assert http("GET", path).status == 200
    assert http("DELETE", f"/v1/wards/{child.person_id}{path[3:]}", who=guardian).status == 204
    assert http("GET", path).status == 404


@pytest.mark.promise("M2.2")
def test_a_guardian_cancels_the_account_as_previewed(http: Http, guardian: Someone, child: Someone):
    path = f"/v1/wards/{child.person_id}/cancellation"
    preview = http("GET", path, who=guardian).json
    body = {"plan_hash": preview["plan_hash"], "receipt": RECEIPT}
    assert http("POST", path, {**body, "plan_hash": "0" * 64}, who=guardian).code == "rights.plan_changed"
    assert http("POST", path, body, who=guardian).status == 202
    row = access.load(child.person_id)
    assert row is not None
    assert row.status == CLOSING
    assert http("GET", f"/v1/wards/{child.person_id}", who=guardian).status == 404


def test_a_guardian_gives_no_consent_in_the_childs_place(http: Http, guardian: Someone, child: Someone):
    http("DELETE", "/v1/consents/account.membership", who=child)
    answer = http("PUT", f"/v1/wards/{child.person_id}/profile", {"residence": "杭州"}, who=guardian)
    assert answer.code == "consent.required"
    assert http("POST", "/v1/consents", answer_body(), who=child).status == 200
