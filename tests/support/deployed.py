"""The deployed stack as its clients and a man with every privilege see it, shared by all tests marked `deployed`."""

import pytest

from infra.demo.life import Story
from infra.demo.play import play
from infra.demo.world import World, of_running
from infra.local.stack import LocalStack, running


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker run all that needs the stack, which is one; xdist reads the groups after this."""
    for item in items:
        if item.get_closest_marker("deployed"):
            item.add_marker(pytest.mark.xdist_group("deployed"))


@pytest.fixture(scope="session")
def world(stack: LocalStack) -> World:
    """Give what the demo touches: API, counterparties, raw cloud."""
    found = running(stack.folder)
    assert found is not None
    return of_running(found)


@pytest.fixture(scope="session")
def story(world: World) -> Story:
    """Play one person's life once, up to the first step that goes wrong."""
    return play(world)
