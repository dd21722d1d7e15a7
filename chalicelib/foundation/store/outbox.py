"""Messages to be sent: written with the business rows, ids only, sent after, resent until done."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ..kernel.call import Call, Person
from ..kernel.ids import new_id
from ..kernel.shapes import Message
from .attributes import Expiry, Flag, Instant, Integer, Text
from .declare import EPOCH, EXPIRY, INDEX, KEY, STATE, TIME, OnMerge, Personal, Technical
from .row import Row
from .write import Outgoing, Write, put_new, update

RESEND_AFTER = timedelta(seconds=60)
RESEND_WITHIN = timedelta(days=1)
KEPT_AFTER_DONE = timedelta(days=7)
SHARDS = 8


class Envelope(msgspec.Struct, frozen=True):
    """What travels on a queue: ids and a purpose, never content, and not whose it is: the outbox row says that.

    A message that nobody can deal with lies in a dead-letter queue for two weeks, out of reach of any erasure.
    """

    id: str
    kind: str
    body: msgspec.Raw
    purpose: str = ""
    at: str = ""


class OutboxRow(Row, table="outbox", kind="outbox"):
    """A message on its way, and the mark that it was dealt with."""

    on_merge = OnMerge.MOVE

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    queue = Text(Technical("which queue takes it"))
    body = Text(Technical("envelope of ids; what they point at is erased on its own"))
    person_id = Text(Personal("account.person_id"), null=True)
    at = Instant(TIME)
    done = Flag(STATE, default=False)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)
    epoch = Integer(EPOCH, null=True)
    expires_at = Expiry(EXPIRY, null=True)


def announce(call: Call, queue: str, body: Message, *, person: Person | Literal["caller"] | None = "caller") -> Write:
    """Write a message's outbox row; the committer sends it once the transaction stands.

    Args:
        call: who causes it.
        queue: the queue's name.
        body: the message.
        person: whose business it is: the caller's unless another's, or nobody's (it then outlives everybody).
    """
    about = call.person if person == "caller" else person
    envelope = Envelope(
        id=new_id("msg"),
        kind=type(body).__name__,
        body=msgspec.Raw(msgspec.json.encode(body)),
        purpose=call.purpose,
        at=call.now.isoformat(),
    )
    encoded = msgspec.json.encode(envelope)
    row = OutboxRow(
        pk=envelope.id,
        sk="MESSAGE",
        queue=queue,
        body=encoded.decode(),
        person_id=None if about is None else about.person_id,
        epoch=None if about is None else about.epoch,
        at=call.now,
        done=False,
        due_shard=shard(envelope.id),
        due_at=call.now + RESEND_AFTER,
    )
    write = put_new(row)
    return msgspec.structs.replace(write, message=Outgoing(queue, encoded))


def done(message_id: str, now: datetime) -> Write:
    """Mark a message as dealt with; it leaves the sweep's index and ends in a week."""
    return update(
        (OutboxRow, message_id, "MESSAGE"),
        [
            OutboxRow.done.set(True),
            OutboxRow.due_shard.remove(),
            OutboxRow.due_at.remove(),
            OutboxRow.expires_at.set(now + KEPT_AFTER_DONE),
        ],
    )


def again(row: OutboxRow, now: datetime) -> Write:
    """Put off the next resend of a message that was sent again, by as long as it has been waiting.

    So the waits double up to a day: work that takes long is not sent over and over, and poison does not flood
    the dead-letter queue.
    """
    wait = min(max(RESEND_AFTER, now - row.at), RESEND_WITHIN)
    return update((OutboxRow, row.pk, row.sk), [OutboxRow.due_at.set(now + wait)])


def shard(key: str) -> str:
    """Spread due rows over a few partitions of the `due` index."""
    return f"due#{sum(key.encode()) % SHARDS}"
