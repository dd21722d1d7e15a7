"""The built package, made once for all tests that look into it."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.package.build import ROOT, Package, build


@pytest.fixture(scope="session")
def package() -> Package:
    """Build the package of stage `test` as it would be deployed."""
    return build("test")


@pytest.fixture(scope="session")
def template(package: Package) -> dict[str, Any]:
    """Give the final template."""
    read: dict[str, Any] = json.loads(package.template.read_text())
    return read


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    """Give the template's resources."""
    found: dict[str, Any] = template["Resources"]
    return found


def policies() -> dict[str, list[dict[str, Any]]]:
    """Read the statements of every function's policy, by the function's name."""
    files = sorted((Path(ROOT) / "policies" / "iam").glob("*.json"))
    return {file.stem: json.loads(file.read_text())["Statement"] for file in files}


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Give the properties of every resource of a kind."""
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}
