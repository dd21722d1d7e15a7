"""The local cloud that tests stand on: furnished from the template, empty for each test, closed to the world."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from chalicelib.foundation.kernel.config import config
from infra.local import ministack
from infra.local.provision import provision
from tests.support.cloud import STAGE, TestCloud
from tests.support.settings import PARAMETERS

TABLES = {"people", "keys", "ephemeral", "outbox", "evidence", "catalog", "trade", "community", "cases"}


def _leave_something(cloud: TestCloud) -> None:
    dynamodb, s3, sqs = cloud.client("dynamodb"), cloud.client("s3"), cloud.client("sqs")
    assert cloud.items("people") == []
    assert cloud.messages("notices") == []
    assert "Versions" not in s3.list_object_versions(Bucket=config().bucket("quarantine"))
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=config().bucket("exports"))
    dynamodb.put_item(TableName=config().table("people"), Item={"pk": {"S": "p"}, "sk": {"S": "s"}})
    s3.put_object(Bucket=config().bucket("quarantine"), Key="up/one", Body=b"1")
    s3.delete_object(Bucket=config().bucket("quarantine"), Key="up/one")
    s3.create_multipart_upload(Bucket=config().bucket("exports"), Key="up/half")
    sqs.send_message(QueueUrl=config().queue_url("notices"), MessageBody="left")


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_each_test_finds_the_cloud_empty_whatever_the_last_one_left(cloud: TestCloud, turn: int):
    _leave_something(cloud)
    assert len(cloud.items("people")) == 1


def test_every_table_of_the_template_stands_with_its_keys_and_time_to_live(cloud: TestCloud):
    dynamodb = cloud.client("dynamodb")
    assert {name.removeprefix("jule-test-") for name in dynamodb.list_tables()["TableNames"]} == TABLES
    for noun in TABLES:
        keys = dynamodb.describe_table(TableName=config().table(noun))["Table"]["KeySchema"]
        assert [key["AttributeName"] for key in keys] == ["pk", "sk"]
    live = dynamodb.describe_time_to_live(TableName=config().table("outbox"))["TimeToLiveDescription"]
    assert live == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


SLOW = """
import importlib, runpy, time
s3 = importlib.import_module("ministack.services.s3")
deliver = s3._fire_s3_event
s3._fire_s3_event = lambda *facts, **named: (time.sleep(0.5), deliver(*facts, **named))
runpy.run_path({program!r}, run_name="__main__")
"""


@pytest.fixture
def slow_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestCloud]:
    """Start the local cloud as ever, but for half a second that each event of a bucket takes on its way."""
    program = Path(ministack.__file__).with_name("cloud_process.py")
    (tmp_path / program.name).write_text(SLOW.format(program=str(program)))
    monkeypatch.setattr(ministack, "__file__", str(tmp_path / "ministack.py"))
    running = ministack.start(tmp_path / "cloud")
    try:
        yield TestCloud(running, provision(running.endpoint, STAGE, parameters=PARAMETERS))
    finally:
        running.stop()


def test_an_upload_into_quarantine_has_told_the_media_queue_by_the_time_it_is_answered(slow_cloud: TestCloud):
    began_s = time.monotonic()
    bucket = slow_cloud.environment["BUCKET_QUARANTINE"]
    slow_cloud.client("s3").put_object(Bucket=bucket, Key="originals/med_1", Body=b"1")
    answered_s = time.monotonic() - began_s
    told = [message["Body"] for message in slow_cloud.messages("media")]
    assert sum("originals/med_1" in body for body in told) == 1
    assert answered_s >= 0.5


def test_keys_encrypt_and_sign(cloud: TestCloud):
    kms = cloud.client("kms")
    made = kms.generate_data_key(KeyId=config().key_arn("data"), KeySpec="AES_256", EncryptionContext={"use": "t"})
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"use": "t"})
    assert opened["Plaintext"] == made["Plaintext"]
    signed = kms.sign(KeyId=config().key_arn("sign"), Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    assert signed["Signature"]


def test_calls_to_aws_are_seen(cloud: TestCloud, aws_calls):
    cloud.items("catalog")
    assert [(call.service, call.operation) for call in aws_calls] == [("dynamodb", "Scan")]


def test_no_test_reaches_beyond_this_machine():
    with pytest.raises(SocketConnectBlockedError), socket.socket() as way_out:
        way_out.connect(("192.0.2.1", 80))
