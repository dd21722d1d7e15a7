"""Messages onto queues of the local cloud."""

from typing import Any

import pytest

from chalicelib.foundation.gateways import queue
from chalicelib.foundation.gateways.queue import BATCH_BYTES, MessageTooLarge, send
from chalicelib.foundation.vault.clients import reset_clients
from tests.support.calls import AwsCall
from tests.support.cloud import TestCloud


def test_messages_arrive_as_they_were_in_batches_of_ten(cloud: TestCloud, aws_calls: list[AwsCall]) -> None:
    messages = [f'{{"id":"消息{number}"}}'.encode() for number in range(23)]
    assert send("notices", messages) == []
    sent = [call.params["Entries"] for call in aws_calls if call.operation == "SendMessageBatch"]
    assert [len(entries) for entries in sent] == [10, 10, 3]
    assert sorted(m["Body"].encode() for m in cloud.messages("notices")) == sorted(messages)


def test_no_batch_is_longer_than_the_queue_takes(cloud: TestCloud, aws_calls: list[AwsCall]) -> None:
    messages = [b"x" * (100 * 1024)] * 5
    assert send("notices", messages) == []
    sent = [call.params["Entries"] for call in aws_calls if call.operation == "SendMessageBatch"]
    assert [len(entries) for entries in sent] == [2, 2, 1]
    assert len(cloud.messages("notices")) == 5


def test_nothing_is_sent_for_nothing(cloud: TestCloud, aws_calls: list[AwsCall]) -> None:
    assert send("notices", []) == []
    assert aws_calls == []


def test_a_message_no_queue_takes_is_a_fault_and_nothing_is_sent(cloud: TestCloud) -> None:
    with pytest.raises(MessageTooLarge):
        send("notices", [b"{}"] * 11 + [b"x" * (BATCH_BYTES + 1)])
    assert cloud.messages("notices") == []


def test_what_was_not_sent_is_told_by_index(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    real = queue.client("sqs")

    class Partial:
        """The real client, whose queue takes every message but one."""

        def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
            taken = [entry for entry in Entries if entry["Id"] != "11"]
            return real.send_message_batch(QueueUrl=QueueUrl, Entries=taken)

    monkeypatch.setattr(queue, "client", lambda _: Partial())
    assert send("notices", [f"{number}".encode() for number in range(13)]) == [11]
    assert len(cloud.messages("notices")) == 12


def test_a_queue_that_cannot_be_reached_keeps_nothing_back_in_silence(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as nowhere:
        nowhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        reset_clients()
        assert send("notices", [b"personal"] * 12) == list(range(12))
    reset_clients()
    logged = capsys.readouterr().out
    assert logged.count('"event":"provider_fault"') == 2
    assert "personal" not in logged
