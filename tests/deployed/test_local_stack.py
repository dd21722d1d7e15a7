"""The runner: what it starts is the packaged product, complete, and it stops all of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.ministack import ROOT, free_port, usable_port
from infra.local.stack import AlreadyRunning, LocalStack, Ports, running

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(600)]


def ask(url: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def listens(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def kill(stack: LocalStack) -> None:
    os.kill(stack.cloud.process.pid, signal.SIGKILL)
    stack.cloud.process.wait()


def until(holds: Callable[[], object], within_s: float = 20) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_the_fixed_address_leads_to_the_function(stack: LocalStack):
    status, headers, body = ask(f"{stack.base_url}/v1/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "stage": "test"})
    assert headers["cache-control"] == "no-store"


def test_a_path_that_does_not_exist_is_refused_as_we_refuse(stack: LocalStack):
    status, headers, body = ask(f"{stack.base_url}/v1/nothing")
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "request.not_found"
    assert json.loads(body)["request_id"] == headers["x-request-id"]


def test_a_browser_may_ask_from_the_website_and_read_the_answer(stack: LocalStack):
    origin = stack.env["WEB_ORIGIN"]
    status, headers, _ = ask(f"{stack.base_url}/v1/orders/ord_1/payments", "OPTIONS")
    assert (status, headers["access-control-allow-origin"]) == (200, origin)
    assert set(headers["access-control-allow-methods"].split(",")) == {"POST", "OPTIONS"}
    assert {"Idempotency-Key", "X-Session"} <= set(headers["access-control-allow-headers"].split(","))
    assert headers["access-control-allow-credentials"] == "true"
    assert ask(f"{stack.base_url}/v1/orders")[1]["access-control-allow-origin"] == origin


def test_functions_run_in_an_interpreter_without_foreign_folders(stack: LocalStack):
    ask(f"{stack.base_url}/v1/health")
    commands = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(str(stack.folder / "tmp").encode() in part for part in command):
            commands.append(command)
    assert commands
    assert all({b"-I", b"-S"} <= set(command) for command in commands)


def test_what_cloudformation_leaves_out_is_set_all_the_same(stack: LocalStack):
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    live = dynamodb.describe_time_to_live(TableName="jule-test-ephemeral")["TimeToLiveDescription"]
    assert live == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}
    assert dynamodb.describe_table(TableName="jule-test-keys")["Table"]["SSEDescription"]["SSEType"] == "KMS"
    backups = dynamodb.describe_continuous_backups(TableName="jule-test-people")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    exports = stack.env["BUCKET_EXPORTS"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=exports)["Rules"]
    assert {rule["ID"]: rule.get("Expiration") for rule in rules} == {
        "exports-go-after-a-week": {"Days": 7},
        "delete-markers-go": {"ExpiredObjectDeleteMarker": True},
    }
    (rule,) = s3.get_bucket_encryption(Bucket=exports)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_published_pictures_are_read_under_the_media_address(stack: LocalStack):
    bucket = stack.env["BUCKET_MEDIA"]
    for key in ("pic_a/b c.jpg", "held/pic_a/b c.jpg"):
        stack.client("s3").put_object(Bucket=bucket, Key=key, Body=b"\xff\xd8", ContentType="image/jpeg")
    status, headers, body = ask(f"{stack.env['MEDIA_BASE_URL']}/pic_a/b%20c.jpg")
    assert (status, headers["content-type"], body) == (200, "image/jpeg", b"\xff\xd8")
    for elsewhere in ("held/pic_a/b%20c.jpg", "pic_x/../held/pic_a/b%20c.jpg", "held%2Fpic_a%2Fb%20c.jpg"):
        assert ask(f"{stack.env['MEDIA_BASE_URL']}/{elsewhere}")[0] == 404
    assert ask(f"{stack.env['MEDIA_BASE_URL']}/../other")[0] == 404
    assert ask(f"{stack.env['MEDIA_BASE_URL']}/missing.jpg")[0] == 404


def test_a_second_stack_stands_beside_and_a_kill_loses_seconds_only(stack: LocalStack, tmp_path: Path):
    item = {"pk": {"S": "kept"}, "sk": {"S": "1"}}
    with LocalStack(tmp_path, stage="test", persist=True) as other:
        assert other.base_url != stack.base_url
        assert running(tmp_path).base_url == other.base_url
        other.client("dynamodb").put_item(TableName="jule-test-catalog", Item=item)
        key = {name: item[name] for name in ("pk", "sk")}
        assert "Item" not in stack.client("dynamodb").get_item(TableName="jule-test-catalog", Key=key)
        with pytest.raises(AlreadyRunning), LocalStack(tmp_path):
            pass
        saved = tmp_path / "state" / "dynamodb.json"
        assert until(lambda: saved.exists() and '"kept"' in saved.read_text())
        kill(other)
    assert running(tmp_path) is None
    assert not listens(other.base_url)
    assert not listens(other.counterparties_url)
    with LocalStack(tmp_path, stage="test", persist=True) as again:
        assert again.endpoint == other.endpoint
        assert again.client("dynamodb").get_item(TableName="jule-test-catalog", Key=key)["Item"] == item
        assert ask(f"{again.base_url}/v1/health")[0] == 200


@pytest.mark.parametrize("moment", ["before anything was saved", "while an edit is deployed"])
def test_a_kill_at_a_bad_moment_leaves_a_state_that_starts_again(tmp_path: Path, moment: str):
    with LocalStack(tmp_path, stage="test", persist=True) as first:
        if moment == "while an edit is deployed":
            assert until((tmp_path / "state" / "cloudformation.json").exists)
            with first.cloud.changing():
                first.client("cloudformation").delete_stack(StackName="jule-test")
                time.sleep(4)
                kill(first)
        else:
            kill(first)
    with LocalStack(tmp_path, stage="test", persist=True) as again:
        assert ask(f"{again.base_url}/v1/health")[0] == 200
        live = again.client("dynamodb").describe_time_to_live(TableName="jule-test-ephemeral")
        assert live["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
        assert json.loads(ask(f"{again.base_url}/v1/products")[2])["data"]


def test_ctrl_c_stops_everything_it_started(tmp_path: Path):
    command = [sys.executable, "-m", "infra.local.run", "--port", "0", "--folder", str(tmp_path)]
    runner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with runner:
        assert until((tmp_path / "running.json").exists, within_s=300)
        told = running(tmp_path)
        assert ask(f"{told.base_url}/v1/health")[0] == 200
        runner.send_signal(signal.SIGINT)
        assert runner.wait(30) == 0
        assert "stopped" in runner.stdout.read()
    assert not any(listens(url) for url in (told.base_url, told.counterparties_url, told.endpoint))


def test_a_runner_that_is_killed_leaves_nothing_behind(tmp_path: Path):
    command = [sys.executable, "-m", "infra.local.run", "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as runner:
        assert until((tmp_path / "running.json").exists, within_s=300)
        told = running(tmp_path)
        runner.kill()
    assert until(lambda: not any(listens(url) for url in (told.counterparties_url, told.endpoint)))
    assert running(tmp_path) is None


def test_ports_are_kept_while_they_are_free():
    wanted = free_port()
    assert usable_port(wanted) == wanted
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert usable_port(taken.getsockname()[1]) != taken.getsockname()[1]
    assert Ports().cloud == 0
