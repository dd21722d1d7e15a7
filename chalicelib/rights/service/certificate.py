"""The certificate of an erasure: what went, what stays until when and why, verifiable offline, about nobody."""

import base64
import hashlib
import json

from ...foundation.audit.evidence import append
from ...foundation.audit.sealer import key_id, public_key, sign
from ...foundation.kernel import clock
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.register import lookup
from ...foundation.register.periods import end_of
from ...foundation.standing.access import commit
from ...foundation.store.row import get
from ..contracts import CertificateView, EvidenceKeyView
from ..tables import CANCELLATION_SK, CancellationRow, ErasureRow, checkpoint
from .cancellation import request_of
from .plans import certified, gone, kept

FORMAT = "jule-erasure/1"
KEPT = "request.life"


def write_certificate(call: Call, row: CancellationRow) -> None:
    """Sign the statement, put it on record, cut the case itself loose from the person, and be done, all in one.

    Keeps: J7.3, J11.3
    """
    statement = _statement(call, row)
    digest = hashlib.sha256(statement.encode()).hexdigest()
    ledger = ErasureRow.entry(
        call,
        row.reference,
        action="erasure:finished",
        subject_id=row.pk,
        plan_hash=row.plan_hash,
        statement_hash=digest,
    )
    commit(
        call,
        [
            append(ledger),
            checkpoint(
                row,
                step="done",
                statement=statement,
                signature=sign(statement.encode()),
                finished_at=call.now,
                erasing_id=None,
                key_ids=None,
                due_at=end_of(lookup.retention(KEPT).period, call.now),
            ),
        ],
        legal_ground="erasure",
    )


def show_certificate(call: Call, receipt: str) -> CertificateView:
    """Show how an erasure stands to whoever holds its receipt; anyone else finds nothing.

    Keeps: J11.3
    """
    del call
    row = get(CancellationRow, request_of(receipt), CANCELLATION_SK)
    if row is None:
        raise NotFound
    if row.step != "done" or row.statement is None:
        return CertificateView(state="running")
    return CertificateView(
        state="done",
        statement=row.statement,
        signature=row.signature or "",
        public_key=base64.b64encode(public_key()).decode(),
    )


def show_evidence_key(call: Call) -> EvidenceKeyView:
    """Show the key to verify certificates with, under its fingerprint.

    Keeps: J11.3
    """
    del call
    return EvidenceKeyView(
        key_id=key_id(), algorithm="ECDSA_SHA_256", public_key=base64.b64encode(public_key()).decode()
    )


def _statement(call: Call, row: CancellationRow) -> str:
    kept_records = kept(row.plan)
    trade = f"destroyed on {max(str(line['until']) for line in kept_records)}" if kept_records else "destroyed"
    body = {
        "format": FORMAT,
        "key": key_id(),
        "request": row.pk,
        "begun_at": clock.rfc3339(row.started_at),
        "finished_at": clock.rfc3339(call.now),
        "plan": row.plan_hash,
        "done": dict(sorted(gone(row.plan, row.counts).items())),
        "kept": certified(row.reference, row.plan, call.now),
        "keys": {"main": "destroyed", "cases": "destroyed", "trade": trade},
        "found_afterwards": row.found_afterwards,
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
