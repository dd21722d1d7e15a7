"""Account recovery through the API: the same answer for everybody, a limit for each address, and no name in it."""

import pytest

from chalicelib.accounts.tables.recovery import recovery_of
from tests.support.accounts import new_mobile, new_name
from tests.support.identities import number_from
from tests.support.publishing import Town
from tests.support.recipes import Scene
from tests.support.trading import Shop


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    return Scene(shop, town)


def begin(scene: Scene, **changes: str):
    asked = scene.lost()
    return scene.http("POST", "/v1/recovery", {**asked.body, **changes})


@pytest.mark.promise("B6.3")
def test_right_wrong_and_unknown_answer_alike(scene):
    owner = scene.owner
    answers = [
        begin(scene, account=new_name()),
        begin(scene, account=new_mobile()),
        begin(scene, name="李四"),
        begin(scene, number=number_from()),
    ]
    assert recovery_of(owner.person_id) is None
    answers.append(begin(scene))
    assert recovery_of(owner.person_id) is not None
    assert {one.status for one in answers} == {202}
    assert len({frozenset(one.json) for one in answers}) == 1
    assert len({(one.json["wait_h"], one.json["finish_within_d"], len(one.json["reference"])) for one in answers}) == 1
    assert all(mark not in one.text for one in answers for mark in scene.marks)


@pytest.mark.promise("B6.3")
def test_an_address_has_so_many_tries_a_day(scene):
    asked = scene.lost().body
    for _ in range(10):
        assert scene.http("POST", "/v1/recovery", {**asked, "code": "000000"}).code == "accounts.code_invalid"
    assert scene.http("POST", "/v1/recovery", asked).status == 429


@pytest.mark.promise("A4.1")
def test_without_the_notice_as_published_nothing_leaves(scene):
    asked = scene.lost().body
    spoiled = {**asked["notice"], "sha256": "0" * 64}
    before = scene.shop.providers.control("GET", "/state")
    answer = scene.http("POST", "/v1/recovery", {**asked, "notice": spoiled})
    assert 400 <= answer.status < 500, answer.text
    assert recovery_of(scene.owner.person_id) is None
    assert scene.shop.providers.control("GET", "/state") == before


@pytest.mark.promise("B6.5")
def test_before_the_wait_there_is_nothing_to_finish(scene):
    asked = scene.waited().body
    early = {**asked, "account": new_name()}
    assert scene.http("POST", "/v1/recovery/finish", early).status == 404
    assert scene.http("POST", "/v1/recovery/finish", asked).status == 204
    assert scene.http("GET", "/v1/accounts/me", who=scene.owner).status == 401
