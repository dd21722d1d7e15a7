"""Reading CloudFormation without a cloud: both spellings, and what its functions say; and how a stage's is finished."""

import json
from pathlib import Path

import pytest

from infra.local.template import Resolver, load
from infra.package.template import finish

SHORT = """
Parameters:
  Stage: {Type: String, Default: local}
Conditions:
  Live: !Equals [!Ref Stage, prod]
Resources:
  One:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "jule-${Stage}-one"
      Arn: !GetAtt Two.Arn
"""


def _resolver(**values: str) -> Resolver:
    template = {
        "Parameters": {"Stage": {"Default": "local"}},
        "Conditions": {
            "Live": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "Idle": {"Fn::Not": [{"Condition": "Live"}]},
        },
    }
    return Resolver(template, values)


def test_short_form_reads_like_long_form(tmp_path: Path):
    (tmp_path / "t.yaml").write_text(SHORT)
    one = load(tmp_path / "t.yaml")["Resources"]["One"]["Properties"]
    assert one == {"QueueName": {"Fn::Sub": "jule-${Stage}-one"}, "Arn": {"Fn::GetAtt": ["Two", "Arn"]}}


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Stage"}, "local"),
        ({"Fn::Sub": "jule-${Stage}-${!Literal}"}, "jule-local-${Literal}"),
        ({"Fn::Sub": ["${A}/${Stage}", {"A": {"Ref": "Stage"}}]}, "local/local"),
        ({"Fn::Sub": "${Two.Arn}"}, "the-arn"),
        ({"Fn::GetAtt": ["Two", "Arn"]}, "the-arn"),
        ({"Fn::GetAtt": "Two.Arn"}, "the-arn"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3]]}, "a-local-3"),
        ({"Fn::If": ["Live", "yes", {"Ref": "Stage"}]}, "local"),
        ({"Fn::And": [{"Condition": "Live"}, {"Condition": "Idle"}]}, False),
        ({"Fn::Or": [{"Condition": "Live"}, {"Fn::Not": [{"Condition": "Live"}]}]}, True),
        ({"Keep": 1, "Drop": {"Fn::If": ["Live", 2, {"Ref": "AWS::NoValue"}]}}, {"Keep": 1}),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"Statement": [{"Effect": "Allow", "Condition": {"Bool": {"a": "b"}}}]},) * 2,
        ({"Condition": {"StringEquals": {"a": {"Ref": "Stage"}}}}, {"Condition": {"StringEquals": {"a": "local"}}}),
    ],
)
def test_functions(node: object, value: object):
    resolver = _resolver()
    resolver.made("Two", "two-ref", Arn="the-arn")
    assert resolver.resolve(node) == value


def test_a_given_value_beats_the_default():
    assert _resolver(Stage="prod").resolve({"Fn::If": ["Live", "yes", "no"]}) == "yes"


def test_what_is_not_made_yet_is_named():
    with pytest.raises(KeyError, match="Three"):
        _resolver().resolve({"Fn::GetAtt": ["Three", "Arn"]})


@pytest.mark.parametrize(("stage", "least"), [("prod", 960), ("test", 0), ("local", 0)])
def test_nobody_can_hurry_an_erasure_in_production(tmp_path: Path, stage: str, least: int):
    settle = "{Type: Number, Default: 960, MinValue: 0}"
    source = f"Parameters: {{Stage: {{Type: String}}, ErasureSettleS: {settle}}}\nResources: {{}}\n"
    (tmp_path / "in.yaml").write_text(source)
    finish(tmp_path / "in.yaml", tmp_path / "out.json", stage)
    parameters = json.loads((tmp_path / "out.json").read_text())["Parameters"]
    assert (parameters["ErasureSettleS"]["MinValue"], parameters["Stage"]["Default"]) == (least, stage)
