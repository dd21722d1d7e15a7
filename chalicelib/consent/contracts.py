"""Wire shapes of policies, notices and consents, and the message of a withdrawal."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.paging import Limit
from chalicelib.foundation.kernel.shapes import Command, Message, View

Language = Literal["zh-CN", "en"]
PolicyVersion = Annotated[str, msgspec.Meta(max_length=16, pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){2}$")]
Sha256 = Annotated[str, msgspec.Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$")]
EntryId = Annotated[str, msgspec.Meta(min_length=3, max_length=64, pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
ShownAt = Annotated[datetime, msgspec.Meta(tz=True, description="When the text came on the screen (RFC 3339).")]
State = Literal["off", "agreed", "refused", "withdrawn"]


class Agreement(Command):
    """A person's agreement to the privacy policy, with the exact text that was on the screen."""

    version: PolicyVersion
    sha256: Sha256
    language: Language
    shown_at: ShownAt


class NoticeShown(Command):
    """The exact notice that was on the screen."""

    feature: EntryId
    version: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    sha256: Sha256
    language: Language
    shown_at: ShownAt


class AnswerNotice(Command):
    """One answer to one notice about one purpose; a list of purposes has no place here."""

    purpose: EntryId
    notice: NoticeShown
    answer: Literal["agree", "refuse"] = "agree"


class HistoryQuery(Command):
    """Which page of the history."""

    limit: Limit = 20
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""


class PageQuery(Command):
    """Which language of a policy page; the one of `Accept-Language` unless named."""

    language: Language | None = None


class PolicyTextView(View):
    """One language of a policy version; `sha256` is over the UTF-8 bytes of `markdown`."""

    language: str
    sha256: str
    page: str
    markdown: str | None = None


class PolicyChangeView(View):
    """One change against the version before."""

    kind: str
    text: str
    purposes: list[str]


class PolicyView(View):
    """One version of the privacy policy; texts carry `markdown` where a single version is asked for."""

    version: str
    effective_on: date
    published_at: str
    major: bool
    in_effect: bool
    responsible_party: str
    contact: str
    privacy_department: str
    authoritative: str
    texts: list[PolicyTextView]
    changes: list[PolicyChangeView]
    purposes: list[str]


class PolicyListView(View):
    """Every version ever published, newest first."""

    data: list[PolicyView]


class NoticeTextView(View):
    """A notice in one language; `sha256` is over title, body, agree and decline, joined by blank lines."""

    language: str
    title: str
    body: str
    agree: str
    decline: str
    sha256: str


class NoticePurposeView(View):
    """A purpose that a notice tells about, and whether it asks for consent to it."""

    purpose: str
    title: str
    asks: bool
    separate: bool


class NoticeView(View):
    """A just-in-time notice."""

    feature: str
    version: int
    policy_version: str
    affirms: str
    purposes: list[NoticePurposeView]
    texts: list[NoticeTextView]


class NoticeNameView(View):
    """Which notice was answered last."""

    feature: str
    version: str
    language: str


class HowView(View):
    """How to withdraw: in words, and as a request."""

    text: str
    method: str
    path: str


class ConsentView(View):
    """An additional purpose as it stands for the caller; `since` tells from when."""

    purpose: str
    title: str
    clause: str
    separate: bool
    state: State
    since: datetime | None
    notice: NoticeNameView | None
    withdraw: HowView


class BasicPurposeView(View):
    """A purpose that rests on no consent, with the reason why it can't be withdrawn."""

    purpose: str
    title: str
    clause: str
    ground: str
    reason: str
    withdrawable: bool = False


class EachTimeView(View):
    """A purpose that is asked about each time it is used, and is neither on nor off in between."""

    purpose: str
    title: str
    clause: str
    separate: bool
    how: str


class ConsentListView(View):
    """Every purpose, additional and basic, and the policy version agreed to."""

    policy_version: str
    additional: list[ConsentView]
    each_time: list[EachTimeView]
    basic: list[BasicPurposeView]


class ConsentEntryView(View):
    """One entry of the consent ledger."""

    entry_id: str
    at: datetime
    step: str
    about: str
    answer: str | None
    text: str | None
    text_version: str | None
    text_sha256: str | None
    language: str | None
    shown_at: datetime | None
    channel: str
    device: str | None
    follows: str | None
    digest: str


class ConsentWithdrawn(Message):
    """A purpose is no longer agreed to; whoever keeps what served only it removes that now."""

    purpose: str
