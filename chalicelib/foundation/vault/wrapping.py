"""Wrapping keys and the service secret: KMS opens each once per process.

Both lie in the `keys` table, encrypted by KMS under the context of their use. A wrapping key wraps the data
keys of many people and is replaced after 90 days; the service secret is the root of blind indexes, tokens,
cursors and fingerprints and stays.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ..kernel import clock
from ..kernel.config import config
from ..kernel.ids import new_id
from .cipher import derive
from .clients import client

ROTATE_AFTER = timedelta(days=90)
_CURRENT = {"pk": {"S": "WRAPPING"}, "sk": {"S": "CURRENT"}}
_SERVICE = {"pk": {"S": "SECRET"}, "sk": {"S": "SERVICE"}}
_LOCK = threading.RLock()


class _Cache(msgspec.Struct):
    opened: dict[str, bytes] = {}
    current: tuple[str, float] | None = None
    derived: dict[str, bytes] = {}


_cache = _Cache()
_LOOK_AGAIN_S = 600.0


class WrappingKeyLost(RuntimeError):
    """A data key names a wrapping key that is not there: the keys table is damaged."""


def reset_wrapping() -> None:
    """Forget every opened key, after a test emptied the tables."""
    _cache.opened.clear()
    _cache.derived.clear()
    _cache.current = None


def secret(use: str) -> bytes:
    """Give the 256-bit key of one use (`token`, `cursor`, `blind:mobile`, …), derived from the service secret."""
    found = _cache.derived.get(use)
    if found is None:
        with _LOCK:
            root = _cache.opened.get("service") or _load_service()
            found = _cache.derived.setdefault(use, derive(root, use))
    return found


def wrapping_key(wrapping_id: str) -> bytes:
    """Open the wrapping key of this id."""
    found = _cache.opened.get(wrapping_id)
    if found is None:
        with _LOCK:
            found = _cache.opened.get(wrapping_id) or _open(_key(wrapping_id), "wrapping", wrapping_id)
    if found is None:
        raise WrappingKeyLost
    return found


def current_wrapping() -> tuple[str, bytes]:
    """Give id and key of the wrapping key that new data keys are wrapped under; makes or rotates it when due."""
    with _LOCK:
        if _cache.current is None or clock.steady_s() - _cache.current[1] > _LOOK_AGAIN_S:
            _cache.current = (_choose_current(), clock.steady_s())
        return _cache.current[0], wrapping_key(_cache.current[0])


def _load_service() -> bytes:
    found = _open(_SERVICE, "service", "service")
    if found is None:
        blob, plain = _generate("service")
        if _put_new({**_SERVICE, "blob": {"B": blob}}):
            _cache.opened["service"] = plain
            return plain
        found = _open(_SERVICE, "service", "service")
    if found is None:
        raise WrappingKeyLost
    return found


def _choose_current() -> str:
    item = _get(_CURRENT)
    if item is None:
        return _make_current(None)
    since = datetime.fromisoformat(item["since"]["S"])
    if clock.now() - since > ROTATE_AFTER:
        return _make_current(item["wrapping_id"]["S"])
    return str(item["wrapping_id"]["S"])


def _make_current(replaced: str | None) -> str:
    wrapping_id = new_id("wrp")
    blob, plain = _generate("wrapping")
    _put_new({**_key(wrapping_id), "blob": {"B": blob}})
    pointer = {
        **_CURRENT,
        "wrapping_id": {"S": wrapping_id},
        "since": {"S": clock.rfc3339(clock.now())},
    }
    if _put_new(pointer, instead_of=replaced):
        _cache.opened[wrapping_id] = plain
        return wrapping_id
    item = _get(_CURRENT)
    if item is None:
        raise WrappingKeyLost
    return str(item["wrapping_id"]["S"])


def _key(wrapping_id: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": wrapping_id}, "sk": {"S": "WRAP"}}


def _generate(use: str) -> tuple[bytes, bytes]:
    made = client("kms").generate_data_key(
        KeyId=config().key_arn("data"), KeySpec="AES_256", EncryptionContext=_context(use)
    )
    return made["CiphertextBlob"], made["Plaintext"]


def _open(key: dict[str, dict[str, str]], use: str, name: str) -> bytes | None:
    item = _get(key)
    if item is None:
        return None
    plain: bytes = client("kms").decrypt(
        CiphertextBlob=item["blob"]["B"], KeyId=config().key_arn("data"), EncryptionContext=_context(use)
    )["Plaintext"]
    _cache.opened[name] = plain
    return plain


def _context(use: str) -> dict[str, str]:
    return {"app": "jule", "stage": config().stage, "use": use}


def _get(key: dict[str, dict[str, str]]) -> dict[str, Any] | None:
    item: dict[str, Any] | None = (
        client("dynamodb").get_item(TableName=config().table("keys"), Key=key, ConsistentRead=True).get("Item")
    )
    return item


def _put_new(item: dict[str, Any], instead_of: str | None = None) -> bool:
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    if instead_of is not None:
        condition = {
            "ConditionExpression": "wrapping_id = :old",
            "ExpressionAttributeValues": {":old": {"S": instead_of}},
        }
    dynamodb = client("dynamodb")
    try:
        dynamodb.put_item(TableName=config().table("keys"), Item=item, **condition)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
