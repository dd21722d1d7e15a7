"""Wire shapes of age and guardians, and the messages that tell of them."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.consent.contracts import NoticeShown
from chalicelib.foundation.kernel.shapes import Command, Message, View

from .accounts import CodeText, MobileText
from .verification import IdentityNumber, RealName

Stage = Literal["child", "teen"]
Guarded = Literal["child", "teen", "disputed"]
Answer = Literal["agreed", "refused", "withdrawn", "overruled"]
AgeEvent = Literal["age_noted", "guardian_answered", "guardians_disagree", "turned_14", "turned_18"]
Invitation = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{43}$", max_length=43)]

GuardianshipId = Annotated[str, msgspec.Meta(pattern="^gua_[a-z2-7]{26}$", max_length=30)]


class DeclareAge(Command):
    """Say when one was born, where that makes one under 18."""

    birth_date: date


class DeclareChild(Command):
    """Before there is an account: a child's number, proved by its code, and when the child was born."""

    mobile: MobileText
    code: CodeText
    birth_date: date


class AnswerAsGuardian(Command):
    """A guardian's answer, with the exact rules that were on the screen."""

    invitation: Invitation
    notice: NoticeShown
    answer: Literal["agree", "refuse"]


class AnswerByNumber(Command):
    """The answer of a guardian without an account: a number proved by its code, a real name and identity number."""

    invitation: Invitation
    notice: NoticeShown
    answer: Literal["agree", "refuse"]
    mobile: MobileText
    code: CodeText
    name: RealName
    number: IdentityNumber


class WithdrawByNumber(Command):
    """What a guardian without an account withdraws, by the number they answered with."""

    guardianship_id: GuardianshipId
    mobile: MobileText
    code: CodeText


class ClaimWard(Command):
    """What a guardian answered by number before having an account; the id was shown to that guardian alone."""

    guardianship_id: GuardianshipId


class AgeView(View):
    """What is known of the caller's age, and how guardians answered; `age` is null for whoever is not under age."""

    age: Stage | None
    child_until: datetime | None
    minor_until: datetime | None
    known_from: str | None
    guarded: Guarded | None
    limited: list[str]
    identified: bool
    answers: list[Answer]


class InvitationView(View):
    """What a minor hands to a guardian, once; it is shown only here. Its rules are the notice `feature`."""

    invitation: str
    feature: str
    until: datetime


class WardView(View):
    """Somebody whom the caller answers for; `child_id` is null while a child has no account yet."""

    child_id: str | None
    guardianship_id: str
    age: Stage | None
    answer: Answer
    guarded: Guarded | None
    limited: list[str]
    since: datetime


class WardListView(View):
    """Everybody whom the caller answers for."""

    data: list[WardView]


class AgeNotice(Message):
    """Something was noted about the person's age or guardians that they should know of."""

    event: AgeEvent
