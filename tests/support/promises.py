"""Notes how every test that carries a promise ended, on which exact tree, for `make promises`.

Results add up over several runs of one tree, so a run of one file never erases what the whole suite has shown.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.tree import tree_hash

RECORD = Path("build") / "promise-tests.json"
_WORSE = {"passed": 0, "skipped": 1, "failed": 2}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promise-map", metavar="FILE", help="write which tests carry which promises, then stop")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.rootpath), "promise-recorder")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    for item in items:
        if promised := promises_of(item):
            item.user_properties += [("promises", promised), ("node", item.nodeid)]  # xdist renames nodes later


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    target = session.config.getoption("--promise-map")
    if target:
        carried = {item.nodeid: promised for item in session.items if (promised := promises_of(item))}
        Path(target).write_text(json.dumps(carried, indent=1, sort_keys=True))


def promises_of(item: pytest.Item) -> list[str]:
    """Name the promises a test carries, from its class and module too."""
    return sorted({promise for mark in item.iter_markers("promise") for promise in mark.args})


class Recorder:
    """Gathers outcomes in the controlling process, whether or not workers run the tests."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tree = ""
        self._seen: dict[str, str] = {}

    def pytest_sessionstart(self) -> None:
        self._tree = tree_hash(self._root)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        noted = dict(report.user_properties)
        if noted.get("promises"):
            node = str(noted["node"])
            before = self._seen.get(node, "passed")
            self._seen[node] = max(before, report.outcome, key=_WORSE.__getitem__)

    def pytest_sessionfinish(self) -> None:
        """Write the record, unless a file changed while the tests ran: then they prove nothing."""
        if self._seen and tree_hash(self._root) == self._tree:
            write_record(self._root / RECORD, self._tree, self._seen)


def write_record(path: Path, tree: str, seen: dict[str, str]) -> None:
    """Add outcomes to those of earlier runs of the same tree."""
    known = json.loads(path.read_text()) if path.exists() else {}
    earlier = known.get("tests", {}) if known.get("tree") == tree else {}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"tree": tree, "tests": {**earlier, **seen}}, indent=1, sort_keys=True) + "\n")
