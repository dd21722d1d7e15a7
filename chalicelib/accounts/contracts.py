"""Wire shapes of accounts, sessions and the profile, and the message of a security notice."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.consent.contracts import Agreement
from chalicelib.foundation.kernel.shapes import Command, Message, View

CodePurpose = Literal["sign_up"]
MobileText = Annotated[str, msgspec.Meta(min_length=5, max_length=24, description="Mobile number of mainland China.")]
CodeText = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", max_length=6)]
UserName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="2 to 20 characters once normalised.")]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="8 to 128 characters.")]
Login = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="Mobile number or user name.")]
RefreshToken = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
ResidenceText = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
NoticeEvent = Literal["signed_up", "signed_in", "password_changed", "session_reused"]


class SendCode(Command):
    """Ask for a one-time code by SMS."""

    mobile: MobileText
    purpose: CodePurpose


class SignUp(Command):
    """Open an account: these three things, the code that proves the number, and the agreement."""

    mobile: MobileText
    code: CodeText
    user_name: UserName
    password: Password
    policy: Agreement


class LogIn(Command):
    """Log in by mobile number or user name."""

    login: Login
    password: Password


class RefreshSession(Command):
    """Exchange a refresh token for the next one."""

    refresh_token: RefreshToken


class Reauthenticate(Command):
    """Prove once more who is there."""

    password: Password


class ChangePassword(Command):
    """Replace the password."""

    current_password: Password
    new_password: Password


class SetResidence(Command):
    """State the place of residence."""

    residence: ResidenceText


class CodeSentView(View):
    """A code is on its way; the answer is the same for every number."""

    expires_in_s: int
    resend_after_s: int


class TokensView(View):
    """What a client needs to act for a person; the refresh token works once."""

    person_id: str
    session_id: str
    access_token: str
    expires_in_s: int
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class AccessView(View):
    """An access token that carries a fresh proof of identity, good for five minutes of sensitive acts."""

    access_token: str
    expires_in_s: int
    reauthenticated_at: datetime
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class SessionView(View):
    """One log-in."""

    session_id: str
    channel: str
    device: str
    started_at: datetime
    last_used_at: datetime
    current: bool


class SessionListView(View):
    """Every live log-in, latest used first."""

    data: list[SessionView]


class AccountView(View):
    """The account as its owner sees it; the number is masked."""

    person_id: str
    user_name: str
    mobile: str
    language: str
    opened_at: datetime
    policy_version: str
    consents: list[str]


class ProfileView(View):
    """What a person says about themselves; what is not filled in is null."""

    user_name: str
    residence: str | None
    version: int


class Author(msgspec.Struct, frozen=True):
    """The public side of a person, for those who show what they wrote."""

    person_id: str
    user_name: str


class SecurityNotice(Message):
    """Something happened that the owner of the account should know of."""

    event: NoticeEvent
    session_id: str
    channel: str
    at: datetime
