"""The template that is deployed: what it must say, whichever functions it holds."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration

from infra.local.template import Resolver
from infra.package.build import ROOT, STAGES, Package
from infra.package.template import FunctionMissing, finish
from tests.support.packages import of_type, policies

pytestmark = pytest.mark.timeout(600)  # the first build fetches every wheel

REGIONS = ["ap-southeast-1", "cn-north-1", "cn-northwest-1"]
SIX_MONTHS_DAYS = 184
MOST_ENVIRONMENT_BYTES = 4096
_HOST = "https://api.jule.example.com.cn"


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for one in node:
            yield from texts(one)
    elif isinstance(node, dict):
        for one in node.values():
            yield from texts(one)


def resolved(template: dict[str, Any], region: str, account: str) -> Resolver:
    """Give the template's values as a deployment to a China region would have them, as long as they get."""
    long = {"WechatpayNotifyUrl": f"{_HOST}/v1/payments/wechat/notifications", "WechatpaySerial": "7" * 40}
    filled = {
        name: spec.get("Default", long.get(name, _HOST if "AllowedPattern" in spec else "7" * 24))
        for name, spec in template["Parameters"].items()
    }
    pseudo = {"AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws-cn"}
    resolver = Resolver(template, {**filled, **pseudo, "AWS::URLSuffix": "amazonaws.com.cn"})
    for name, one in template["Resources"].items():
        if one["Type"] == "AWS::SQS::Queue":
            queue = resolver.resolve(one["Properties"]["QueueName"])
            url = f"https://sqs.{region}.amazonaws.com.cn/{account}/{queue}"
            resolver.made(name, url, Arn=f"{account}:{queue}", QueueName=queue)
        elif one["Type"] == "AWS::KMS::Key":
            key = f"{account}:key/00000000-0000-0000-0000-000000000000"
            resolver.made(name, key, Arn=f"arn-of-the-partition:kms:{region}:{key}")
    return resolver


def test_every_function_named_here_is_in_the_application(package: Package):
    assert package.missing == []


def test_production_refuses_to_leave_a_function_out(tmp_path: Path):
    source = tmp_path / "sam.yaml"
    source.write_text("Parameters: {Stage: {Type: String}}\nResources:\n  Gone: {Properties: {Tracing: Active}}\n")
    with pytest.raises(FunctionMissing):
        finish(source, tmp_path / "template.json", "prod")


def test_a_function_left_out_takes_its_alarms_along(tmp_path: Path):
    source = tmp_path / "sam.yaml"
    alarm = "{Type: AWS::CloudWatch::Alarm, Properties: {Dimensions: [{Name: F, Value: {Ref: %s}}]}}"
    gone, kept = alarm % "Gone", alarm % "Kept"
    source.write_text(
        "Parameters: {Stage: {Type: String}}\nResources:\n  Gone: {Properties: {}}\n"
        f"  Kept: {{Type: AWS::SQS::Queue, Properties: {{}}}}\n  GoneAlarm: {gone}\n  KeptAlarm: {kept}\n"
    )
    assert finish(source, tmp_path / "template.json", "test") == ["Gone"]
    assert sorted(json.loads((tmp_path / "template.json").read_text())["Resources"]) == ["Kept", "KeptAlarm"]


def test_cfn_lint_is_content_in_every_region(package: Package):
    linter = Path(sys.executable).with_name("cfn-lint")
    ran = subprocess.run(
        [linter, "--regions", *REGIONS, "--", package.template], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("stage", STAGES)
def test_chalice_would_deploy_the_configuration(stage: str):
    validate_configuration(CLIFactory(str(ROOT)).create_config_obj(stage))


def test_stages_differ_in_name_only():
    stages = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]
    assert sorted(stages) == sorted(STAGES)
    assert all(stages[stage] == stages["prod"] for stage in STAGES)
    assert all(one["autogen_policy"] is False for one in stages.values())


@pytest.mark.promise("K4.5")
def test_every_function_has_a_role_of_its_own_from_its_own_file(resources: dict[str, Any]):
    functions = of_type(resources, "AWS::Serverless::Function")
    roles = [json.dumps(one["Role"]) for one in functions.values()]
    assert len(set(roles)) == len(functions)
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        (policy,) = role["Policies"]
        file = re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Role")).lower()
        assert policy["PolicyDocument"]["Statement"] == policies()[file], name
        assert role["ManagedPolicyArns"] == {"Fn::If": ["Traced", [{"Ref": "TracingPolicy"}], {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize("tracing", ["off", "xray"])
def test_a_role_may_send_traces_before_its_function_is_made_to(
    template: dict[str, Any], resources: dict[str, Any], tracing: str
):
    resolver = resolved(template, "ap-southeast-1", "123456789012")
    resolver.values["Tracing"] = tracing
    resolver.made("TracingPolicy", "arn-of-tracing")
    traced = tracing == "xray"
    for function in of_type(resources, "AWS::Serverless::Function").values():
        role = resolver.resolve(resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]["ManagedPolicyArns"])
        assert resolver.resolve(function["Tracing"]) == ("Active" if traced else "PassThrough")
        assert (role == ["arn-of-tracing"]) is traced
    policy = resources["TracingPolicy"]
    assert policy["Condition"] == "Traced"
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert "xray:PutTraceSegments" in statement["Action"]
    assert "Roles" not in policy["Properties"]


@pytest.mark.promise("K4.5")
@pytest.mark.parametrize("function", policies())
def test_policies_name_actions_and_resources(function: str):
    for statement in policies()[function]:
        assert statement["Effect"] == "Allow"
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in statement["Action"]), statement
        for text in texts(statement["Resource"]):
            wild = text.removesuffix(":*") if ":log-group:" in text else text
            wild = wild.removesuffix("/*") if ":s3:::" in text else wild
            assert "*" not in wild, text


@pytest.mark.promise("J11.1", "K4.5")
@pytest.mark.parametrize("function", policies())
def test_no_function_may_change_or_remove_evidence(function: str):
    may = {"PutItem", "GetItem", "BatchGetItem", "Query", "ConditionCheckItem"}
    for statement in policies()[function]:
        if any("-evidence" in text for text in texts(statement["Resource"])):
            assert {action.removeprefix("dynamodb:") for action in statement["Action"]} <= may


def test_functions_on_queues_report_partial_failures(resources: dict[str, Any]):
    queues = of_type(resources, "AWS::SQS::Queue")
    fed = 0
    for name, function in of_type(resources, "AWS::Serverless::Function").items():
        for event in (one for one in function.get("Events", {}).values() if one["Type"] == "SQS"):
            stated = event["Properties"]
            queue = queues[stated["Queue"]["Fn::Sub"].removeprefix("${").removesuffix(".Arn}")]
            assert stated["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
            assert queue["VisibilityTimeout"] >= 6 * function["Timeout"], name
            fed += 1
    assert fed == sum(name.endswith("Queue") for name in queues)


def test_queues_keep_what_failed_longer_than_what_waits(resources: dict[str, Any]):
    queues = of_type(resources, "AWS::SQS::Queue")
    dead = {name for name in queues if name.endswith("Dead")}
    for name in queues.keys() - dead:
        target = queues[name]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target in dead
        assert queues[target]["MessageRetentionPeriod"] > queues[name]["MessageRetentionPeriod"]
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())


def test_every_function_and_dead_letter_queue_has_alarms(resources: dict[str, Any]):
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    watched = {(one["MetricName"], json.dumps(one["Dimensions"][0]["Value"])) for one in alarms if "Dimensions" in one}
    for name in of_type(resources, "AWS::Serverless::Function"):
        assert {("Errors", json.dumps({"Ref": name})), ("Throttles", json.dumps({"Ref": name}))} <= watched
    for name in (one for one in of_type(resources, "AWS::SQS::Queue") if one.endswith("Dead")):
        wanted = ("ApproximateNumberOfMessagesVisible", json.dumps({"Fn::GetAtt": [name, "QueueName"]}))
        assert wanted in watched
    assert all(one["AlarmActions"] for one in alarms)


def test_logs_of_every_function_are_kept_for_six_months(template: dict[str, Any], resources: dict[str, Any]):
    kept = {one["LogGroupName"]["Fn::Sub"]: one for one in of_type(resources, "AWS::Logs::LogGroup").values()}
    for name in of_type(resources, "AWS::Serverless::Function"):
        assert kept[f"/aws/lambda/${{{name}}}"]["RetentionInDays"] >= SIX_MONTHS_DAYS


@pytest.mark.promise("K4.1")
def test_buckets_are_private_versioned_encrypted_and_speak_tls_only(resources: dict[str, Any]):
    policies_of = {one["Bucket"]["Ref"]: one for one in of_type(resources, "AWS::S3::BucketPolicy").values()}
    buckets = of_type(resources, "AWS::S3::Bucket")
    assert buckets.keys() == policies_of.keys()
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        deny, *reader = policies_of[name]["PolicyDocument"]["Statement"]
        assert len(reader) == (name == "MediaBucket")
        assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
        assert deny["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.promise("K1.2")
def test_buckets_forget_old_versions_and_half_uploads(resources: dict[str, Any]):
    for bucket in of_type(resources, "AWS::S3::Bucket").values():
        ends = bucket["LifecycleConfiguration"]["Rules"]
        assert any(one.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 99) <= 7 for one in ends)
        assert any("AbortIncompleteMultipartUpload" in one for one in ends)
        assert any(one.get("ExpiredObjectDeleteMarker") for one in ends)


@pytest.mark.promise("J5.1", "K4.1")
def test_tables_are_backed_up_and_guarded_by_what_they_hold(resources: dict[str, Any]):
    tables = {
        one["TableName"]["Fn::Sub"].removeprefix("jule-${Stage}-"): one
        for one in of_type(resources, "AWS::DynamoDB::Table").values()
    }
    passing = {"ephemeral", "outbox"}
    for noun, table in tables.items():
        backed = table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
        assert (backed, table.get("DeletionProtectionEnabled", False)) == (noun not in passing,) * 2, noun
        assert ("TimeToLiveSpecification" in table) == (noun in passing)
        assert (table.get("SSESpecification", {}).get("SSEType") == "KMS") == (noun in {"people", "keys"})
        assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert tables["keys"]["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"] == 7


def test_keys_outlive_mistakes_and_rotate(resources: dict[str, Any]):
    for key in of_type(resources, "AWS::KMS::Key").values():
        assert key["PendingWindowInDays"] == 30
        assert key.get("EnableKeyRotation", False) is (key.get("KeyUsage") != "SIGN_VERIFY")


def test_nothing_is_tied_to_one_partition(resources: dict[str, Any]):
    service = re.compile(r"[a-z0-9]+\.amazonaws\.com")  # principals are called so in every partition
    via = re.compile(r"(dynamodb|s3)\.\$\{AWS::Region\}\.amazonaws\.com(\.cn)?")
    for text in texts(resources):
        assert "arn:aws" not in text, text
        assert "amazonaws" not in text or service.fullmatch(text) or via.fullmatch(text), text


def test_environments_fit_into_four_kilobytes(template: dict[str, Any], resources: dict[str, Any]):
    resolver = resolved(template, "cn-northwest-1", "123456789012")
    keys = {"WECHATPAY_PRIVATE_KEY": 1624, "WECHATPAY_PUBLIC_KEY": 392, "APPLE_KEY": 90}  # base64, without frames
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, function in of_type(resources, "AWS::Serverless::Function").items():
        stated = {**shared, **function.get("Environment", {}).get("Variables", {})}
        size = 0
        for variable, value in stated.items():
            text = str(resolver.resolve(value))
            secret = keys.get(variable, 40) if text.startswith("{{resolve:") else len(text.encode())
            size += len(variable) + secret
        assert size <= MOST_ENVIRONMENT_BYTES, (name, size)


def test_every_setting_that_is_read_is_stated(template: dict[str, Any], resources: dict[str, Any]):
    read = re.compile(r"\b(?:setting|optional)\(\s*\"([A-Z0-9_]+)\"")
    asked = {name for file in (ROOT / "chalicelib").rglob("*.py") for name in read.findall(file.read_text())}
    stated = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for function in of_type(resources, "AWS::Serverless::Function").values():
        stated |= function.get("Environment", {}).get("Variables", {}).keys()
    assert {name for name in asked if not name.startswith("AWS_")} <= stated


def test_secrets_are_references_in_the_template(template: dict[str, Any], resources: dict[str, Any]):
    for function in of_type(resources, "AWS::Serverless::Function").values():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            if re.search(r"SECRET|PRIVATE|APIV3", variable):
                assert value["Fn::Sub"].startswith("{{resolve:secretsmanager:jule/${Stage}/providers:"), variable
