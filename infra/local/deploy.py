"""Deploy a built package into a local cloud, through CloudFormation as on AWS."""

import hashlib
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import ClientError

from ..package.build import Package
from .ministack import CREDENTIALS, REGION, Cloud

ARTIFACTS = "jule-artifacts"
_MAY = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_WAIT_S = 120.0


class DeployFailed(RuntimeError):
    """CloudFormation gave up; carries the resources that failed and why."""


class Deployed(msgspec.Struct, frozen=True):
    """A stack as it stands after a deploy."""

    api_id: str
    changed: bool
    template: dict[str, Any]
    parameters: dict[str, str]
    physical: dict[str, str]


def client(cloud: Cloud, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
    """Give the administrator's client of a service; one for each cloud is kept."""
    return _client(cloud.endpoint, service)


@cache
def _client(endpoint: str, service: str) -> Any:  # noqa: ANN401
    session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
    settings = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        signature_version="s3v4" if service == "s3" else None,
    )
    return session.client(service, region_name=REGION, endpoint_url=endpoint, config=settings)


def deploy(cloud: Cloud, package: Package, settings: Mapping[str, str]) -> Deployed:
    """Create or update the stack of a package.

    Args:
        cloud: where to.
        package: what `infra.package` built.
        settings: values by the name of a template parameter or, for secrets, of a key of the providers' secret.

    Raises:
        DeployFailed: a resource could not be made.
    """
    template = json.loads(package.template.read_text())
    stage = str(template["Parameters"]["Stage"]["Default"])
    parameters = {name: value for name, value in settings.items() if name in template["Parameters"]}
    secrets = {name: value for name, value in settings.items() if name not in parameters}
    _keep_secrets(cloud, f"jule/{stage}/providers", secrets)
    formation, stack = client(cloud, "cloudformation"), f"jule-{stage}"
    wanted = {
        "StackName": stack,
        "TemplateURL": _upload(cloud, package, template),
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(parameters.items())],
        "Capabilities": _MAY,
    }
    changed = _bring(formation, wanted)
    described = formation.describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    resources = formation.describe_stack_resources(StackName=stack)["StackResources"]
    physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
    return Deployed(outputs["ApiId"], changed, template, parameters, physical)


def _keep_secrets(cloud: Cloud, name: str, secrets: dict[str, str]) -> None:
    text, manager = json.dumps(secrets, sort_keys=True), client(cloud, "secretsmanager")
    try:
        if manager.get_secret_value(SecretId=name)["SecretString"] != text:
            manager.put_secret_value(SecretId=name, SecretString=text)
    except manager.exceptions.ResourceNotFoundException:
        manager.create_secret(Name=name, SecretString=text)


class _Shelf:
    """The bucket that CloudFormation reads from; what lies there is named by its content."""

    def __init__(self, cloud: Cloud) -> None:
        self._s3, self._endpoint = client(cloud, "s3"), cloud.endpoint
        if ARTIFACTS not in {one["Name"] for one in self._s3.list_buckets()["Buckets"]}:
            self._s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._known = {one["Key"] for one in self._s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])}
        self._used: set[str] = set()

    def put(self, name: str, body: bytes) -> str:
        key = f"{name}-{hashlib.sha256(body).hexdigest()[:16]}"
        self._used.add(key)
        if key not in self._known:
            self._s3.put_object(Bucket=ARTIFACTS, Key=key, Body=body)
        return key

    def address(self, key: str) -> str:
        return f"{self._endpoint}/{ARTIFACTS}/{key}"

    def drop_the_rest(self) -> None:
        for key in self._known - self._used:
            self._s3.delete_object(Bucket=ARTIFACTS, Key=key)


def _upload(cloud: Cloud, package: Package, template: dict[str, Any]) -> str:
    """Put code, layers and template where CloudFormation reads them; gives the template's address."""
    shelf = _Shelf(cloud)
    places = {f"./{file.name}": shelf.put(file.stem, file.read_bytes()) for file in package.zips}
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][name] = f"s3://{ARTIFACTS}/{places[resource['Properties'][name]]}"
    key = shelf.put("template", json.dumps(template).encode())
    shelf.drop_the_rest()
    return shelf.address(key)


def _bring(formation: Any, wanted: dict[str, Any]) -> bool:  # noqa: ANN401 - boto3 makes its client classes at run time
    """Bring the stack to the template; says whether anything had to change."""
    stack = wanted["StackName"]
    try:
        if _status(formation, stack) is None:
            formation.create_stack(**wanted)
        else:
            formation.update_stack(**wanted)
    except ClientError as refused:
        if "No updates are to be performed" in str(refused):
            return False
        raise DeployFailed(str(refused)) from refused
    until = time.monotonic() + _WAIT_S
    while (status := _status(formation, stack) or "").endswith("IN_PROGRESS") and time.monotonic() < until:
        time.sleep(0.05)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeployFailed(f"{status}: {_reasons(formation, stack)}")
    return True


def _status(formation: Any, stack: str) -> str | None:  # noqa: ANN401
    try:
        return str(formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    except ClientError:
        return None


def _reasons(formation: Any, stack: str) -> str:  # noqa: ANN401
    events = formation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [one for one in events if one["ResourceStatus"].endswith("FAILED")]
    return "; ".join(f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '')}" for one in failed)
