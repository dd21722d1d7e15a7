"""The row that holds a person's wrapped data key."""

from ..vault.keyring import WrappedKey
from .attributes import Bytes, Instant, Text
from .declare import INDEX, KEY, STATE, Technical
from .row import Row
from .write import Write, delete, put_new


class DataKeyRow(Row, table="keys", kind="data_key"):
    """One data key under a random id; the person's standing row alone says whose it is."""

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    wrapped = Bytes(Technical("a random key, itself encrypted"))
    wrapping_id = Text(Technical("which wrapping key opens it"))
    ground = Text(STATE)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)


def store_key(key: WrappedKey, ground: str) -> Write:
    """Store a new data key."""
    return put_new(DataKeyRow(pk=key.key_id, sk="KEY", wrapped=key.wrapped, wrapping_id=key.wrapping_id, ground=ground))


def destroy_key(key_id: str) -> Write:
    """Destroy a data key: what it sealed is unreadable from then on, everywhere.

    Keeps: J5.1
    """
    return delete((DataKeyRow, key_id, "KEY"))
