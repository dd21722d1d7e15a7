"""Erasing a person's rows: the whole step of the job, and a bare client that deletes the same keys in batches."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from .person import KEY_ID, PERSON, bare, keys, message, physical

KINDS = ("inbox",)
_CASE = f"req_{'d' * 26}"
_BATCH = 25


def crowd() -> dict[str, Any]:
    """Say what the store holds: messages, and a case that stands before its rows, then waits for them to settle."""
    return {"kinds": {"inbox": message()}, "cases": [_case("rows"), _case("settle")]}


def ours() -> int:
    """Work on the case as the job does, from the read of its checkpoint to the next step; gives what was deleted."""
    from chalicelib.foundation.kernel.call import Call
    from chalicelib.foundation.kernel.deadlines import Deadline
    from chalicelib.rights.service.erasure import erase

    said, sys.stdout = sys.stdout, io.StringIO()
    try:
        erase(Call(request_id="bench", now=datetime.now(UTC)), _CASE, Deadline(600.0))
        told = [json.loads(line) for line in sys.stdout.getvalue().splitlines()]
    finally:
        sys.stdout = said
    return sum(line["count"] for line in told if line.get("step") == "rows")


def theirs() -> int:
    """Delete the same keys and do nothing else."""
    done = 0
    for kind in KINDS:
        for page in keys(kind):
            for start in range(0, len(page), _BATCH):
                part = [{"DeleteRequest": {"Key": key}} for key in page[start : start + _BATCH]]
                bare().batch_write_item(RequestItems={physical(kind): part})
                done += len(part)
    return done


def _case(step: str) -> dict[str, Any]:
    from chalicelib.rights.tables import CANCELLATION_SK, CancellationRow

    now = datetime.now(UTC)
    row = CancellationRow(
        pk=_CASE,
        sk=CANCELLATION_SK,
        erasing_id=PERSON,
        key_ids={"main": KEY_ID, "trade": KEY_ID, "cases": KEY_ID},
        step=step,
        started_at=now - timedelta(hours=1),
        settle_at=now + timedelta(days=1),
        plan_hash="0" * 64,
        plan=[],
        counts={},
        reference=f"ref_{'e' * 32}",
        due_shard="due#0",
        due_at=now - timedelta(hours=1),
    )
    item: dict[str, Any] = row.get_save_kwargs_from_instance()["Item"]
    return item
