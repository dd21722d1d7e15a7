"""The mini-program's log-in code, exchanged for who somebody is within WeChat."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

import msgspec

from ..kernel.config import config
from ..kernel.errors import Failure, TooMany
from .disclosure import Disclosure, demand
from .errors import CodeInvalid, ProviderRefused, ProviderUnavailable, UserBlocked
from .transport import Exchange, checked, exchange, report

RECIPIENT: Final = "wechat"
_BUSY: Final = -1
_TRIES: Final = 2
_FAILURES: Final[dict[int, type[Failure]]] = {
    _BUSY: ProviderUnavailable,
    40029: CodeInvalid,
    40163: CodeInvalid,
    40226: UserBlocked,
    45011: TooMany,
}
_Id = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z_-]{6,64}\Z")]


_CODES: Final = frozenset({"order.login_code", "account.wechat_code"})


class Payer(msgspec.Struct, frozen=True):
    """Who the code belongs to. The session key that comes with it is dropped at once."""

    openid: str
    unionid: str | None


class _Answer(msgspec.Struct):
    errcode: int = 0
    openid: _Id | None = None
    unionid: _Id | None = None


def code_to_session(code: str, *, under: Disclosure) -> Payer:
    """Exchange a code from `wx.login`; WeChat takes each code once.

    Args:
        code: as the mini-program got it, at most five minutes ago.
        under: the disclosure of `order.login_code` (who pays) or `account.wechat_code` (who logs in) to this recipient.

    Raises:
        CodeInvalid: WeChat does not know the code, or it was used.
        UserBlocked: WeChat holds the account for risky.
        TooMany: this person's codes come too fast.
        ProviderUnavailable: no answer, or busy; the code may be used up, so the client gets a new one.
        ProviderRefused: our own credentials are wrong, or the answer has another shape.

    Keeps: I2.2
    """
    demand(under, RECIPIENT, *(under.items if _CODES.issuperset(under.items) else _CODES))
    # "Busy" leaves the code unused, so asking again is safe; a lost answer is not, hence `repeatable=False`.
    answer = _ask(code)
    for _ in range(_TRIES - 1):
        if answer.errcode != _BUSY:
            break
        answer = _ask(code)
    if answer.errcode:
        report("wechat", "code2Session", f"errcode_{answer.errcode}")
        raise _FAILURES.get(answer.errcode, ProviderRefused)
    if answer.openid is None:
        raise ProviderRefused
    return Payer(answer.openid, answer.unionid)


def _ask(code: str) -> _Answer:
    query = urlencode(
        {
            "appid": config().setting("WECHAT_APP_ID"),
            "secret": config().setting("WECHAT_APP_SECRET"),
            "js_code": code,
            "grant_type": "authorization_code",
        }
    )
    answer = exchange(
        Exchange(
            provider="wechat",
            operation="code2Session",
            method="GET",
            url=f"{config().setting('WECHAT_BASE_URL')}/sns/jscode2session?{query}",
            headers={"Accept": "application/json"},
            repeatable=False,
        )
    )
    if answer.status != HTTPStatus.OK:
        report("wechat", "code2Session", f"status_{answer.status}")
        raise ProviderRefused
    return checked(answer.content, _Answer, provider="wechat", operation="code2Session")
