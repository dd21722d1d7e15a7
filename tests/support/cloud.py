"""The local cloud of a test process: started once, emptied after each test that used it.

Only what a test touched is emptied, which costs a few milliseconds where a fresh cloud costs a hundred.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib.foundation.audit import sealer
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.vault import keyring, wrapping
from chalicelib.foundation.web import limits
from infra.local import ministack
from infra.local.provision import provision

from .calls import WATCH
from .settings import PARAMETERS, settings

STAGE = "test"
_PURGE = 25


class TestCloud:
    """A provisioned local cloud and the clients that look into it from outside."""

    __test__ = False

    def __init__(self, running: ministack.Cloud, stated: dict[str, str]) -> None:
        self.running = running
        self.environment = {**settings(), **stated, **running.environment()}
        self._clients: dict[str, Any] = {}

    @property
    def endpoint(self) -> str:
        return self.running.endpoint

    def client(self, service: str) -> Any:
        """Give a client of the test's own, with signatures like the product's."""
        if service not in self._clients:
            given = self.running.environment()
            session = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
            self._clients[service] = session.client(
                service,
                region_name=ministack.REGION,
                endpoint_url=self.endpoint,
                config=Config(s3={"addressing_style": "path"}, signature_version="s3v4" if service == "s3" else None),
            )
        return self._clients[service]

    def items(self, noun: str) -> list[dict[str, Any]]:
        """Read a whole table, raw."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=f"jule-{STAGE}-{noun}")
        return [item for page in pages for item in page["Items"]]

    def queue(self, name: str) -> str:
        """Give the address of a queue, also of one that no function is told of."""
        return self.environment["QUEUE_NOTICES"].replace("notices", name)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take every visible message off a queue."""
        url, sqs, taken = self.queue(queue), self.client("sqs"), []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            taken += found
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def empty(self, touched: set[tuple[str, str]]) -> None:
        """Empty what was touched, and the queues that follow from it."""
        for service, name in touched:
            if service == "dynamodb":
                self._empty_table(name)
            elif service == "s3":
                self._empty_bucket(name)
            elif service == "sqs":
                self._purge(name)
        if any(service == "s3" for service, _ in touched):
            self._purge(self.queue("media"))

    def _empty_table(self, name: str) -> None:
        dynamodb = self.client("dynamodb")
        pages = dynamodb.get_paginator("scan").paginate(TableName=name, ProjectionExpression="pk, sk")
        keys = [{"DeleteRequest": {"Key": key}} for page in pages for key in page["Items"]]
        for start in range(0, len(keys), _PURGE):
            left = {name: keys[start : start + _PURGE]}
            while left:
                left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")

    def _empty_bucket(self, name: str) -> None:
        s3 = self.client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            for one in found:
                s3.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
            for one in page.get("Uploads", []):
                s3.abort_multipart_upload(Bucket=name, Key=one["Key"], UploadId=one["UploadId"])

    def _purge(self, url: str) -> None:
        sqs = self.client("sqs")
        for queue in (url, f"{url.removesuffix('-dead')}-dead"):
            with suppress(sqs.exceptions.QueueDoesNotExist):  # a test may name one that never was
                sqs.purge_queue(QueueUrl=queue)


def forget_process_state() -> None:
    """Drop what the process remembers of a cloud that has been emptied."""
    reset_config()
    forget_keys()
    limits.forget_day_keys()


def forget_keys() -> None:
    """Know no key, as a process that has just begun."""
    keyring.forget()
    wrapping.reset_wrapping()
    sealer._public_keys.clear()


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCloud]:
    """Start and furnish this process's cloud."""
    folder = tmp_path_factory.mktemp("cloud")
    running = ministack.start(folder)
    try:
        made = TestCloud(running, provision(running.endpoint, STAGE, parameters=PARAMETERS))
        made.messages("media")  # the test event that S3 sends when a bucket learns whom to tell
        yield made
    finally:
        running.stop()


@pytest.fixture
def cloud(provisioned: TestCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestCloud]:
    """Give an empty local cloud, with the product's environment pointing at it."""
    for name, value in provisioned.environment.items():
        monkeypatch.setenv(name, value)
    forget_process_state()
    WATCH.touched = set()
    yield provisioned
    touched, WATCH.touched = WATCH.touched, set()
    provisioned.empty(touched)
    forget_process_state()
