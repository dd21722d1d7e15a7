"""Messages onto our queues, in batches; what could not be sent is told, never dropped in silence."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..kernel.config import config
from .session import client
from .transport import report

MOST_IN_BATCH: Final = 10
BATCH_BYTES: Final = 256 * 1024


class MessageTooLarge(ValueError):
    """A message that no queue takes: messages hold ids, so this is a fault of ours."""


def send(name: str, messages: Sequence[bytes]) -> list[int]:
    """Send messages (UTF-8) to a queue such as `notices`.

    Returns:
        The indexes of those that were not sent; the outbox sends them again.

    Raises:
        MessageTooLarge: one is larger than the queue takes; then nothing was sent.
    """
    failed: list[int] = []
    for batch in list(_batches(messages)):
        failed += _send_batch(name, {index: messages[index] for index in batch})
    return failed


def _send_batch(name: str, batch: dict[int, bytes]) -> list[int]:
    from botocore.exceptions import BotoCoreError, ClientError

    entries = [{"Id": str(index), "MessageBody": body.decode()} for index, body in batch.items()]
    try:
        answer: dict[str, Any] = client("sqs").send_message_batch(QueueUrl=config().queue_url(name), Entries=entries)
    except (BotoCoreError, ClientError) as fault:
        report("sqs", "SendMessageBatch", type(fault).__name__)
        return list(batch)
    return sorted(batch.keys() - {int(sent["Id"]) for sent in answer.get("Successful", ())})


def _batches(messages: Sequence[bytes]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for index, body in enumerate(messages):
        if len(body) > BATCH_BYTES:
            raise MessageTooLarge
        if batch and (len(batch) == MOST_IN_BATCH or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(index)
        size += len(body)
    if batch:
        yield batch
