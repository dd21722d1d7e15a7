"""Make the tables, queues, buckets and keys of `infra/resources.yaml` through the API, without deploying anything.

Tests stand on this; `make run` deploys the packaged stack instead. Both read the same file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from .ministack import CREDENTIALS, REGION
from .template import Resolver, load

RESOURCES = Path(__file__).resolve().parents[1] / "resources.yaml"
Properties = dict[str, Any]
_TABLE_SETTINGS = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
_QUEUE_SETTINGS = (
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "DelaySeconds",
    "MaximumMessageSize",
    "RedrivePolicy",
)


class TemplateKnot(ValueError):
    """Resources of the template wait for each other, or for one that can't be made here; names them."""


class Maker:
    """Makes resources through one set of clients."""

    def __init__(self, endpoint: str) -> None:
        """Open the clients."""
        self._session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
        self._endpoint = endpoint
        self.kinds = {
            "AWS::KMS::Key": self._key,
            "AWS::SQS::Queue": self._queue,
            "AWS::SQS::QueuePolicy": self._queue_policy,
            "AWS::S3::Bucket": self._bucket,
            "AWS::DynamoDB::Table": self._table,
        }
        self._dynamodb, self._kms = self._client("dynamodb"), self._client("kms")
        self._s3, self._sqs = self._client("s3"), self._client("sqs")

    def account(self) -> str:
        """Ask which account this is."""
        return str(self._client("sts").get_caller_identity()["Account"])

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
        settings = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return self._session.client(service, region_name=REGION, endpoint_url=self._endpoint, config=settings)

    def _key(self, has: Properties) -> dict[str, str]:
        spec, usage = has.get("KeySpec", "SYMMETRIC_DEFAULT"), has.get("KeyUsage", "ENCRYPT_DECRYPT")
        made = self._kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
        return {"Ref": made["KeyId"], "Arn": made["Arn"], "KeyId": made["KeyId"]}

    def _queue(self, has: Properties) -> dict[str, str]:
        attributes = {name: _text(has[name]) for name in _QUEUE_SETTINGS if name in has}
        url = self._sqs.create_queue(QueueName=has["QueueName"], Attributes=attributes)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return {"Ref": url, "Arn": arn, "QueueName": has["QueueName"], "QueueUrl": url}

    def _queue_policy(self, has: Properties) -> dict[str, str]:
        for url in has["Queues"]:
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(has["PolicyDocument"])})
        return {"Ref": "policy"}

    def _bucket(self, has: Properties) -> dict[str, str]:
        name, partition = has["BucketName"], self._session.get_partition_for_region(REGION)
        self._s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if "VersioningConfiguration" in has:
            self._s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=has["VersioningConfiguration"])
        if "NotificationConfiguration" in has:
            notified = _notification(has["NotificationConfiguration"])
            self._s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=notified)
        return {"Ref": name, "Arn": f"arn:{partition}:s3:::{name}"}

    def _table(self, has: Properties) -> dict[str, str]:
        made = self._dynamodb.create_table(**{name: has[name] for name in _TABLE_SETTINGS if name in has})
        if "TimeToLiveSpecification" in has:
            ttl = has["TimeToLiveSpecification"]
            self._dynamodb.update_time_to_live(TableName=has["TableName"], TimeToLiveSpecification=ttl)
        return {"Ref": has["TableName"], "Arn": made["TableDescription"]["TableArn"]}


def provision(
    endpoint: str, stage: str, *, resources: Path = RESOURCES, parameters: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Make everything in an empty local cloud; give the functions' environment as the template states it.

    Raises:
        TemplateKnot: a resource refers to one that is never made.
    """
    template, maker = load(resources), Maker(endpoint)
    resolver = Resolver(template, _pseudo(maker.account(), stage, parameters or {}))
    waiting = {name: spec for name, spec in template["Resources"].items() if spec.get("Type") in maker.kinds}
    while waiting:
        made = [name for name, spec in waiting.items() if _make(maker, resolver, name=name, spec=spec)]
        if not made:
            raise TemplateKnot(", ".join(waiting))
        waiting = {name: spec for name, spec in waiting.items() if name not in made}
    stated = resolver.resolve(template["Globals"]["Function"]["Environment"]["Variables"])
    stated |= resolver.resolve({"QUEUE_MEDIA": {"Ref": "MediaQueue"}})  # only the bucket sends to it; we take from it
    return {name: str(value) for name, value in stated.items()}


def _make(maker: Maker, resolver: Resolver, *, name: str, spec: Properties) -> bool:
    """Make one resource, unless it refers to one that is still to come."""
    try:
        properties = resolver.resolve(spec.get("Properties", {}))
    except KeyError:
        return False
    made = maker.kinds[spec["Type"]](properties)
    resolver.made(name, made.pop("Ref"), **made)
    return True


def _pseudo(account: str, stage: str, parameters: Mapping[str, str]) -> dict[str, str]:
    return {
        **parameters,
        "Stage": stage,
        "AWS::AccountId": account,
        "AWS::Partition": boto3.Session().get_partition_for_region(REGION),
        "AWS::Region": REGION,
        "AWS::StackName": f"jule-{stage}",
        "AWS::URLSuffix": "amazonaws.com",
    }


def _text(value: Any) -> str:  # noqa: ANN401 - whatever YAML holds
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _notification(given: Properties) -> Properties:
    """Turn CloudFormation's notification into the API's: other names for the same."""
    queues = [
        {"QueueArn": one["Queue"], "Events": [one["Event"]], **_filter(one)}
        for one in given.get("QueueConfigurations", [])
    ]
    return {"QueueConfigurations": queues}


def _filter(one: Properties) -> Properties:
    rules = one.get("Filter", {}).get("S3Key", {}).get("Rules", [])
    named = [{"Name": rule["Name"], "Value": rule["Value"]} for rule in rules]
    return {"Filter": {"Key": {"FilterRules": named}}} if named else {}
