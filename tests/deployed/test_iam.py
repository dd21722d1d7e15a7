"""Policies at work on the deployed stack: every function is held to its own, and none was ever refused what it needs.

What a function asks for in any other test is held against its policy too (`tests/support/permissions.py`).
"""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.demo.raw import logs
from infra.demo.world import World
from infra.local.ministack import REGION
from infra.local.stack import LocalStack

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(300), pytest.mark.promise("K4.5")]
KEY = {"pk": {"S": "x"}, "sk": {"S": "y"}}


class Acting:
    """Somebody who has got hold of a function's own rights."""

    def __init__(self, stack: LocalStack, function: str) -> None:
        told = stack.client("lambda").get_function_configuration(FunctionName=f"jule-{stage_of(stack)}-{function}")
        given = stack.client("sts").assume_role(RoleArn=told["Role"], RoleSessionName="somebody")["Credentials"]
        self._session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION)
        self._endpoint, self.stage, self.env = stack.endpoint, stage_of(stack), told["Environment"]["Variables"]

    def client(self, service: str) -> Any:
        """Open a client with these rights."""
        return self._session.client(
            service, endpoint_url=self._endpoint, config=Config(retries={"total_max_attempts": 1})
        )

    def table(self, noun: str) -> str:
        """Name a table."""
        return f"jule-{self.stage}-{noun}"


def stage_of(stack: LocalStack) -> str:
    return stack.stage


def read(noun: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("dynamodb").get_item(TableName=who.table(noun), Key=KEY)


def scan(noun: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("dynamodb").scan(TableName=who.table(noun))


def remove(noun: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("dynamodb").delete_item(TableName=who.table(noun), Key=KEY)


def in_a_transaction(noun: str) -> Callable[[Acting], Any]:
    step = {"Delete": {"Key": KEY}}
    return lambda who: who.client("dynamodb").transact_write_items(
        TransactItems=[{"Delete": {**step["Delete"], "TableName": who.table(noun)}}]
    )


def list_objects(use: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("s3").list_objects_v2(Bucket=who.env[f"BUCKET_{use}"])


def remove_object(use: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("s3").delete_object(Bucket=who.env[f"BUCKET_{use}"], Key="x")


def list_versions(use: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("s3").list_object_versions(Bucket=who.env[f"BUCKET_{use}"])


def _queue(who: Acting, name: str) -> str:
    """Give a queue's address, also of one that no function is told."""
    return who.env["QUEUE_NOTICES"].replace("-notices", f"-{name.lower()}")


def send(queue: str) -> Callable[[Acting], Any]:
    return lambda who: who.client("sqs").send_message(QueueUrl=_queue(who, queue), MessageBody="{}")


def sign(who: Acting) -> Any:
    return who.client("kms").sign(
        KeyId=who.env["KEY_SIGN"], Message=b"x" * 32, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
    )


def become_another(who: Acting) -> Any:
    return who.client("iam").list_roles()


REFUSED: list[tuple[str, str, Callable[[Acting], Any]]] = [
    ("api", "remove evidence", remove("evidence")),
    ("api", "remove evidence in a transaction", in_a_transaction("evidence")),
    ("api", "destroy a data key", remove("keys")),
    ("api", "scan people", scan("people")),
    ("api", "scan trade", scan("trade")),
    ("api", "sign in the house's name", sign),
    ("api", "list exports", list_objects("EXPORTS")),
    ("api", "list every version of a copy", list_versions("EXPORTS")),
    ("api", "remove a copy", remove_object("EXPORTS")),
    ("api", "remove a picture", remove_object("MEDIA")),
    ("api", "feign an upload", send("MEDIA")),
    ("api", "feign a shipment", send("WAREHOUSE")),
    ("api", "look at roles", become_another),
    ("deliver_notice", "read orders", read("trade")),
    ("deliver_notice", "read posts", read("community")),
    ("process_media", "read orders", read("trade")),
    ("process_media", "order an erasure", send("ERASURES")),
    ("close_unpaid", "read rights cases", read("cases")),
    ("record_shipment", "destroy a data key", remove("keys")),
    ("resend_outbox", "feign a shipment", send("WAREHOUSE")),
    ("erase_person", "remove evidence", remove("evidence")),
    ("sweep_retention", "scan people", scan("people")),
]


@pytest.mark.parametrize(("function", "act"), [pytest.param(f, act, id=f"{f}: {what}") for f, what, act in REFUSED])
def test_a_function_may_not(stack: LocalStack, function: str, act: Callable[[Acting], Any]):
    with pytest.raises(ClientError, match="AccessDenied"):
        act(Acting(stack, function))


def test_a_function_may_what_it_must(stack: LocalStack):
    assert read("people")(Acting(stack, "api"))["ResponseMetadata"]["HTTPStatusCode"] == 200


FAULTS = {"request_fault", "job_fault", "outbox_deferred"}
"""How a refusal of AWS shows: our own log names the kind of an error, never its text."""
AT_WORK = {
    "api",
    "apply_verdict",
    "apply_withdrawal",
    "deliver_notice",
    "erase_person",
    "export_copy",
    "process_media",
    "record_shipment",
}


@pytest.mark.usefixtures("story")
def test_no_function_was_refused_anything_in_a_whole_life(stack: LocalStack, world: World):
    lines = list(logs(world))
    events = [json.loads(line[line.index("{") :]) for _, line in lines if '{"event":' in line]
    assert {one["event"] for one in events} >= {"request_done", "job_done", "erasure_step"}
    spoke = {group.rpartition("/")[2].removeprefix(f"jule-{stage_of(stack)}-") for group, line in lines if line}
    assert AT_WORK - spoke == set()
    failed = [one for one in events if one["event"] in FAULTS]
    assert failed == []
    assert [line for _, line in lines if "Traceback" in line or "AccessDenied" in line or "[ERROR]" in line] == []
