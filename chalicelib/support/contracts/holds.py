"""Wire shapes of freezing an account for its person's sake, and of letting it go again."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

FreezeGround = Literal["owner_asked", "taken_over", "fraud_reported", "law"]
SafetyGround = Literal["taken_over", "fraud_reported", "law"]
ThawGround = Literal["owner_proved", "cleared"]


class FreezeAccount(Command):
    """Freeze the account of a case, and why."""

    ground: FreezeGround


class FreezeForSafety(Command):
    """Freeze whichever account has this number, user name or id, and why; who asks need not be known."""

    account: Annotated[
        str, msgspec.Meta(min_length=1, max_length=64, description="Mobile number, user name, or id of the account.")
    ]
    ground: SafetyGround


class SafetyFreezeView(View):
    """If there is such an account, it is frozen now; nothing is said of whether there is."""

    case_id: str
    ground: SafetyGround
    at: datetime


class ThawAccount(Command):
    """Let the account of a case go again, and why."""

    ground: ThawGround


class HoldView(View):
    """How the account stands now."""

    case_id: str
    status: Literal["active", "frozen"]
    ground: str
    at: datetime
