"""The one decorator of background work, mirror of `web.endpoint`.

Job functions never import `app.py` in Lambda, so whatever must hold for every message is here and below.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import Blueprint, CloudWatchEvent, SQSEvent

from ..kernel import clock, log, startup
from ..kernel.call import Call, Person
from ..kernel.deadlines import Deadline
from ..kernel.errors import Failure
from ..kernel.shapes import Message
from ..register import lookup
from ..standing import minors
from ..standing.access import person as standing_of
from ..standing.rows import ACTIVE, FROZEN, MERGING
from ..store import outbox
from ..store.row import get
from ..store.write import ConditionFailed, commit

MORE_S = 5.0
LEAST_LEFT_S = 10.0


class Dropped(Exception):
    """The message has nobody to serve any more: erased, frozen, withdrawn, or done before."""

    def __init__(self, why: str) -> None:
        """Say why, by code."""
        super().__init__(why)
        self.why = why


class Deferred(Exception):
    """Whose message it is, is about to change: the sweep of the outbox sends it again."""


class NotYet(Exception):
    """The work goes on at the next delivery, from its checkpoint."""


class Queued(msgspec.Struct, frozen=True):
    """How one queue's messages are handled."""

    queue: str
    messages: tuple[type[Message], ...]
    function: Callable[[Call, Any], None]
    purpose: str = ""
    legal_ground: str = ""
    frozen: dict[type[Message], str] = {}
    outside: bool = False

    @property
    def name(self) -> str:
        """The job's name, as its function is called."""
        return self.function.__name__


class Jobs:
    """A domain's jobs, as a Chalice blueprint."""

    def __init__(self, module: str) -> None:
        """Make the blueprint of a `jobs` module."""
        self.blueprint = Blueprint(module)

    def on_queue(
        self,
        queue: str,
        *messages: type[Message],
        purpose: str = "",
        legal_ground: str = "",
        frozen: dict[type[Message], str] | None = None,
        outside: bool = False,
        batch: int = 10,
    ) -> Callable[[Callable[[Call, Any], None]], Callable[[Any, Any], Any]]:
        """Handle the messages of a queue, each once.

        Args:
            queue: its name.
            messages: the contracts it carries; the verb is given whichever came.
            purpose: what the work serves; consent to it is checked again when it runs.
            legal_ground: why the work goes on for someone frozen, cancelling or gone (settlement, erasure).
            frozen: which messages are dealt with for someone frozen too, and on which legal ground.
            outside: messages come from AWS or a partner, not through the outbox; the verb itself is idempotent.
            batch: messages per invocation.
        """

        def decorate(function: Callable[[Call, Any], None]) -> Callable[[Any, Any], Any]:
            how = Queued(queue, messages, function, purpose, legal_ground, frozen or {}, outside)

            def entry(event: SQSEvent) -> dict[str, Any]:
                return run_batch(how, event.to_dict()["Records"], event.context)

            entry.__name__ = function.__name__
            entry.__doc__ = function.__doc__
            made: Callable[[Any, Any], Any] = self.blueprint.on_sqs_message(
                queue=queue, batch_size=batch, name=function.__name__
            )(entry)
            return made

        return decorate

    def on_schedule(self, expression: str) -> Callable[[Callable[[Call, Deadline], None]], Callable[[Any, Any], Any]]:
        """Run on a schedule such as `rate(1 minute)`."""

        def decorate(function: Callable[[Call, Deadline], None]) -> Callable[[Any, Any], Any]:
            def entry(event: CloudWatchEvent) -> None:
                run_schedule(function, event.context)

            entry.__name__ = function.__name__
            entry.__doc__ = function.__doc__
            made: Callable[[Any, Any], Any] = self.blueprint.schedule(expression, name=function.__name__)(entry)
            return made

        return decorate


def run_batch(how: Queued, records: list[dict[str, Any]], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's
    """Handle a batch; gives the ids that must come again (`ReportBatchItemFailures`).

    A provider that hangs makes each message slow. Begun too late, one would be cut off together with those already
    dealt with, so what there may be no time for comes again untouched.
    """
    startup.settle()
    request_id = str(getattr(context, "aws_request_id", "") or "local")
    failed, slowest_s = [], LEAST_LEFT_S
    for number, record in enumerate(records):
        began_s = clock.steady_s()
        if (number and _left_s(context) < slowest_s) or not run_message(how, record, request_id):
            failed.append(str(record["messageId"]))
        slowest_s = max(slowest_s, 2 * (clock.steady_s() - began_s))
    log.event(log.Event.JOB_BATCH, job=how.name, received=len(records), failed=len(failed), request_id=request_id)
    return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}


def run_message(how: Queued, record: dict[str, Any], request_id: str) -> bool:
    """Handle one message; says whether it is dealt with for good."""
    began_s = clock.steady_s()
    message_id = str(record["messageId"])
    try:
        _handle(how, str(record["body"]), request_id)
        outcome = "done"
    except Dropped as dropped:
        outcome = dropped.why
    except Deferred:
        outcome = "deferred"
    except NotYet:
        outcome = "not_yet"
    except Exception as fault:  # noqa: BLE001 - one bad message must not fail its batch
        log.event(
            log.Event.JOB_FAULT,
            job=how.name,
            message_id=message_id,
            kind=fault.code if isinstance(fault, Failure) else type(fault).__name__,
            where=log.where(fault),
            request_id=request_id,
        )
        return False
    log.event(
        log.Event.JOB_DONE,
        job=how.name,
        message_id=message_id,
        outcome=outcome,
        took_ms=round((clock.steady_s() - began_s) * 1000),
        request_id=request_id,
    )
    return outcome != "not_yet"


def run_schedule(function: Callable[[Call, Deadline], None], context: Any) -> None:  # noqa: ANN401
    """Run a scheduled job within the time the function has."""
    startup.settle()
    request_id = str(getattr(context, "aws_request_id", "") or "local")
    call = Call(request_id=request_id, now=clock.now(), route=function.__name__)
    try:
        function(call, Deadline(_left_s(context) - MORE_S))
    except Exception as fault:
        log.event(
            log.Event.JOB_FAULT,
            job=function.__name__,
            message_id="schedule",
            kind=type(fault).__name__,
            where=log.where(fault),
            request_id=request_id,
        )
        raise


def _left_s(context: Any) -> float:  # noqa: ANN401
    """Say how long this run may go on; a minute where nobody says."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return left() / 1000 if left else 60.0


def _handle(how: Queued, body: str, request_id: str) -> None:
    if how.outside:
        how.function(_call(how, request_id, ""), _outside(how, body))
        return
    envelope = msgspec.json.decode(body, type=outbox.Envelope)
    shape = next((m for m in how.messages if m.__name__ == envelope.kind), None)
    if shape is None:
        raise UnknownMessage
    row = get(outbox.OutboxRow, envelope.id, "MESSAGE")
    if row is None:
        raise Dropped("erased")
    if row.done:
        raise Dropped("done_before")
    call = _call(how, request_id, envelope.id)
    try:
        purpose = how.purpose or envelope.purpose
        person = None if not row.person_id else _person(how, row, shape)
        if person is not None and not how.legal_ground:
            _refuse_withdrawn(person, purpose)
            _refuse_unguarded(person, purpose)
        call = msgspec.structs.replace(call, person=person, purpose=purpose, announced_at=row.at)
        how.function(call, msgspec.json.decode(envelope.body, type=shape))
    except Dropped:
        _mark_done(envelope.id)
        raise
    _mark_done(envelope.id)


def _person(how: Queued, row: outbox.OutboxRow, shape: type[Message]) -> Person | None:
    """Read standing anew: what was right when the message was written may not be now."""
    person = standing_of(row.person_id)
    if how.legal_ground:
        return person
    if person is None:
        raise Dropped("person_gone")
    if person.status == MERGING:
        raise Deferred
    as_written = person.epoch == row.epoch and person.status == ACTIVE
    if not as_written and not (shape in how.frozen and person.status in {ACTIVE, FROZEN}):
        raise Dropped("standing_changed")
    return person


def _refuse_withdrawn(person: Person, purpose: str) -> None:
    if purpose and not lookup.purpose(purpose).essential and purpose not in person.consents:
        raise Dropped("consent_withdrawn")


def _refuse_unguarded(person: Person, purpose: str) -> None:
    try:
        minors.refuse(person, purpose, clock.now())
    except (minors.GuardianConsentRequired, minors.NotForChildren):
        raise Dropped("guardian_missing") from None


def _call(how: Queued, request_id: str, message_id: str) -> Call:
    return Call(
        request_id=request_id,
        now=clock.now(),
        purpose=how.purpose,
        route=how.name,
        idempotency_key=message_id,
    )


def _outside(how: Queued, body: str) -> Message:
    plain = json.loads(body)
    if isinstance(plain, dict) and plain.get("Event") == "s3:TestEvent":
        raise Dropped("test_event")
    return msgspec.convert(plain, type=how.messages[0])


def _mark_done(message_id: str) -> None:
    try:
        commit([outbox.done(message_id, clock.now())])
    except ConditionFailed:
        return


class UnknownMessage(ValueError):
    """A message of another kind than this queue carries."""
