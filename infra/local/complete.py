"""Set through the API what the local CloudFormation leaves out of a template, so that the stack is what it says.

Left out (ministack 1.5.33): a table's TTL, encryption and backups, a bucket's encryption, lifecycle and ownership,
and the gateway responses that the SAM transform writes into the API.
"""

import json
import re
from typing import Any

import boto3

from .deploy import Deployed, client
from .ministack import REGION, Cloud
from .template import Resolver

Properties = dict[str, Any]
_LEFT_OUT = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Serverless::Api"})


def left_out(deployed: Deployed) -> str:
    """Put in one text all that `complete` goes by, to see whether it has to run again."""
    resources = deployed.template["Resources"]
    parts = {name: one for name, one in resources.items() if one["Type"] in _LEFT_OUT}
    return json.dumps([deployed.api_id, deployed.parameters, parts], sort_keys=True)


def complete(cloud: Cloud, deployed: Deployed) -> None:
    """Set everything that was left out; safe to repeat."""
    resolver = _resolver(cloud, deployed)
    for name, resource in deployed.template["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            _table(client(cloud, "dynamodb"), resolver.resolve(resource["Properties"]))
        elif resource["Type"] == "AWS::S3::Bucket":
            _bucket(client(cloud, "s3"), resolver.resolve(resource["Properties"]))
        elif resource["Type"] == "AWS::Serverless::Api":
            responses = resolver.resolve(resource["Properties"].get("GatewayResponses", {}))
            _api(client(cloud, "apigateway"), deployed.physical[name], responses)
            client(cloud, "apigateway").create_deployment(
                restApiId=deployed.physical[name], stageName=resource["Properties"]["StageName"]
            )


def _resolver(cloud: Cloud, deployed: Deployed) -> Resolver:
    account = str(client(cloud, "sts").get_caller_identity()["Account"])
    partition = boto3.Session().get_partition_for_region(REGION)
    pseudo = {"AWS::AccountId": account, "AWS::Region": REGION, "AWS::Partition": partition}
    resolver = Resolver(deployed.template, {**pseudo, **deployed.parameters})
    kms = client(cloud, "kms")
    for name, resource in deployed.template["Resources"].items():
        if resource["Type"] == "AWS::KMS::Key":
            described = kms.describe_key(KeyId=deployed.physical[name])["KeyMetadata"]
            resolver.made(name, described["KeyId"], Arn=described["Arn"])
        elif resource["Type"] == "AWS::SQS::Queue":
            queue = resolver.resolve(resource["Properties"]["QueueName"])
            resolver.made(name, deployed.physical[name], Arn=f"arn:{partition}:sqs:{REGION}:{account}:{queue}")
    return resolver


def _table(dynamodb: Any, has: Properties) -> None:  # noqa: ANN401 - boto3 makes its client classes at run time
    table = {"TableName": has["TableName"]}
    ttl = dynamodb.describe_time_to_live(**table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if "TimeToLiveSpecification" in has and ttl != "ENABLED":
        dynamodb.update_time_to_live(**table, TimeToLiveSpecification=has["TimeToLiveSpecification"])
    if "SSESpecification" in has:
        wanted = {**has["SSESpecification"]}
        dynamodb.update_table(**table, SSESpecification={"Enabled": wanted.pop("SSEEnabled"), **wanted})
    if "PointInTimeRecoverySpecification" in has:
        backups = has["PointInTimeRecoverySpecification"]
        dynamodb.update_continuous_backups(**table, PointInTimeRecoverySpecification=backups)


def _bucket(s3: Any, has: Properties) -> None:  # noqa: ANN401
    bucket = {"Bucket": has["BucketName"]}
    rules = has["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encryption = [{_renamed(name): value for name, value in rule.items()} for rule in rules]
    s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration={"Rules": encryption})
    s3.put_bucket_ownership_controls(**bucket, OwnershipControls=has["OwnershipControls"])
    lifecycle = [_rule(rule) for rule in has["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": lifecycle})


def _renamed(name: str) -> str:
    return "ApplyServerSideEncryptionByDefault" if name == "ServerSideEncryptionByDefault" else name


def _rule(rule: Properties) -> Properties:
    """Turn CloudFormation's lifecycle rule into the API's."""
    kept: Properties = {
        name: rule[name]
        for name in ("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
        if name in rule
    }
    made: Properties = {**kept, "ID": rule["Id"], "Filter": {"Prefix": ""}}
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    elif "ExpiredObjectDeleteMarker" in rule:
        made["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    return made


def _api(gateway: Any, api_id: str, responses: Properties) -> None:  # noqa: ANN401
    for kind, response in responses.items():
        headers = response.get("ResponseParameters", {}).get("Headers", {})
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=response["ResponseTemplates"],
            **status,
        )


def preflights(deployed: Deployed) -> list[tuple[re.Pattern[str], dict[str, str]]]:
    """Read which paths answer CORS preflight, and with which headers, from the API's own definition."""
    resolver = Resolver(deployed.template, deployed.parameters)
    paths = deployed.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    asked = {path: methods["options"] for path, methods in paths.items() if "options" in methods}
    return [(_pattern(path), _preflight(resolver.resolve(options))) for path, options in asked.items()]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
    )


def _preflight(options: Properties) -> dict[str, str]:
    stated = options["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    return {name.removeprefix("method.response.header."): value.strip("'") for name, value in stated.items()}
