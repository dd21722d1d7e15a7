"""Wire shapes of what is decided about a minor in a case."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

ApprovalId = Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)]


class DecideGuardians(Command):
    """What is decided where guardians disagree; a second person has approved exactly this outcome."""

    outcome: Literal["consent_stands", "consent_ended"]
    approval_id: ApprovalId = ""


class CorrectAge(Command):
    """When somebody was really born; what makes them older needs a second person's approval of what they are then."""

    birth_date: date
    approval_id: ApprovalId = ""


class GuardedView(View):
    """How it stands now; `minor_until` is null for whoever is of age."""

    case_id: str
    minor_until: datetime | None
    guarded: Literal["child", "teen", "disputed"] | None
