"""A sealed value: carries its key id, opens on `reveal()`, prints as `<sealed>`."""

from . import cipher, keyring

_VERSION = 1
_HEAD_BYTES = 2


class NotSealed(ValueError):
    """Bytes that are no sealed value of a known version."""


class Sealed:
    """One personal value under a person's data key, bound to that key's id and to its data item."""

    __slots__ = ("_raw", "item", "key_id")

    def __init__(self, raw: bytes, item: str) -> None:
        """Take stored bytes and the data item they are declared as.

        Raises:
            NotSealed: the bytes have another form.
        """
        if len(raw) < _HEAD_BYTES or raw[0] != _VERSION or len(raw) < _HEAD_BYTES + raw[1] + cipher.LEAST_BYTES:
            raise NotSealed
        name = raw[_HEAD_BYTES : _HEAD_BYTES + raw[1]]
        if not name.isascii():
            raise NotSealed
        self.key_id = name.decode("ascii")
        self.item = item
        self._raw = raw

    def reveal(self) -> str:
        """Open the value.

        Raises:
            KeyDestroyed: the person's key is gone, so is the value.
            cryptography.exceptions.InvalidTag: it was altered or moved to another item.
        """
        start = _HEAD_BYTES + len(self.key_id)
        key = keyring.data_key(self.key_id)
        return cipher.decrypt(key, self._raw[start:], _binding(self.key_id, self.item)).decode()

    def raw(self) -> bytes:
        """Give the bytes to store."""
        return self._raw

    def __repr__(self) -> str:
        """Show nothing."""
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        """Compare as stored; equal texts sealed twice differ."""
        return isinstance(other, Sealed) and other._raw == self._raw

    def __hash__(self) -> int:
        """Hash as stored."""
        return hash(self._raw)


def seal(key_id: str, item: str, text: str) -> Sealed:
    """Seal a text of a data item under a data key.

    Keeps: K4.1

    Raises:
        KeyDestroyed: the key is gone; there is no other way to store the text.
    """
    body = cipher.encrypt(keyring.data_key(key_id), text.encode(), _binding(key_id, item))
    name = key_id.encode("ascii")
    return Sealed(bytes((_VERSION, len(name))) + name + body, item)


def _binding(key_id: str, item: str) -> bytes:
    return f"{key_id}\0{item}".encode()
