"""Writes that join a transaction, and the one place that commits them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ..kernel import backoff
from ..kernel.errors import Busy, Failure
from ..kernel.ids import new_id
from ..vault.clients import client
from .row import Row

MOST_IN_TRANSACTION = 100
Refusal = Failure | type[Failure]


class Write(msgspec.Struct, frozen=True):
    """One write, opaque to whoever carries it into a transaction.

    `otherwise` is raised when its condition does not hold; `message_id` marks an outbox row to be sent after.
    """

    verb: str
    kwargs: dict[str, Any]
    row: type[Row]
    otherwise: Refusal | None = None
    message: "Outgoing | None" = None


class Outgoing(msgspec.Struct, frozen=True):
    """A message whose outbox row was written and which is sent once the transaction stands."""

    queue: str
    body: bytes


class ConditionFailed(Exception):
    """A condition without a declared refusal did not hold."""


class Unmet(Exception):
    """The condition of an update that runs at once did not hold; `found` is the row as it stands, if there is one."""

    def __init__(self, found: Row | None) -> None:
        """Take the row that stood against it."""
        super().__init__()
        self.found = found


class TooManyWrites(ValueError):
    """More writes than one transaction takes."""


def put(row: Row, condition: Condition | None = None, otherwise: Refusal | None = None) -> Write:
    """Put a row, replacing what was there unless a condition says no."""
    return Write("Put", row.get_save_kwargs_from_instance(condition=condition), type(row), otherwise)


def put_new(row: Row, otherwise: Refusal | None = None) -> Write:
    """Put a row that must not be there yet."""
    return put(row, type(row).kind.does_not_exist(), otherwise)


def update(
    row: Row | tuple[type[Row], str, str],
    actions: Sequence[Action],
    condition: Condition | None = None,
    *,
    otherwise: Refusal | None = None,
) -> Write:
    """Change a row (an instance, or class and key) that must be there."""
    target = row if isinstance(row, Row) else row[0](pk=row[1], sk=row[2])
    there = type(target).kind.exists()
    kwargs = target.get_update_kwargs_from_instance(
        actions=list(actions), condition=there if condition is None else there & condition
    )
    return Write("Update", kwargs, type(target), otherwise)


def delete(
    row: Row | tuple[type[Row], str, str], condition: Condition | None = None, otherwise: Refusal | None = None
) -> Write:
    """Delete a row; without a condition it may be gone already."""
    target = row if isinstance(row, Row) else row[0](pk=row[1], sk=row[2])
    return Write("Delete", target.get_delete_kwargs_from_instance(condition=condition), type(target), otherwise)


def check(key: tuple[type[Row], str, str], condition: Condition, otherwise: Refusal | None = None) -> Write:
    """Let the transaction pass only where another row is as it should be."""
    row, pk, sk = key
    kwargs = row.get_operation_kwargs_from_class(pk, range_key=sk, condition=condition)
    return Write("ConditionCheck", kwargs, row, otherwise)


def commit(writes: Sequence[Write]) -> None:
    """Write all or nothing.

    One write goes as a plain call at half the price, several as a transaction under a client token, so that
    a repeat after a lost answer is applied once. Where the SDK repeated a lone put whose answer was lost, our own
    row stands against it: that is no refusal. Conflicts with other transactions are tried again.

    Raises:
        Failure: what the first write whose condition failed declared.
        ConditionFailed: that write declared nothing.
        Busy: conflicts or throttling outlasted every try.
        TooManyWrites: more than 100.
    """
    if len(writes) > MOST_IN_TRANSACTION:
        raise TooManyWrites
    if len(writes) == 1 and writes[0].verb != "ConditionCheck":
        _commit_one(writes[0])
    elif writes:
        _commit_all(writes)


def update_now(write: Write) -> Row:
    """Do one update at once and give the row as it is afterwards, in the same call.

    For what must be counted before it is looked at: tries of a code or password, one use of a token.

    Raises:
        Unmet: the condition did not hold.
        Busy: conflicts outlasted every try.
    """
    dynamodb = client("dynamodb")
    for attempt in range(1, backoff.TRIES + 1):
        try:
            answer = dynamodb.update_item(
                **write.kwargs, ReturnValues="ALL_NEW", ReturnValuesOnConditionCheckFailure="ALL_OLD"
            )
        except dynamodb.exceptions.ConditionalCheckFailedException as refused:
            item = refused.response.get("Item")
            raise Unmet(write.row.from_item(item) if item else None) from None
        except dynamodb.exceptions.TransactionConflictException:
            backoff.pause(attempt)
        else:
            return write.row.from_item(answer["Attributes"])
    raise Busy(retry_after_s=1)


def _commit_one(write: Write) -> None:
    dynamodb = client("dynamodb")
    call = {"Put": dynamodb.put_item, "Update": dynamodb.update_item, "Delete": dynamodb.delete_item}[write.verb]
    asks = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if write.verb == "Put" else {}
    for attempt in range(1, backoff.TRIES + 1):
        try:
            call(**write.kwargs, **asks)
        except dynamodb.exceptions.ConditionalCheckFailedException as refused:
            if _ours(write, refused.response):
                return
            raise _refusal(write) from None
        except dynamodb.exceptions.TransactionConflictException:
            backoff.pause(attempt)
        else:
            return
    raise Busy(retry_after_s=1)


def _ours(write: Write, answer: dict[str, Any]) -> bool:
    """Say whether what stands against a put is the put itself, which the SDK sent once more."""
    repeated = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
    return repeated and "Item" in answer and _plain(answer["Item"]) == _plain(write.kwargs["Item"])


def _plain(item: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Make items comparable: sets come back in any order."""
    return {
        name: {kind: sorted(value) if kind in {"SS", "NS", "BS"} else value for kind, value in typed.items()}
        for name, typed in item.items()
    }


def _commit_all(writes: Sequence[Write]) -> None:
    dynamodb = client("dynamodb")
    items = [{w.verb: w.kwargs} for w in writes]
    token = new_id("tok")
    for attempt in range(1, backoff.TRIES + 1):
        try:
            dynamodb.transact_write_items(TransactItems=items, ClientRequestToken=token)
        except dynamodb.exceptions.TransactionCanceledException as refused:
            codes = [r.get("Code") for r in refused.response.get("CancellationReasons", [])]
            for write, code in zip(writes, codes, strict=False):
                if code == "ConditionalCheckFailed":
                    raise _refusal(write) from None
            if "ValidationError" in codes:
                raise
            backoff.pause(attempt)
        except dynamodb.exceptions.TransactionInProgressException:
            backoff.pause(attempt)
        else:
            return
    raise Busy(retry_after_s=1)


def _refusal(write: Write) -> Exception:
    if write.otherwise is None:
        return ConditionFailed(write.row.__name__)
    return write.otherwise if isinstance(write.otherwise, Failure) else write.otherwise()
