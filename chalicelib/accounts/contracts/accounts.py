"""Wire shapes of codes, sign-up and the account."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.consent.contracts import Agreement
from chalicelib.foundation.kernel.shapes import Command, View

CodePurpose = Literal[
    "sign_up",
    "log_in",
    "reset_password",
    "prove",
    "change_mobile",
    "freeze",
    "thaw",
    "guardian",
    "recover",
    "stop_recovery",
]
OwnCodePurpose = Literal["prove", "change_mobile"]


MobileText = Annotated[str, msgspec.Meta(min_length=5, max_length=24, description="Mobile number of mainland China.")]


CodeText = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", max_length=6)]


UserName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="2 to 20 characters once normalised.")]


Password = Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="8 to 128 characters.")]


class SendCode(Command):
    """Ask for a one-time code by SMS."""

    mobile: MobileText
    purpose: CodePurpose


class SendOwnCode(Command):
    """Ask for a one-time code to the number that the account has now."""

    purpose: OwnCodePurpose


class SignUp(Command):
    """Open an account: these three things, the code that proves the number, and the agreement.

    Nobody needs to give a date of birth; whoever is under 18 and says so is protected.
    """

    mobile: MobileText
    code: CodeText
    user_name: UserName
    password: Password
    policy: Agreement
    birth_date: date | None = None


class CodeSentView(View):
    """A code is on its way; the answer is the same for every number."""

    expires_in_s: int
    resend_after_s: int


class AccountView(View):
    """The account as its owner sees it; the number is masked, `verified` is yes or no."""

    person_id: str
    user_name: str
    mobile: str
    language: str
    opened_at: datetime
    policy_version: str
    consents: list[str]
    verified: bool
