"""Freezing: on which grounds, which of two holds, and who may lift it."""

from typing import Final, Literal

FreezeGround = Literal["owner", "takeover", "fraud", "authority"]
"""The person fears a leak; or we do; or the account deceives others; or an authority has ordered it."""

_WEIGHT: Final[dict[str, int]] = {"owner": 0, "takeover": 1, "fraud": 2, "authority": 3}


def ground_of_freeze(before: str | None, ground: FreezeGround) -> str:
    """Say on which ground an account stands frozen once it is frozen (again): the weightier one holds.

    So nobody turns a freeze of ours into one of their own, which they could lift.
    """
    return ground if before is None or _WEIGHT[ground] >= _WEIGHT[before] else before


def owner_may_thaw(ground: str | None) -> bool:
    """Say whether the owner lifts this freeze by their own proof; all others need a human.

    Keeps: K6.5
    """
    return ground == "owner"
