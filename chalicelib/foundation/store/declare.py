"""What an attribute of a stored row says: whose it is, what it serves, and what becomes of it."""

from enum import Enum
from typing import Literal

import msgspec


class Ending(Enum):
    """What erasing the person does to an attribute."""

    ERASE = "erase"
    """Goes with the person."""
    KEEP = "keep"
    """Stays, where its row must be kept on a named legal ground, until the item's retention ends."""


class OnMerge(Enum):
    """What becomes of a person's rows when their account is merged into another of theirs."""

    MOVE = "move"
    """They are the other account's from then on, sealed under its keys."""
    YIELD = "yield"
    """The account that stays has its own of the kind; these go with the one that is absorbed."""
    DROP = "drop"
    """They served the absorbed account only, and go with it."""
    IF_AGREED = "if_agreed"
    """They move where the account that stays agrees to what they rest on and has none of its own; else they go."""
    APART = "apart"
    """They belong to members of staff, never to an account."""


class Personal(msgspec.Struct, frozen=True):
    """Says something about a person: a data item of the register.

    `whose` is the row's owner (`self`) or a third person in the owner's record (`other`).
    `ground` names the data key that seals it: `main`, `trade` or `cases`.
    """

    item: str
    ending: Ending = Ending.ERASE
    whose: Literal["self", "other"] = "self"
    ground: Literal["main", "trade", "cases"] = "main"


class Technical(msgspec.Struct, frozen=True):
    """Says nothing about a person, for this reason."""

    why: str


Says = Personal | Technical

KEY = Technical("table key without personal content")
STATE = Technical("state of the record, needed to run it")
TIME = Technical("time of the record, needed to run it")
EPOCH = Technical("epoch of standing when written, against writes after cancelling")
EXPIRY = Technical("when the row ends")
INDEX = Technical("place in an index, set and removed with the state")

FIRST_RANK = 100
"""Sessions, and copies waiting to be fetched: what would let somebody in goes before anything else."""
GUARD_RANK = 90
"""Uniqueness guards and other holders of blind indexes."""
LAST_RANK = -100
"""Standing, whose epoch keeps late writes out until everything else is gone."""
