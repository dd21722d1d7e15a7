"""What the China regions do not have: nothing that is deployed or called may stand on it."""

import json
import re
from typing import Any

from infra.tree import ROOT
from tests.support.packages import policies

TRACED = {"Fn::If": ["Traced", "Active", "PassThrough"]}
ABSENT = re.compile(r"^(cognito|ses|sns|xray|aoss|es)[-:]|MessageMoveTask", re.IGNORECASE)
"""Cognito, SES, SMS by SNS, X-Ray from Lambda, OpenSearch Serverless, redrive of dead letters."""


def test_traces_are_taken_only_where_the_parameter_says_so(template: dict[str, Any], resources: dict[str, Any]):
    assert template["Conditions"]["Traced"] == {"Fn::Equals": [{"Ref": "Tracing"}, "xray"]}
    assert template["Parameters"]["Tracing"]["Default"] == "off"
    functions = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Serverless::Function"]
    assert functions
    assert all(one["Tracing"] == TRACED for one in functions)
    assert resources["RestAPI"]["Properties"]["TracingEnabled"] == {"Fn::If": ["Traced", True, False]}
    tracing = [name for name, one in resources.items() if "xray:" in json.dumps(one)]
    assert tracing == ["TracingPolicy"]
    assert resources["TracingPolicy"]["Condition"] == "Traced"


def test_no_function_may_call_what_china_has_not():
    asked = {action for one in policies().values() for statement in one for action in statement["Action"]}
    assert [action for action in asked if ABSENT.search(action)] == []


def test_dead_letters_are_moved_by_no_call_of_aws():
    sources = [file for folder in ("chalicelib", "infra") for file in (ROOT / folder).rglob("*.py")]
    assert [file.name for file in sources if "MessageMoveTask" in file.read_text()] == []
    assert [file.name for file in sources if "message_move_task" in file.read_text()] == []


def test_nothing_is_served_from_the_edge(resources: dict[str, Any]):
    kinds = {one["Type"] for one in resources.values()}
    assert kinds & {"AWS::CloudFront::Distribution", "AWS::ApiGateway::DomainName", "AWS::WAFv2::WebACL"} == set()
    assert "EDGE" not in json.dumps(resources)
    assert resources["RestAPI"]["Properties"]["EndpointConfiguration"] == "REGIONAL"
