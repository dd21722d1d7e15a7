"""One JSON line per event, from a closed list of events with a closed list of keys.

No message, body, header or exception text has a way in, and a person appears only as a pseudonym.
"""

import json
import sys
from enum import Enum


class Event(Enum):
    """What may be logged, with the keys each event may carry."""

    REQUEST_DONE = ("request_done", {"request_id", "route", "method", "status", "code", "took_ms", "who"})
    REQUEST_FAULT = ("request_fault", {"request_id", "route", "kind", "where"})
    JOB_DONE = ("job_done", {"job", "message_id", "outcome", "took_ms", "request_id"})
    JOB_FAULT = ("job_fault", {"job", "message_id", "kind", "where", "request_id"})
    JOB_BATCH = ("job_batch", {"job", "received", "failed", "request_id"})
    OUTBOX_DEFERRED = ("outbox_deferred", {"queue", "count"})
    OUTBOX_RESENT = ("outbox_resent", {"count"})
    MESSAGE_BUDGET = ("message_budget", {"way", "used", "budget"})
    PROVIDER_FAULT = ("provider_fault", {"provider", "operation", "kind"})
    PAYMENT_MISMATCH = ("payment_mismatch", {"order_id", "reason"})
    REFUND_STUCK = ("refund_stuck", {"order_id", "reason"})
    ERASURE_STEP = ("erasure_step", {"request_id", "step", "count"})
    KEY_DAMAGED = ("key_damaged", {"key_id"})
    EVIDENCE_SEALED = ("evidence_sealed", {"day", "count"})
    STAFF_REFUSED = ("staff_refused", {"request_id"})
    RECOVERY_PRESSED = ("recovery_pressed", {"request_id"})
    SWEEP_DONE = ("sweep_done", {"sweep", "count", "failed"})


Value = str | int | float | bool | None
_LINE = json.JSONEncoder(separators=(",", ":"))
"""ASCII whatever comes, half a surrogate pair too: a line must reach the log."""


class UndeclaredKey(TypeError):
    """A log call carries a key that its event does not declare."""


def event(what: Event, **fields: Value) -> None:
    """Write one line.

    Keeps: K4.2

    Raises:
        UndeclaredKey: a key is not declared for this event.
    """
    name, allowed = what.value
    if not fields.keys() <= allowed:
        raise UndeclaredKey(name)
    sys.stdout.write(_LINE.encode({"event": name, **fields}) + "\n")


def where(fault: BaseException) -> str:
    """Name the innermost file and line of ours that a fault came through, without its text."""
    at, place = fault.__traceback__, "unknown"
    while at is not None:
        _, ours, file = at.tb_frame.f_code.co_filename.rpartition("/chalicelib/")
        place = f"{file}:{at.tb_lineno}" if ours else place
        at = at.tb_next
    return place
