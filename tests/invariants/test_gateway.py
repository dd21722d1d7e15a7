"""The gateway in front of the functions: one stage, what it refuses itself, how much it takes."""

from typing import Any

import msgspec
import pytest

from chalicelib.foundation.web.problem import Problem
from tests.support.packages import of_type

pytestmark = pytest.mark.timeout(600)  # the first build fetches every wheel

MOST_PATH_NODES = 270  # of API Gateway's 300


def test_what_the_gateway_refuses_looks_like_what_we_refuse(resources: dict[str, Any]):
    responses = resources["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"} <= responses.keys()
    for kind, response in responses.items():
        assert response["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"
        assert response["ResponseParameters"]["Headers"]["Cache-Control"] == "'no-store'"
        (body,) = response["ResponseTemplates"].values()
        said = msgspec.json.decode(body, type=Problem, strict=True)
        assert said.request_id == "$context.requestId"
        assert said.type == f"urn:jule:problem:{said.code}"
        assert said.status == response.get("StatusCode", {"DEFAULT_4XX": 400, "DEFAULT_5XX": 500}.get(kind))


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
