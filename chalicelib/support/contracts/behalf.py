"""Wire shapes of what customer service does in somebody's name, at their word."""

from datetime import datetime
from typing import Annotated

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

ApprovalId = Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)]
Wish = Annotated[
    str, msgspec.Meta(min_length=1, max_length=1000, description="What the person asked for; it stands in their case.")
]


class InTheirName(Command):
    """What the person of a case asked for, and the second person's approval where it takes one."""

    wish: Wish
    approval_id: ApprovalId = ""


class DoneView(View):
    """It was done for the person of the case, and they are told. `request_id` where something was begun."""

    case_id: str
    at: datetime
    request_id: str | None = None
