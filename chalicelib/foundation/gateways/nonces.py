"""Nonces of signed notifications: each serves one, so that nobody's old one can be sent as news."""

from datetime import datetime, timedelta
from typing import Final

from ..store.attributes import Expiry, Text
from ..store.declare import EXPIRY, KEY, Technical
from ..store.row import Row
from ..store.write import Refusal, Write, put

KEPT: Final = timedelta(minutes=15)
"""Longer than a notification is taken for after it was signed."""


class NonceRow(Row, table="ephemeral", kind="notification_nonce"):
    """That a notification came under this nonce."""

    pk = Text(Technical("random text of the payment provider"), hash_key=True)
    sk = Text(KEY, range_key=True)
    notification_id = Text(Technical("the provider's number of a notification"))
    expires_at = Expiry(EXPIRY)


def spend_nonce(provider: str, nonce: str, notification_id: str, *, now: datetime, otherwise: Refusal) -> Write:
    """Take a nonce for one notification; the same one may come again."""
    row = NonceRow(pk=f"NONCE#{provider}#{nonce}", sk="NONCE", notification_id=notification_id, expires_at=now + KEPT)
    fits = NonceRow.kind.does_not_exist() | (NonceRow.notification_id == notification_id)
    return put(row, fits, otherwise)
