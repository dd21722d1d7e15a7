"""One-time codes and when they were sent, with every query and condition on them."""

from datetime import datetime
from typing import cast

from ...foundation.kernel.errors import Busy, TooMany
from ...foundation.store.attributes import Expiry, Instant, Integer, Json, Text
from ...foundation.store.declare import EXPIRY, KEY, STATE, TIME, Personal, Technical
from ...foundation.store.row import Row, rows_by_key
from ...foundation.store.write import Refusal, Write, delete, put, update

CODE = "CODE"
SENT = "SENT"


class CodeRow(Row, table="ephemeral", kind="code"):
    """The latest code to a number for a purpose, as a keyed digest; the one before stays good for its own time."""

    pk = Text(Personal("account.code"), hash_key=True)
    sk = Text(KEY, range_key=True)
    code_id = Text(Technical("random id of this sending"))
    digest = Text(Personal("account.code"))
    attempts = Integer(STATE)
    digest_before = Text(Personal("account.code"), null=True)
    before_until = Instant(TIME, null=True)
    before_attempts = Integer(STATE, default=0)
    expires_at = Expiry(EXPIRY)


class CodesSentRow(Row, table="ephemeral", kind="codes_sent"):
    """When codes went to a number during the last day."""

    pk = Text(Personal("system.rate"), hash_key=True)
    sk = Text(KEY, range_key=True)
    version = Integer(STATE)
    sent = Json(Technical("times, for the limits"))
    expires_at = Expiry(EXPIRY)


def code_key(purpose: str, index: str) -> tuple[type[CodeRow], str, str]:
    """Give the key of a number's code for a purpose."""
    return CodeRow, f"CODE#{purpose}#{index}", CODE


def sent_key(index: str, lane: str = "") -> tuple[type[CodesSentRow], str, str]:
    """Give the key of a number's sendings; of those that are counted apart, by the name they are counted under."""
    return CodesSentRow, f"CODES#{lane}#{index}" if lane else f"CODES#{index}", SENT


def codes_of(
    purpose: str, index: str, sent: tuple[type[CodesSentRow], str, str]
) -> tuple[CodeRow | None, CodesSentRow | None]:
    """Read the current code for a purpose, and when codes went to that number or address."""
    found = rows_by_key([code_key(purpose, index), sent])
    return cast("CodeRow | None", found[0]), cast("CodesSentRow | None", found[1])


def note_sent(row: CodesSentRow, seen: CodesSentRow | None) -> Write:
    """Note a sending; of several at once, one passes."""
    unchanged = CodesSentRow.kind.does_not_exist() if seen is None else CodesSentRow.version == seen.version
    return put(row, unchanged, TooMany(retry_after_s=60))


def keep_code(row: CodeRow, seen: CodeRow | None) -> Write:
    """Keep a new code, only in place of the one we read: one that was used or burned meanwhile must not come back."""
    unchanged = CodeRow.kind.does_not_exist()
    if seen is not None:
        unchanged = (CodeRow.code_id == seen.code_id) & (CodeRow.attempts == seen.attempts)
    return put(row, unchanged, Busy(retry_after_s=1))


def count_code_try(purpose: str, index: str, *, now: datetime, most: int) -> Write:
    """Count a try of a code that is alive and has tries left."""
    alive = (CodeRow.attempts < most) & (CodeRow.expires_at > now)
    return update(code_key(purpose, index), [CodeRow.attempts.add(1)], alive)


def give_try_back(row: CodeRow) -> Write:
    """Take back the count of a right code that something else stood against."""
    return update(row, [CodeRow.attempts.add(-1)], (CodeRow.code_id == row.code_id) & (CodeRow.attempts > 0))


def use_code(row: CodeRow, otherwise: Refusal) -> Write:
    """Use a code up, within the transaction it allows."""
    return delete(row, CodeRow.code_id == row.code_id, otherwise)
