"""Wire shapes of approvals by a second person."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

ApprovedAction = Literal["look", "right", "identity", "roles"]
Wanted = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="A data item, an act, or a role.")]


class AskApproval(Command):
    """Ask a second person.

    `look`: to open fields (`what`) of a case (`subject_id`); `right`: to do in its person's name what they want
    (`what`: copy, correct, withdraw, preview, cancel); `identity`: to check who it is by name and identity number
    (`what`: the two data items); `roles`: for other roles (`what`) oneself.
    """

    action: ApprovedAction
    what: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=64)]], msgspec.Meta(min_length=1, max_length=6)
    ]
    subject_id: Annotated[str, msgspec.Meta(pattern="^(cas_[a-z2-7]{26})?$", max_length=30)] = ""


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
