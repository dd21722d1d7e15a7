"""What a function is told beside what all are told, secrets above all, is what code within its reach can ask for."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import grimp
import pytest

from app import JOBS
from infra.local.template import load
from infra.package.build import ROOT

TEMPLATE = load(ROOT / "infra" / "resources.yaml")


def told(function: str) -> set[str]:
    logical = "".join(part.capitalize() for part in function.split("_"))
    return set(TEMPLATE["Resources"][logical]["Properties"].get("Environment", {}).get("Variables", {}))


def jobs() -> dict[str, ModuleType]:
    files = (ROOT / "policies" / "iam").glob("*.json")
    modules = [import_module(name) for name in JOBS]
    return {file.stem: module for file in files for module in modules if hasattr(module, file.stem)}


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("chalicelib")


def constants(module: str) -> set[str]:
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    nodes = ast.walk(ast.parse(Path(file).read_text()))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.promise("K4")
@pytest.mark.parametrize(("function", "module"), sorted(jobs().items(), key=lambda pair: pair[0]))
def test_a_job_is_told_no_more_than_its_code_can_ask_for(function: str, module: ModuleType):
    within_reach = {module.__name__, *graph().find_upstream_modules(module.__name__)}
    assert told(function) - set().union(*map(constants, within_reach)) == set()


def test_every_job_is_looked_at():
    assert len(jobs()) == len(list((ROOT / "policies" / "iam").glob("*.json"))) - 1  # the API is no job


def test_the_api_is_told_no_more_than_the_whole_product_can_ask_for():
    variables: dict[str, Any] = TEMPLATE["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    asked = set().union(*map(constants, graph().modules - {"chalicelib"}))
    assert set(variables) - asked == set()
