"""Wire shapes of log-in, sessions and passwords."""

from datetime import datetime
from typing import Annotated

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

from .accounts import Password

Login = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="Mobile number or user name.")]


RefreshToken = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class LogIn(Command):
    """Log in by mobile number or user name."""

    login: Login
    password: Password


class RefreshSession(Command):
    """Exchange a refresh token for the next one; by cookie it is not named here."""

    refresh_token: RefreshToken | None = None


class Reauthenticate(Command):
    """Prove once more who is there."""

    password: Password


class ChangePassword(Command):
    """Replace the password."""

    current_password: Password
    new_password: Password


class TokensView(View):
    """What a client needs to act for a person; the refresh token works once.

    Where the website asked for cookies both tokens are empty here and `token_type` is `Cookie`.
    """

    person_id: str
    session_id: str
    access_token: str
    expires_in_s: int
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


class WechatTokensView(TokensView):
    """What a client gets for a log-in by WeChat.

    `merge_at` is there where this WeChat opens another account, too: that is where the two can become one.
    """

    merge_at: str | None = None


class AccessView(View):
    """An access token that carries a fresh proof of identity, good for five minutes of sensitive acts.

    Where the session is one by cookie it is empty here and in the cookie instead.
    """

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
