"""Bases of every contract: strict, frozen, unknown fields refused on the way in."""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client asks for."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What the API shows. Built field by field, never from a stored row by reflection."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What travels between domains: ids and codes, never content."""
