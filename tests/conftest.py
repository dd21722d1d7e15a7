"""What every test stands on: tiers by folder, a local cloud for those that need one, no network for the rest."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.settings import shut_out_the_world

pytest_plugins = [
    "tests.support.calls",
    "tests.support.clocks",
    "tests.support.cloud",
    "tests.support.counterparties",
    "tests.support.deployed",
    "tests.support.edges",
    "tests.support.faults",
    "tests.support.packages",
    "tests.support.permissions",
    "tests.support.promises",
    "tests.support.trading",
    "tests.support.publishing",
    "tests.support.stack",
    "tests.support.wire",
]

TESTS = Path(__file__).parent
OFFLINE = {"unit"}
ON_THE_CLOUD = {"service", "api", "jobs", "faults"}

shut_out_the_world()
settings.register_profile("jule", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("ci", settings.get_profile("jule"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "jule")


def tier(item: pytest.Item) -> str:
    """Name the folder under tests/ that an item lies in."""
    return item.path.relative_to(TESTS).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each tier its surroundings."""
    for item in items:
        if tier(item) in OFFLINE:
            item.add_marker("disable_socket")
    items.sort(key=lambda item: tier(item) == "fuzz")  # it uses up what one address may do


@pytest.fixture(autouse=True)
def _surroundings(request: pytest.FixtureRequest) -> None:
    """Give every test of a tier that needs it an empty local cloud, asked for by name or not."""
    if tier(request.node) in ON_THE_CLOUD:
        request.getfixturevalue("cloud")
