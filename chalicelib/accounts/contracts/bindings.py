"""Wire shapes of coming in by a third party's account, and of binding one."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.consent.contracts import Agreement, NoticeShown
from chalicelib.foundation.kernel.shapes import Command, Message, View

from .accounts import Password, UserName

Provider = Literal["wechat", "apple"]

WechatCode = Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="As `wx.login` gave it.")]
PhoneCode = Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="As the number button gave it.")]
AppleCode = Annotated[str, msgspec.Meta(min_length=1, max_length=1024, description="The authorization code.")]
Nonce = Annotated[
    str,
    msgspec.Meta(min_length=32, max_length=128, description="Random; Apple was asked with its SHA-256 in hexadecimal."),
]
Proof = Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern="^[0-9A-Za-z_-]+$")]


class WechatLogIn(Command):
    """Log in by a bound WeChat."""

    code: WechatCode


class AppleLogIn(Command):
    """Log in by a bound Apple account; the notice is the one shown beside the button, for the code goes abroad."""

    code: AppleCode
    nonce: Nonce
    notice: NoticeShown


class BindWechat(Command):
    """Bind the WeChat of whoever holds this phone."""

    code: WechatCode


class BindApple(Command):
    """Bind the Apple account of whoever holds this phone."""

    code: AppleCode
    nonce: Nonce


class ProveNumber(Command):
    """Have WeChat tell the number that it verified."""

    phone_code: PhoneCode


class WechatSignUp(Command):
    """Open an account as anybody does, but for the code by SMS: WeChat proved the number."""

    proof: Proof
    user_name: UserName
    password: Password
    policy: Agreement
    birth_date: date | None = None


class NumberProofView(View):
    """The number that WeChat verified, as a proof good for one sign-up; `next` is what there is to do with it."""

    proof: str
    mobile: str
    next: Literal["sign_up", "log_in"]
    expires_in_s: int


class BindingView(View):
    """A third party's account that may log in."""

    provider: Provider
    channel: str
    bound_at: datetime


class BindingListView(View):
    """Every third party's account that may log in."""

    data: list[BindingView]


class AppleUnbound(Message):
    """An authorization at Apple has served its time; the row of this id says which."""

    revocation_id: str
