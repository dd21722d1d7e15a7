"""The gateway in front of the functions: one stage, what it refuses itself, how much it takes."""

import json
import re
from typing import Any

import msgspec
import pytest

from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.web.cors import SENT
from chalicelib.foundation.web.problem import Problem
from chalicelib.foundation.web.versions import ClientTooOld, refuse_old_client
from infra.package.build import ROOT
from tests.support.packages import of_type

pytestmark = pytest.mark.timeout(600)  # the first build fetches every wheel

MOST_PATH_NODES = 270  # of API Gateway's 300


def test_what_the_gateway_refuses_looks_like_what_we_refuse(resources: dict[str, Any]):
    responses = resources["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "INTEGRATION_FAILURE", "THROTTLED"} <= responses.keys()
    for response in responses.values():
        assert response["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"
        assert response["ResponseParameters"]["Headers"]["Cache-Control"] == "'no-store'"
        (body,) = response["ResponseTemplates"].values()
        said = msgspec.json.decode(body)
        assert said.get("status") == response.get("StatusCode"), "the status in the body is the one that is sent"
        whole = msgspec.convert({"status": 400, **said}, type=Problem, strict=True)
        assert whole.request_id == "$context.requestId"
        assert whole.type == f"urn:jule:problem:{whole.code}"


@pytest.mark.parametrize("kind", ["DEFAULT_4XX", "DEFAULT_5XX"])
def test_a_default_changes_no_status_and_names_none(resources: dict[str, Any], kind: str):
    response = resources["RestAPI"]["Properties"]["GatewayResponses"][kind]
    assert "StatusCode" not in response
    assert "status" not in json.loads(response["ResponseTemplates"]["application/json"])


@pytest.mark.parametrize("kind", ["MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "RESOURCE_NOT_FOUND"])
def test_a_path_that_does_not_exist_is_not_found_with_or_without_a_session(resources: dict[str, Any], kind: str):
    response = resources["RestAPI"]["Properties"]["GatewayResponses"][kind]
    assert response["StatusCode"] == 404
    assert json.loads(response["ResponseTemplates"]["application/json"])["code"] == "request.not_found"


def test_the_api_is_regional_and_traces_no_bodies(resources: dict[str, Any]):
    api = resources["RestAPI"]["Properties"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    assert all(one["DataTraceEnabled"] is False for one in api["MethodSettings"])


def test_the_api_has_the_one_stage_that_we_set(template: dict[str, Any], resources: dict[str, Any]):
    apis = of_type(resources, "AWS::Serverless::Api")
    assert [api["StageName"] for api in apis.values()] == ["api"]
    assert of_type(resources, "AWS::ApiGateway::Stage") == {}
    # Without it SAM deploys to a second stage of its own, called "Stage": public, without our throttling.
    assert template["Globals"]["Api"] == {"OpenApiVersion": "2.0"}


def test_paths_stay_below_what_a_gateway_takes(resources: dict[str, Any]):
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    nodes = {tuple(path.split("/")[: end + 1]) for path in paths for end in range(1, len(path.split("/")))}
    assert 0 < len(nodes) <= MOST_PATH_NODES


def test_a_browser_may_call_every_path_from_the_website_and_from_nowhere_else(resources: dict[str, Any]):
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    assert paths
    for path, methods in paths.items():
        stated = methods["options"]["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
        said = {name.removeprefix("method.response.header.Access-Control-"): value for name, value in stated.items()}
        assert said["Allow-Origin"] == {"Fn::Sub": "'${WebOrigin}'"}, path
        allowed = set(said["Allow-Methods"].strip("'").split(","))
        assert allowed == {method.upper() for method in methods}, path
        assert set(SENT) <= set(said["Allow-Headers"].strip("'").split(",")), path
        assert said["Allow-Credentials"] == "'true'"


def test_a_function_knows_the_website_as_the_gateway_does(resources: dict[str, Any]):
    assert resources["APIHandler"]["Properties"]["Environment"]["Variables"]["WEB_ORIGIN"] == {"Ref": "WebOrigin"}
    for response in resources["RestAPI"]["Properties"]["GatewayResponses"].values():
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == {"Fn::Sub": "'${WebOrigin}'"}
        assert (headers["Access-Control-Allow-Credentials"], headers["Vary"]) == ("'true'", "'Origin'")


def test_every_header_that_is_read_may_be_sent_from_a_browser():
    read = re.compile(r"headers\.get\(\s*\"([a-z-]+)\"")
    web = (ROOT / "chalicelib" / "foundation" / "web").glob("*.py")
    asked = {name for file in web for name in read.findall(file.read_text())}
    by_itself = {"cookie", "origin", "sec-fetch-site"}  # which a browser adds, and no script can
    assert {"authorization", "idempotency-key", "x-client"} <= asked <= {name.lower() for name in SENT} | by_itself


def test_the_oldest_clients_are_named_as_the_edge_reads_them(template: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    allowed = re.compile(template["Parameters"]["ClientMinimum"]["AllowedPattern"])
    assert allowed.fullmatch("")
    for wrong in ("app=1.4", "app/1", "ios/1.4", "app/1.4,", "app/1.4;wxmp/1.2"):
        assert not allowed.fullmatch(wrong), wrong
    for stated in ("app/1.4", "app/1.4,wxmp/1.2", "web/1.0, app/1.4.2"):
        assert allowed.fullmatch(stated), stated
        monkeypatch.setenv("CLIENT_MINIMUM", stated)
        reset_config()
        with pytest.raises(ClientTooOld):
            refuse_old_client("app/1.3.9")
    reset_config()
