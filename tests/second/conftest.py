"""The same tests' surroundings, with tables in DynamoDB Local."""

from collections.abc import Iterator

import pytest

from chalicelib.foundation.vault import clients
from tests.support import second_opinion
from tests.support.cloud import TestCloud


@pytest.fixture(scope="session")
def opinion(provisioned: TestCloud) -> Iterator[TestCloud]:
    """Start and furnish it."""
    if not second_opinion.is_possible():
        pytest.skip("needs java and npm")
    with second_opinion.started() as url:
        second = second_opinion.OnDynamoDbLocal(provisioned, url)
        second_opinion.furnish(provisioned, second)
        yield second


@pytest.fixture
def cloud(opinion: TestCloud, cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestCloud]:
    """Give an empty local cloud whose tables are over there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", opinion.environment["AWS_ENDPOINT_URL_DYNAMODB"])
    clients.reset_clients()
    yield opinion
    opinion.empty({("dynamodb", name) for name in opinion.client("dynamodb").list_tables()["TableNames"]})
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    clients.reset_clients()
