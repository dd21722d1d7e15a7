"""Wire shapes of approvals by a second person."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

ApprovedAction = Literal["age", "guardians", "identity", "invitation", "look", "right", "roles"]
Wanted = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, description="A data item, a purpose, an act, a role, an outcome.")
]


class AskApproval(Command):
    """Ask a second person, for exactly `what`, about `subject_id`.

    `look`: to open these fields of a case, for this purpose; both are named. `roles`: for these roles, of a member of
    staff, or one's own where nobody is named. `invitation`: that a member with these roles is handed an invitation.
    `guardians`: an outcome where guardians disagree. `age`: that somebody is older than was known: `child`, `teen` or
    `adult`. `right`: to do in its person's name what they want (copy, correct, withdraw, preview, cancel). `identity`:
    to check who it is by name and identity number, which are the two data items.
    """

    action: ApprovedAction
    what: Annotated[list[Wanted], msgspec.Meta(min_length=1, max_length=10)]
    subject_id: Annotated[str, msgspec.Meta(pattern="^((cas|stf)_[a-z2-7]{26})?$", max_length=30)] = ""


class ApprovalView(View):
    """What somebody asks another to approve; `own` when it is the caller's."""

    approval_id: str
    action: ApprovedAction
    subject_id: str | None
    what: list[str]
    own: bool
    until: datetime


class ApprovalListView(View):
    """What waits for an approval."""

    data: list[ApprovalView]
