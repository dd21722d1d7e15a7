"""Which purpose a binding needs, and whether one may be cut."""

from collections.abc import Collection
from typing import Final

from ..errors import LastWayIn

PURPOSES: Final[dict[str, str]] = {"wechat": "account.wechat", "apple": "account.apple"}
"""The separate consent that each binding rests on."""


def provider_for(purpose: str) -> str:
    """Give the provider whose binding rests on a purpose, or nothing."""
    return next((provider for provider, needed in PURPOSES.items() if needed == purpose), "")


def refuse_last_way(bound: Collection[str], provider: str, *, password: bool) -> None:
    """Stop the cutting of the one way in that is left.

    Raises:
        LastWayIn: there is neither a password nor another binding.

    Keeps: B4.2
    """
    if not password and not set(bound) - {provider}:
        raise LastWayIn
