"""Pure decisions about what others see on a person's page."""

from collections.abc import Collection

from ..contracts.profile import Tier
from ..contracts.visibility import CHOICES, Badge, SetVisibility, Shown


def chosen(command: SetVisibility) -> set[str]:
    """Name what is to be shown."""
    return {name for name in CHOICES if getattr(command, name)}


def choices(shown: Collection[str] | None) -> dict[Shown, bool]:
    """Say of everything that can be shown whether it was chosen; nothing is unless it was.

    Keeps: B5.2
    """
    return {name: name in (shown or ()) for name in CHOICES}


def badges(shown: Collection[str] | None, tier: Tier, *, verified: bool) -> tuple[Badge, ...]:
    """Give the badges that were chosen and are there; one not chosen and one not earned look alike.

    Keeps: B5.2
    """
    given: list[Badge] = []
    if "member" in (shown or ()) and tier != "none":
        given.append("full_member" if tier == "full" else "member")
    if "verified" in (shown or ()) and verified:
        given.append("verified")
    return tuple(given)
