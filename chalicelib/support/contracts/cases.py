"""Wire shapes of cases: for whoever asks, and for the staff who answer."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.accounts.contracts.reports import FraudReportShown
from chalicelib.foundation.kernel.paging import Limit
from chalicelib.foundation.kernel.shapes import Command, View

Topic = Literal["account", "order", "privacy", "fraud", "complaint", "other"]
CaseState = Literal["open", "identified", "closed"]
Speaker = Literal["person", "staff", "visitor"]
IdentifiedHow = Literal["session", "code", "identity", "dispute"]
CaseText = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Contact = Annotated[
    str, msgspec.Meta(min_length=3, max_length=100, description="Where the answer goes: an e-mail address or a number.")
]
OrderId = Annotated[str, msgspec.Meta(pattern="^ord_[a-z2-7]{26}$", max_length=30)]


class OpenCase(Command):
    """Ask customer service something; `order_id` where it is about one order."""

    topic: Topic
    text: CaseText
    order_id: OrderId | None = None


class WriteMessage(Command):
    """Say something in a case."""

    text: CaseText


class SendContact(Command):
    """Write to us without an account: what it is about, and where the answer goes."""

    topic: Topic
    text: CaseText
    contact: Contact


class OpenForCaller(Command):
    """Open a case for somebody who called; who they are is checked after that."""

    topic: Topic
    text: CaseText


class SendIdentityCode(Command):
    """Send a code to the number that somebody says is their account's."""

    mobile: Annotated[str, msgspec.Meta(min_length=5, max_length=24)]


class CheckIdentity(Command):
    """Hold the code that was read back against the one that was sent."""

    mobile: Annotated[str, msgspec.Meta(min_length=5, max_length=24)]
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", max_length=6)]


class DeskQuery(Command):
    """Which page of the desk; letters from the contact form lie apart from all other cases."""

    source: Literal["cases", "letters"] = "cases"
    limit: Limit = 20
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""


class CheckByIdentity(Command):
    """Hold name and identity number, as somebody without their phone says them, against the verified identity."""

    account: Annotated[
        str, msgspec.Meta(min_length=1, max_length=64, description="Mobile number or user name of the account.")
    ]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    approval_id: Annotated[str, msgspec.Meta(pattern="^(apr_[a-z2-7]{26})?$", max_length=30)] = ""


class ContactView(View):
    """Your letter is with us."""

    case_id: str
    answer_by: datetime


class MessageView(View):
    """One message of a case."""

    at: datetime
    by: Speaker
    text: str


class CaseCard(View):
    """A case in a list."""

    case_id: str
    topic: Topic
    state: CaseState
    opened_at: datetime
    answer_by: datetime
    closed_at: datetime | None


class CaseListView(View):
    """The caller's cases, newest first."""

    data: list[CaseCard]


class CaseView(View):
    """A case as whoever asked sees it."""

    case_id: str
    topic: Topic
    state: CaseState
    order_id: str | None
    opened_at: datetime
    answer_by: datetime
    closed_at: datetime | None
    messages: list[MessageView]


class DeskCard(View):
    """A case on the desk; `mine` when the caller looks after it, `taken` when anybody does."""

    case_id: str
    topic: Topic
    state: CaseState
    opened_at: datetime
    answer_by: datetime
    taken: bool
    mine: bool


class DeskCaseView(View):
    """A case as whoever looks after it sees it. `contact` is where an answer goes that has no account to go to.

    `withheld` says that a second person must approve before what was said is shown: its person is under age.
    """

    case_id: str
    topic: Topic
    state: CaseState
    order_id: str | None
    opened_at: datetime
    answer_by: datetime
    closed_at: datetime | None
    contact: str | None
    identified_how: IdentifiedHow | None
    messages: list[MessageView]
    reports: list[FraudReportShown]
    withheld: bool = False


class IdentityCodeView(View):
    """A code is on its way to that number; nothing is said of whether an account has it."""

    expires_in_s: int
    resend_after_s: int
