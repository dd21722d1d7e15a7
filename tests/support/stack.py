"""The packaged stack on a local cloud, deployed once for all tests that reach it over HTTP."""

from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give the product as deployed, with its counterparties."""
    with LocalStack(tmp_path_factory.mktemp("stack"), stage="test") as started:
        yield started
