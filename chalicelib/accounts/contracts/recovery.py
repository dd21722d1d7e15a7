"""Wire shapes of giving an account back to whoever lost its number."""

from typing import Annotated

import msgspec

from chalicelib.consent.contracts import NoticeShown
from chalicelib.foundation.kernel.shapes import Command, Message, View

from .accounts import CodeText, MobileText, Password
from .verification import IdentityNumber, RealName

AccountText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, description="User name, or the number that the account has.")
]


class BeginRecovery(Command):
    """Ask for an account back: which one, who it belongs to, and the new number that the code went to."""

    account: AccountText
    name: RealName
    number: IdentityNumber
    mobile: MobileText
    code: CodeText
    notice: NoticeShown


class StopRecovery(Command):
    """Stop a recovery by a code to the number that the account has."""

    mobile: MobileText
    code: CodeText


class FinishRecovery(Command):
    """Finish once the wait is over: the account as it was named before, the new number by another code, a password."""

    account: AccountText
    mobile: MobileText
    code: CodeText
    new_password: Password


class RecoveryAskedView(View):
    """What was asked for is on its way, or leads to nothing; the answer is the same."""

    reference: str
    wait_h: int
    finish_within_d: int


class CheckedByIdentity(Message):
    """Customer service was shown, by name and identity number, who the owner of an account is."""

    case_id: str


class RecoveryAsked(Message):
    """A recovery was asked for; whoever may have to be told is told."""

    reference: str
