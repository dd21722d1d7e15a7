"""Each route times anonymous, owner, stranger and each role of staff: the same request, right but for who sends it."""

from typing import Any

import pytest

import app
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.web.decode import PREFIXES
from chalicelib.foundation.web.route import Route, Who
from tests.support.edges import Reply
from tests.support.lives import make_account
from tests.support.minor_recipes import AT_THE_DESK_FOR_MINORS
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.recipes import AT_THE_DESK, RECIPES, Asked, Scene
from tests.support.routes import OF_STAFF, ROUTES, named
from tests.support.staff import Official
from tests.support.trading import Shop, key

SHARED = {"POST /v1/posts/{post_id}/comments"}
"""What is there for everyone, though only people may use it."""
CHOSEN = {"purpose", "field"}
"""Parameters that name no thing of anybody's."""
TAKEN = {
    "POST /v1/cancellation": 409,
    "POST /v1/merges": 403,
    "PUT /v1/bindings/wechat": 403,
    "PUT /v1/bindings/apple": 403,
    "DELETE /v1/bindings/wechat": 404,
    "DELETE /v1/bindings/apple": 404,
    "POST /v1/profile/email/codes": 429,
    "POST /v1/guardianships/invitations": 409,
    "POST /v1/guardianships": 403,
    "POST /v1/guardianships/claims": 403,
    "PUT /v1/profile/avatar": 422,
    "PUT /v1/profile/email": 422,
    "PUT /v1/profile/visibility": 403,
    "POST /v1/verification/name": 403,
    "POST /v1/verification/face": 403,
    "POST /v1/verification/face/result": 403,
    "PUT /v1/accounts/mobile": 422,
    "POST /v1/sessions/reauthentication/by-code": 422,
}
"""Where the owner's own words and codes, or what the owner agreed to, are no good to a stranger."""
UNDESCRIBED = {"/openapi.json"}
LOOKED_AFTER = AT_THE_DESK | AT_THE_DESK_FOR_MINORS
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


def send(scene: Scene, route: Route, asked: Asked, who: Someone | Official | None = None, **headers: str) -> Reply:
    """Send what a recipe says."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", asked.ids[name])
    given = {**key(), **asked.headers, **headers}
    return scene.http(route.method, path + asked.query, asked.body, raw=asked.raw, who=who, headers=given)


def nobodys(asked: Asked) -> Asked:
    """Ask the same of things that nobody has."""
    return Asked(
        {name: new_id(PREFIXES[name]) if name in PREFIXES else of for name, of in asked.ids.items()},
        asked.body,
        asked.raw,
        asked.headers,
    )


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
        for who in (None, scene.owner, stranger, scene.official(*Role)):
            same = send(scene, route, asked, who)
            assert (same.status, same.text) == (anonymous.status, anonymous.text)


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("route", [route for route in ROUTES if route.who is Who.PROVIDER], ids=named)
def test_a_provider_is_known_by_its_signature_and_by_no_session(scene: Scene, stranger: Someone, route: Route):
    asked = RECIPES[named(route)](scene)
    for who in (None, scene.owner, stranger, scene.official(*Role)):
        unsigned = send(scene, route, Asked(raw=asked.raw), who)
        assert 400 <= unsigned.status < 500, unsigned.text
    assert send(scene, route, asked).status == route.status


@pytest.mark.promise("K4.6")
@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_what_is_peoples_knows_no_staff(scene: Scene, route: Route):
    asked = RECIPES[named(route)](scene)
    for role in Role:
        answer = send(scene, route, asked, scene.official(role))
        assert (answer.status, answer.code) == (401, "session.invalid"), role


@pytest.mark.promise("K4.3", "K4.6")
@pytest.mark.parametrize("route", OF_STAFF, ids=named)
def test_what_is_of_staff_opens_to_the_declared_roles_and_to_nobody_else(scene: Scene, stranger: Someone, route: Route):
    asked = RECIPES[named(route)](scene)
    for who in (None, scene.owner, stranger):
        outside = send(scene, route, asked, who)
        assert (outside.status, outside.code) == (401, "session.invalid")
    for role in set(Role) - set(route.roles):
        other = send(scene, route, asked, scene.official(role))
        assert (other.status, other.code) == (403, "staff.role_missing"), role
    none = send(scene, route, asked, scene.official())
    assert (none.status, none.code) == (403, "staff.role_missing")
    for role in route.roles:
        mine = scene.official(role)
        recipe = LOOKED_AFTER.get(named(route))
        own = send(scene, route, recipe(scene, mine) if recipe else RECIPES[named(route)](scene), mine)
        assert own.status == route.status, (role, own.text)


@pytest.mark.promise("K7.1")
@pytest.mark.parametrize("route", [route for route in OF_STAFF if route.trained], ids=named)
def test_what_opens_personal_data_is_closed_to_the_untrained(scene: Scene, route: Route):
    asked = RECIPES[named(route)](scene)
    for role in route.roles:
        answer = send(scene, route, asked, scene.official(role, trained=False))
        assert (answer.status, answer.code) == (403, "staff.training_missing"), role


@pytest.mark.parametrize("route", [route for route in OF_STAFF if route.parameters], ids=named)
def test_what_is_not_there_is_missing_to_staff_too(scene: Scene, route: Route):
    asked = nobodys(RECIPES[named(route)](scene))
    assert send(scene, route, asked, scene.official(*route.roles)).status == 404


@pytest.mark.promise("K4.6")
@pytest.mark.parametrize(
    "route", [route for route in OF_STAFF if route.parameters and named(route) in LOOKED_AFTER], ids=named
)
def test_what_somebody_else_looks_after_is_not_ones_own(scene: Scene, route: Route):
    asked = LOOKED_AFTER[named(route)](scene, scene.official(*route.roles))
    answer = send(scene, route, asked, scene.official(*route.roles))
    if "take" not in route.path:
        assert (answer.status, answer.code) == (403, "support.not_assigned")
