"""The API's own description: valid, fresh, whole, and true to what the routes declare."""

import json
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.foundation.web.openapi import failures_of
from chalicelib.foundation.web.problem import CONTENT_TYPE, STATUS
from chalicelib.foundation.web.route import Route, Who
from infra.openapi import TARGET
from infra.tree import ROOT
from tests.support.routes import ROUTES, named

DOCUMENT: dict[str, Any] = json.loads(TARGET.read_text())


def operation(route: Route) -> dict[str, Any]:
    """Find what is said of a route."""
    said: dict[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return said


def test_the_committed_description_is_valid_openapi():
    assert [str(fault) for fault in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_the_committed_description_is_what_the_routes_say():
    """In a process of its own: tests register routes of theirs."""
    ran = subprocess.run([sys.executable, "-m", "infra.openapi", "--check"], cwd=ROOT, check=False)
    assert ran.returncode == 0


def test_every_route_is_described_once_and_nothing_else_is():
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    ids = [one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_is_described_as_it_behaves(route: Route):
    said = operation(route)
    assert said["summary"].endswith(".")
    known = {Who.PERSON: [{"session": []}, {"cookie": []}], Who.STAFF: [{"staff": []}]}
    assert said.get("security", []) == known.get(route.who, [])
    assert said.get("x-roles", []) == [str(role) for role in route.roles]
    assert ("requestBody" in said) == (route.body is not None or route.form is not None)
    declared = {place: [p["name"] for p in said["parameters"] if p["in"] == place] for place in ("path", "header")}
    assert declared["path"] == route.parameters
    assert ("Idempotency-Key" in declared["header"], "If-Match" in declared["header"]) == (
        route.idempotent,
        route.if_match,
    )
    named = {p["name"]: p["required"] for p in said["parameters"] if p["name"] in {"X-Client", "X-Device"}}
    assert named == ({} if route.who is Who.PROVIDER else dict.fromkeys(("X-Client", "X-Device"), route.on_record))
    for failure in failures_of(route):
        assert failure.code in said["responses"][str(STATUS[failure.kind])]["description"]
    good = said["responses"][str(route.status)].get("headers", {})
    assert ("RateLimit" in good, "Idempotency-Replayed" in good) == (bool(route.limits), route.idempotent)
    assert not route.if_match or "ETag" in good
    refusals = [one for status, one in said["responses"].items() if status[0] in "45"]
    assert all(CONTENT_TYPE in one["content"] for one in refusals)


def test_a_code_names_one_failure_everywhere():
    codes: dict[str, set[object]] = {}
    for failure in (one for route in ROUTES for one in failures_of(route)):
        codes.setdefault(failure.code, set()).add(failure)
    assert [code for code, classes in codes.items() if len(classes) > 1] == []
