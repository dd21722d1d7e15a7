"""Wire shapes of freezing an account for its person's sake, and of letting it go again."""

from datetime import datetime
from typing import Literal

from chalicelib.foundation.kernel.shapes import Command, View

FreezeGround = Literal["owner_asked", "taken_over", "fraud_reported", "law"]
ThawGround = Literal["owner_proved", "cleared"]


class FreezeAccount(Command):
    """Freeze the account of a case, and why."""

    ground: FreezeGround


class ThawAccount(Command):
    """Let the account of a case go again, and why."""

    ground: ThawGround


class HoldView(View):
    """How the account stands now."""

    case_id: str
    status: Literal["active", "frozen"]
    ground: str
    at: datetime
