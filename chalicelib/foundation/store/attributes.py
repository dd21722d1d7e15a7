"""PynamoDB attributes that carry their declaration."""

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pynamodb.attributes import Attribute, BinaryAttribute, BooleanAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.attributes import UnicodeSetAttribute as _UnicodeSet

from ..kernel import clock
from ..vault.sealed import Sealed as SealedValue
from ..vault.sealed import seal
from .declare import Personal, Says

T = TypeVar("T")


class UnsealedItem(TypeError):
    """A plain value was about to be stored where only a sealed one may be."""


class _Declared(Attribute[T]):
    says: Says

    def __init__(self, says: Says, **options: Any) -> None:  # noqa: ANN401 - PynamoDB's own options
        """Take the declaration and PynamoDB's options (`hash_key`, `range_key`, `null`, `default`)."""
        super().__init__(**options)
        self.says = says

    if not TYPE_CHECKING:  # as PynamoDB declares them, without its provision for maps, which no row has

        def __get__(self, instance, owner):  # noqa: ANN001, ANN204
            return self if instance is None else instance.attribute_values.get(self.attr_path[0])

        def __set__(self, instance, value):  # noqa: ANN001, ANN204
            instance.attribute_values[self.attr_path[0]] = value


class Text(_Declared[str], UnicodeAttribute):
    """A string."""


class Texts(_Declared[set[str]], _UnicodeSet):
    """A set of strings; an empty one is stored as absent."""


class Flag(_Declared[bool], BooleanAttribute):
    """Yes or no."""


class Json(_Declared[Any], JSONAttribute):
    """A small structure of plain values, stored as JSON text."""

    def deserialize(self, value: str) -> Any:  # noqa: ANN401 - whatever JSON says
        """Read the structure; PynamoDB would make a decoder for each value."""
        return msgspec.json.decode(value)


class Bytes(_Declared[bytes], BinaryAttribute):
    """Bytes."""

    def __init__(self, says: Says, **options: Any) -> None:  # noqa: ANN401
        """Take the declaration and PynamoDB's options."""
        super().__init__(says, legacy_encoding=False, **options)


class Integer(_Declared[int], Attribute[int]):
    """A whole number, also where money or a counter hangs on it."""

    attr_type = "N"

    def serialize(self, value: int) -> str:
        """Write digits; anything but an `int` is a fault."""
        if type(value) is not int:
            raise TypeError(self.attr_name)
        return str(value)

    def deserialize(self, value: str) -> int:
        """Read digits."""
        return int(value)


class Instant(_Declared[datetime], Attribute[datetime]):
    """A moment in UTC, stored as sortable RFC 3339 text with milliseconds."""

    attr_type = "S"

    def serialize(self, value: datetime) -> str:
        """Write the instant."""
        return clock.rfc3339(value)

    def deserialize(self, value: str) -> datetime:
        """Read the instant."""
        return clock.parse(value)


class Expiry(_Declared[datetime], Attribute[datetime]):
    """When DynamoDB may drop the row (TTL, epoch seconds); late by hours, so readers check it themselves."""

    attr_type = "N"

    def serialize(self, value: datetime) -> str:
        """Write whole seconds since 1970."""
        return str(int(value.timestamp()))

    def deserialize(self, value: str) -> datetime:
        """Read whole seconds since 1970."""
        return datetime.fromtimestamp(int(value), tz=UTC)


class Sealed(_Declared[SealedValue], Attribute[SealedValue]):
    """A personal value under its person's data key; there is no way to store it in the clear."""

    attr_type = "B"

    def serialize(self, value: SealedValue) -> bytes:
        """Write sealed bytes, of this item only."""
        if not isinstance(value, SealedValue) or value.item != self.item:
            raise UnsealedItem(self.attr_name)
        return value.raw()

    def deserialize(self, value: bytes) -> SealedValue:
        """Read sealed bytes; nothing is opened yet."""
        return SealedValue(value, self.item)

    def seal(self, keys: dict[str, str], text: str) -> SealedValue:
        """Seal a text under the key of this attribute's ground.

        Args:
            keys: data key ids by ground, as `call.who.keys` holds them.
            text: the value.
        """
        return seal(keys[self._personal.ground], self.item, text)

    @cached_property
    def item(self) -> str:
        """The data item that the value is bound to."""
        return self._personal.item

    @property
    def _personal(self) -> Personal:
        if not isinstance(self.says, Personal):
            raise UnsealedItem(self.attr_name)
        return self.says
