"""Data keys of people: made, wrapped, opened for at most 60 seconds, destroyed.

A data key has a random id. Only the person's standing row says whose it is, so once that row is gone a key
that must live on (trade) no longer leads to anybody.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ..kernel import backoff, clock, log
from ..kernel.config import config
from ..kernel.errors import Busy
from ..kernel.ids import new_id
from . import cipher
from .clients import client
from .wrapping import current_wrapping, wrapping_key

OPEN_S = 60.0
_MOST_OPEN = 2000
_BATCH = 100
_LOCK = threading.Lock()
_open: dict[str, tuple[bytes, float]] = {}


class WrappedKey(msgspec.Struct, frozen=True):
    """A data key as it is stored."""

    key_id: str
    wrapped: bytes
    wrapping_id: str


class KeyDestroyed(LookupError):
    """The key that sealed this value is gone; the value can't be read by anybody."""


def new_data_key() -> WrappedKey:
    """Make a data key; the caller stores it in the transaction that needs it."""
    wrapping_id, wrapping = current_wrapping()
    key, key_id = cipher.new_key(), new_id("key")
    _remember(key_id, key)
    return WrappedKey(key_id, cipher.encrypt(wrapping, key, key_id.encode()), wrapping_id)


def learn(stored: WrappedKey) -> bytes:
    """Open a wrapped key that came along with another read.

    Raises:
        KeyDestroyed: it is stored but can't be opened, which looks the same to whoever needs it; the log says which.
    """
    from cryptography.exceptions import InvalidTag

    try:
        key = cipher.decrypt(wrapping_key(stored.wrapping_id), stored.wrapped, stored.key_id.encode())
    except InvalidTag:
        log.event(log.Event.KEY_DAMAGED, key_id=stored.key_id)
        raise KeyDestroyed from None
    _remember(stored.key_id, key)
    return key


def data_key(key_id: str) -> bytes:
    """Open a data key, from the ring or from the table.

    Raises:
        KeyDestroyed: it is not in the table any more.
        Busy: the table did not say.
    """
    key = _known(key_id) or fetch((key_id,)).get(key_id) or _known(key_id)
    if key is None:
        raise KeyDestroyed
    return key


def fetch(key_ids: Iterable[str]) -> dict[str, bytes]:
    """Open many keys with one read per hundred and give those just opened; those destroyed are closed here too.

    Raises:
        Busy: keys stayed unprocessed after every try.
    """
    asked = [k for k in dict.fromkeys(key_ids) if _known(k) is None]
    opened: dict[str, bytes] = {}
    for start in range(0, len(asked), _BATCH):
        for stored in _stored(asked[start : start + _BATCH]):
            opened[stored.key_id] = learn(stored)
    forget(k for k in asked if k not in opened)
    return opened


def _stored(key_ids: list[str]) -> Iterator[WrappedKey]:
    table = config().table("keys")
    keys = [{"pk": {"S": k}, "sk": {"S": "KEY"}} for k in key_ids]
    wanted: dict[str, Any] = {table: {"Keys": keys, "ConsistentRead": True}}
    for attempt in range(1, backoff.TRIES + 1):
        answer = client("dynamodb").batch_get_item(RequestItems=wanted)
        for item in answer["Responses"].get(table, []):
            yield WrappedKey(item["pk"]["S"], item["wrapped"]["B"], item["wrapping_id"]["S"])
        wanted = answer.get("UnprocessedKeys") or {}
        if not wanted:
            return
        backoff.pause(attempt)
    raise Busy(retry_after_s=5)


def forget(key_ids: Iterable[str] | None = None) -> None:
    """Close keys in this process: all, or these, as when they were destroyed."""
    with _LOCK:
        for key_id in list(_open) if key_ids is None else key_ids:
            _open.pop(key_id, None)


def _known(key_id: str) -> bytes | None:
    """Give a key that is open; between two looks another thread may have opened or closed it."""
    found = _open.get(key_id)
    return found[0] if found is not None and found[1] >= clock.steady_s() else None


def _remember(key_id: str, key: bytes) -> None:
    ready = cipher.prepared(key)
    with _LOCK:
        if len(_open) >= _MOST_OPEN:
            _open.clear()
        _open[key_id] = (ready, clock.steady_s() + OPEN_S)
