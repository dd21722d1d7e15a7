"""People who cancel their accounts, and the erasures that follow."""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.store.row import get
from chalicelib.rights import rules
from chalicelib.rights.contracts import CancelAccount, CertificateView
from chalicelib.rights.service import cancellation, certificate, erasure
from chalicelib.rights.tables import CANCELLATION_SK, CancellationRow

from .cloud import TestCloud
from .lives import system_call
from .people import Someone

HOUR = Deadline(3600)
TABLES = ("people", "keys", "ephemeral", "outbox", "evidence", "catalog", "trade", "community", "cases")


class Left(NamedTuple):
    """A cancellation under way."""

    request_id: str
    receipt: str

    def case(self) -> CancellationRow:
        """Read its case."""
        row = get(CancellationRow, self.request_id, CANCELLATION_SK)
        assert row is not None
        return row

    def certificate(self) -> CertificateView:
        """Ask for its certificate."""
        return certificate.show_certificate(system_call(), self.receipt)

    def go_on(self, now: datetime | None = None) -> None:
        """Have the erasure taken as far as it goes now."""
        erasure.erase(system_call(now), self.request_id, HOUR)

    def finish(self) -> CertificateView:
        """Have the erasure go on until it is done, past every wait."""
        now = system_call().now
        for _ in range(12):
            if self.case().step == "done":
                return self.certificate()
            now += rules.LOOK_AGAIN_WITHIN
            erasure.continue_erasures(system_call(now), HOUR)
        raise AssertionError(self.case().step)


def leave(who: Someone, now: datetime | None = None, **changes: Any) -> Left:
    """Cancel somebody's account as previewed."""
    call = who.call(now, purpose="rights.answer")
    receipt = secrets.token_urlsafe(32)
    preview = cancellation.preview_cancellation(call)
    asked = CancelAccount(**{"plan_hash": preview.plan_hash, "receipt": receipt, **changes})
    return Left(cancellation.cancel_account(call, asked).request_id, asked.receipt)


def raw(cloud: TestCloud) -> bytes:
    """Read every stored attribute, raw."""
    return b"\n".join(
        bytes(content) if kind == "B" else str(content).encode()
        for name in TABLES
        for item in cloud.items(name)
        for value in item.values()
        for kind, content in value.items()
    )


def traces(cloud: TestCloud, who: Someone, *more: str) -> list[str]:
    """Name what of a person is left anywhere in the tables: id, keys that must be gone, and whatever is asked for."""
    left = raw(cloud)
    return [trace for trace in (who.person_id, who.keys["main"], who.keys["cases"], *more) if trace.encode() in left]
