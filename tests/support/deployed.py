"""The deployed stack as its clients and a man with every privilege see it, shared by all tests that need it."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from infra.demo.life import Story
from infra.demo.play import play
from infra.demo.world import World, of_running
from infra.local.stack import LocalStack, running

TIERS = {"deployed", "journeys", "fuzz"}


def tier_of(nodeid: str) -> str:
    """Name the folder under tests/ that a test lies in."""
    return nodeid.split("/")[1] if nodeid.startswith("tests/") else ""


class OneStack(LoadScopeScheduling):
    """Has one worker run all that needs the stack, which is one; each other test goes to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return "deployed" if tier_of(nodeid) in TIERS else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that needs the stack where no worker is kept for it: it would start another."""
    needing = [item.nodeid for item in items if "stack" in getattr(item, "fixturenames", ())]
    if astray := [nodeid for nodeid in needing if tier_of(nodeid) not in TIERS]:
        raise pytest.UsageError(f"needs the deployed stack, and belongs into one of {sorted(TIERS)}: {astray[0]}")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneStack:
    """Say who runs what; xdist's own groups hang on ids of tests that this pytest no longer lets it change."""
    return OneStack(config, log)


@pytest.fixture(scope="session")
def world(stack: LocalStack) -> World:
    """Give what the demo touches: API, counterparties, raw cloud."""
    found = running(stack.folder)
    assert found is not None
    return of_running(found, stack.folder)


@pytest.fixture(scope="session")
def story(world: World) -> Story:
    """Play one person's life once, up to the first step that goes wrong."""
    return play(world)
