"""Limits against abuse, counted per window under keys that name nobody.

A guest is counted under a keyed hash of the address whose random key is made anew each day and forgotten after
two (A1): what was counted yesterday can't be tied to an address any more.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import msgspec

from ..kernel.errors import TooMany
from ..store.attributes import Bytes, Expiry, Integer, Text
from ..store.declare import EXPIRY, Personal, Technical
from ..store.row import Row, get
from ..store.write import ConditionFailed, commit, delete, put_new
from ..vault.clients import client

_IPV6_PREFIX = 64


class Limit(msgspec.Struct, frozen=True):
    """At most `count` in `window_s` seconds, per address or per person."""

    name: str
    count: int
    window_s: int
    per: str = "address"


class CounterRow(Row, table="ephemeral", kind="counter"):
    """How often one key was counted in one window."""

    pk = Text(Personal("system.rate"), hash_key=True)
    sk = Text(Technical("window"), range_key=True)
    used = Integer(Technical("a count"))
    expires_at = Expiry(EXPIRY)


class DayKeyRow(Row, table="ephemeral", kind="day_key"):
    """The random key of one day's address hashes."""

    pk = Text(Technical("date"), hash_key=True)
    sk = Text(Technical("fixed"), range_key=True)
    key = Bytes(Technical("random"))
    expires_at = Expiry(EXPIRY)


_day_keys: dict[str, bytes] = {}


def forget_day_keys() -> None:
    """Forget the day's key, after a test emptied the tables."""
    _day_keys.clear()


def address_hash(address: str, now: datetime) -> str:
    """Name an address for today only; IPv6 by its /64.

    Keeps: A1.4
    """
    try:
        parsed = ip_address(address)
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        network = str(ip_network((parsed, _IPV6_PREFIX), strict=False)) if parsed.version == 6 else str(parsed)  # noqa: PLR2004
    except ValueError:
        network = "unknown"
    return hmac.digest(_day_key(now), network.encode(), hashlib.sha256)[:12].hex()


class Spent(msgspec.Struct, frozen=True):
    """How a limit stands after one use."""

    limit: Limit
    used: int
    left_s: int

    def headers(self) -> dict[str, str]:
        """Give the RateLimit headers."""
        left = max(0, self.limit.count - self.used)
        return {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.count};w={self.limit.window_s}',
            "RateLimit": f'"{self.limit.name}";r={left};t={self.left_s}',
        }

    def refuse_when_over(self) -> None:
        """Stop whoever has used up the window.

        Raises:
            TooMany: says when the next begins.
        """
        if self.used > self.limit.count:
            raise TooMany(retry_after_s=self.left_s)


def spend(limit: Limit, key: str, now: datetime) -> Spent:
    """Count one use."""
    window = int(now.timestamp()) // limit.window_s
    left_s = limit.window_s - int(now.timestamp()) % limit.window_s
    used = count(f"LIMIT#{limit.name}#{key}", f"{limit.window_s}#{window}", now + timedelta(seconds=left_s + 60))
    return Spent(limit, used, left_s)


def count(pk: str, sk: str, expires_at: datetime) -> int:
    """Add one to a counter and give its new value."""
    row = CounterRow(pk=pk, sk=sk)
    kwargs = row.get_update_kwargs_from_instance(
        actions=[
            CounterRow.used.add(1),
            CounterRow.kind.set(CounterRow.row_kind),
            CounterRow.expires_at.set(expires_at),
        ]
    )
    answer = client("dynamodb").update_item(**kwargs, ReturnValues="UPDATED_NEW")
    return int(answer["Attributes"]["used"]["N"])


def _day_key(now: datetime) -> bytes:
    day = now.date().isoformat()
    key = _day_keys.get(day)
    if key is None:
        row = get(DayKeyRow, f"DAYKEY#{day}", "DAYKEY")
        if row is None:
            row = DayKeyRow(
                pk=f"DAYKEY#{day}", sk="DAYKEY", key=secrets.token_bytes(32), expires_at=now + timedelta(days=2)
            )
            yesterday = (DayKeyRow, f"DAYKEY#{now - timedelta(days=1):%Y-%m-%d}", "DAYKEY")
            try:
                commit([put_new(row), delete(yesterday)])
            except ConditionFailed:
                row = get(DayKeyRow, f"DAYKEY#{day}", "DAYKEY") or row
        _day_keys.clear()
        key = _day_keys[day] = row.key
    return key
