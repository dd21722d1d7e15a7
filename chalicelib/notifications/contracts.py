"""Wire shapes of the inbox, and the message that fills it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.paging import Limit
from chalicelib.foundation.kernel.shapes import Command, Message, View

Topic = Literal["order", "security", "rights", "community", "support"]

OrderedTemplate = Literal[
    "order_paid",
    "order_shipped",
    "order_received",
    "order_closed",
    "order_refunded",
    "copy_ready",
    "cancellation_started",
    "post_published",
    "post_refused",
    "comment_refused",
    "post_unguarded",
    "comment_unguarded",
    "case_answered",
]


class NoticeOrdered(Message):
    """Tell the person something: a template's code, and the id of what it is about."""

    template: OrderedTemplate
    subject_id: str = ""


HoldTemplate = Literal["account_frozen", "account_thawed"]


class HoldTold(Message):
    """Tell the person that their account was frozen or let go, whatever its state by now; and in which case."""

    template: HoldTemplate
    subject_id: str


CaseTemplate = Literal[
    "case_copy_ready",
    "case_copy",
    "case_corrected",
    "case_withdrawn",
    "case_identified",
]


class DoneInCase(Message):
    """Tell the person what customer service did for them, whatever the state of the account; and in which case."""

    template: CaseTemplate
    subject_id: str


class InboxQuery(Command):
    """Which page of the inbox, and whether only what is unread."""

    unread: bool = False
    limit: Limit = 20
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""


class InboxMessageView(View):
    """One service message in the caller's language; `subject_id` is what it is about, if anything."""

    message_id: str
    topic: Topic
    template: str
    title: str
    text: str
    subject_id: str | None
    at: datetime
    read_at: datetime | None
