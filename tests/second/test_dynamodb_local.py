"""AWS's own emulator takes every expression that the product makes: each route, each job, an erasure."""

import pytest

from chalicelib.foundation.store.planner import traverse
from chalicelib.foundation.vault import clients
from chalicelib.foundation.web.route import Route
from chalicelib.foundation.work.sweeps import resend_outbox, seal_evidence
from chalicelib.orders.jobs import close_unpaid
from chalicelib.rights.jobs import continue_erasures, sweep_retention
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.leaving import leave, traces
from tests.support.lives import MOBILE
from tests.support.photographs import jpeg
from tests.support.publishing import Town
from tests.support.recipes import RECIPES, Asked, Scene
from tests.support.routes import ROUTES, named
from tests.support.schedules import tick
from tests.support.trading import Shop, key

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.fixture
def scene(shop: Shop, town: Town) -> Scene:
    """Give an owner and their world, over there."""
    assert clients.client("dynamodb").meta.endpoint_url == town.cloud.environment["AWS_ENDPOINT_URL_DYNAMODB"]
    return Scene(shop, town)


def send(scene: Scene, route: Route, asked: Asked) -> int:
    """Send what a recipe says, as its owner."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", asked.ids[name])
    given = {**key(), **asked.headers}
    path += asked.query
    return scene.http(route.method, path, asked.body, raw=asked.raw, who=scene.owner, headers=given).status


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_every_route_does_its_work(scene: Scene, route: Route):
    assert send(scene, route, RECIPES[named(route)](scene)) == route.status


def test_a_life_is_lived_and_erased(scene: Scene, cloud: TestCloud, hands: Hands):
    order_id = scene.order("paid", "shipped", "receive").ids["order_id"]
    scene.comment()
    scene.message()
    scene.copy(made=True)
    scene.town.picture(scene.owner, jpeg())
    scene.town.settle()
    leave(scene.owner).finish()
    assert list(traverse(scene.owner.person_id)) == []
    assert traces(cloud, scene.owner, MOBILE) == []
    assert [row["pk"]["S"] for row in cloud.items("trade") if row["kind"]["S"] == "order"].count(order_id) == 1
    hands.by(days=3 * 366 + 1)
    tick(sweep_retention)
    assert cloud.items("trade") == []


@pytest.mark.parametrize("job", [close_unpaid, continue_erasures, resend_outbox, seal_evidence, sweep_retention])
def test_every_schedule_does_its_work(scene: Scene, hands: Hands, job):
    scene.order()
    scene.post()
    scene.copy(made=True)
    hands.by(days=8)
    tick(job)
