"""Results count for the sources they came from: whatever a result depends on changes the tree."""

import subprocess
from pathlib import Path

import pytest

from infra.tree import tree_hash

SOURCES = (
    "app.py",
    "chalicelib/orders/rules.py",
    "infra/resources.yaml",
    "policies/iam/api_handler.json",
    "tests/unit/test_x.py",
    ".chalice/config.json",
    "pyproject.toml",
    "requirements.in",
    "requirements.txt",
    "requirements-media.txt",
    "requirements-cloud.txt",
    "requirements-dev.txt",
    "Makefile",
    "docs/openapi.json",
    "docs/verify_certificate.py",
    "README.md",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name in (*SOURCES, "build/left.txt", "CHANGELOG.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    (root / ".gitignore").write_text("build/\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_changes_is_another_tree(project: Path, name: str):
    before = tree_hash(project)
    (project / name).write_text("2")
    assert tree_hash(project) != before
    (project / name).write_text("1")
    assert tree_hash(project) == before


@pytest.mark.parametrize("name", ["build/left.txt", "CHANGELOG.md"])
def test_what_no_result_depends_on_does_not(project: Path, name: str):
    before = tree_hash(project)
    (project / name).write_text(f"{name}, changed")
    assert tree_hash(project) == before
