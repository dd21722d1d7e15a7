"""Each route times anonymous, owner and stranger: the same request, right but for who sends it."""

from typing import Any

import pytest

import app
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.web.decode import PREFIXES
from chalicelib.foundation.web.route import Route, Who
from tests.support.edges import Reply
from tests.support.lives import make_account
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.recipes import RECIPES, Asked, Scene
from tests.support.routes import ROUTES, named
from tests.support.trading import Shop, key

SHARED = {"POST /v1/posts/{post_id}/comments"}
"""What is there for everyone, though only people may use it."""
CHOSEN = {"purpose"}
"""Parameters that name no thing of anybody's."""
TAKEN = {
    "POST /v1/cancellation": 409,
    "PUT /v1/accounts/mobile": 422,
    "POST /v1/sessions/reauthentication/by-code": 422,
}
"""Where the owner's own words and codes are no good to a stranger."""
UNDESCRIBED = {"/openapi.json"}
PERSONAL = [route for route in ROUTES if route.who is Who.PERSON]
OWNED = [route for route in PERSONAL if {*route.parameters} - CHOSEN and named(route) not in SHARED]
COMMON = [route for route in PERSONAL if route not in OWNED]
OPEN = [route for route in ROUTES if route.who is Who.GUEST]


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    """Give an owner and their world."""
    return Scene(shop, town)


@pytest.fixture
def stranger(scene: Scene) -> Someone:
    """Give somebody with an account of the same kind, who has just proved who they are."""
    return make_account("+8613900000002", "路人乙")


def send(scene: Scene, route: Route, asked: Asked, who: Someone | None = None, **headers: str) -> Reply:
    """Send what a recipe says."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", asked.ids[name])
    given = {**key(), **asked.headers, **headers}
    return scene.http(route.method, path, asked.body, raw=asked.raw, who=who, headers=given)


def nobodys(asked: Asked) -> Asked:
    """Ask the same of things that nobody has."""
    return Asked({name: new_id(PREFIXES[name]) for name in asked.ids}, asked.body, asked.raw, asked.headers)


def told(answer: Reply) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Give what an answer tells, but for what differs from one request to the next."""
    body = {name: value for name, value in answer.json.items() if name != "request_id"}
    passing = {"X-Request-Id", "RateLimit"}
    return answer.status, body, {name: value for name, value in answer.headers.items() if name not in passing}


def test_every_route_has_a_recipe_and_every_recipe_a_route():
    assert {named(route) for route in ROUTES} == RECIPES.keys()
    served = {f"{method} {path}" for path, methods in app.app.routes.items() for method in methods}
    assert {one.partition(" ")[2] for one in served - RECIPES.keys()} == UNDESCRIBED
    assert served >= RECIPES.keys()


@pytest.mark.promise("K4.3", "K4.4", "D5.1")
@pytest.mark.parametrize("route", OWNED, ids=named)
def test_what_is_somebodys_is_theirs_alone(scene: Scene, stranger: Someone, route: Route):
    asked = RECIPES[named(route)](scene)
    anonymous = send(scene, route, asked)
    assert (anonymous.status, anonymous.code) == (401, "session.invalid")
    theirs = send(scene, route, asked, stranger)
    assert theirs.status == 404
    assert told(theirs) == told(send(scene, route, nobodys(asked), stranger))
    own = send(scene, route, asked, scene.owner)
    assert own.status == route.status, own.text


@pytest.mark.promise("K4.3", "K4.4")
@pytest.mark.parametrize("route", COMMON, ids=named)
def test_what_everyone_has_shows_each_their_own(scene: Scene, stranger: Someone, route: Route):
    asked = RECIPES[named(route)](scene)
    anonymous = send(scene, route, asked)
    assert (anonymous.status, anonymous.code) == (401, "session.invalid")
    own = send(scene, route, asked, scene.owner)
    assert own.status == route.status, own.text
    theirs = send(scene, route, asked, stranger)
    assert theirs.status == TAKEN.get(named(route), route.status), theirs.text
    hidden = {*scene.marks, *(asked.ids[name] for name in {*asked.ids} - CHOSEN)}
    assert [mark for mark in hidden if mark in theirs.text + str(theirs.headers)] == []


@pytest.mark.promise("A1")
@pytest.mark.parametrize("route", OPEN, ids=named)
def test_what_is_open_to_guests_asks_for_no_session_and_is_the_same_with_one(
    scene: Scene, stranger: Someone, route: Route
):
    asked = RECIPES[named(route)](scene)
    anonymous = send(scene, route, asked, Authorization="Bearer nonsense")
    assert anonymous.status == route.status, anonymous.text
    if route.method == "GET":
        assert scene.owner.person_id not in anonymous.text
        for who in (None, scene.owner, stranger):
            same = send(scene, route, asked, who)
            assert (same.status, same.text) == (anonymous.status, anonymous.text)


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("route", [route for route in ROUTES if route.who is Who.PROVIDER], ids=named)
def test_a_provider_is_known_by_its_signature_and_by_no_session(scene: Scene, stranger: Someone, route: Route):
    asked = RECIPES[named(route)](scene)
    for who in (None, scene.owner, stranger):
        unsigned = send(scene, route, Asked(raw=asked.raw), who)
        assert 400 <= unsigned.status < 500, unsigned.text
    assert send(scene, route, asked).status == route.status
