"""The number that WeChat verified, told for a code that the person's tap gave the mini-program.

The call takes an access token. WeChat's stable tokens are the same for every process that asks in the normal mode, so
each keeps its own copy and none is shared or stored by us; one is forced to be made anew only after it was refused.
"""

from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import msgspec

from ..kernel import clock
from ..kernel.config import config
from ..kernel.errors import Failure, TooMany
from .disclosure import Disclosure, demand
from .errors import CodeInvalid, ProviderRefused, ProviderUnavailable
from .transport import Exchange, checked, exchange, report
from .wechat import RECIPIENT

__all__ = ["RECIPIENT", "forget_tokens", "phone_number"]

_T = TypeVar("_T", bound="_Told")

_EARLY_S: Final = 300
"""A token is let go so long before its end: WeChat makes the next one from then on."""
_BUSY: Final = -1
_STALE: Final = frozenset({40001, 40014, 42001})
_FAILURES: Final[dict[int, type[Failure]]] = {
    _BUSY: ProviderUnavailable,
    40029: CodeInvalid,
    40163: CodeInvalid,
    45009: ProviderUnavailable,
    45011: TooMany,
}
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


class _Told(msgspec.Struct):
    errcode: int = 0


class _Token(_Told):
    access_token: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z_-]{1,512}\Z")] = ""
    expires_in: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0


class _Watermark(msgspec.Struct):
    appid: str


class _Phone(msgspec.Struct):
    pure_number: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{5,15}\Z")] = msgspec.field(name="purePhoneNumber")
    country_code: int | Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,4}\Z")] = msgspec.field(name="countryCode")
    watermark: _Watermark


class _Number(_Told):
    phone_info: _Phone | None = None


def phone_number(code: str, *, under: Disclosure) -> str:
    """Exchange a code from the number button for the number that WeChat verified; WeChat takes each code once.

    Args:
        code: as the mini-program got it, at most five minutes ago.
        under: the disclosure of `account.wechat_code` to this recipient.

    Returns:
        The number with its country code (`+86…`), as WeChat tells it.

    Raises:
        CodeInvalid: WeChat does not know the code, or it was used.
        TooMany: WeChat's own limit was reached.
        ProviderUnavailable: no answer, or busy; the code may be used up, so the client gets a new one.
        ProviderRefused: our own credentials are wrong, or the answer has another shape or is for another app.

    Keeps: I2.2
    """
    demand(under, RECIPIENT, "account.wechat_code")
    token = _access_token()
    answer = _ask_number(code, token)
    if answer.errcode in _STALE:
        answer = _ask_number(code, _access_token(instead_of=token))
    elif answer.errcode == _BUSY:
        answer = _ask_number(code, token)
    _refuse("getuserphonenumber", answer.errcode)
    told = answer.phone_info
    if told is None or told.watermark.appid != config().setting("WECHAT_APP_ID"):
        report("wechat", "getuserphonenumber", "other_app" if told else "no_number")
        raise ProviderRefused
    return f"+{told.country_code}{told.pure_number}"


def forget_tokens() -> None:
    """Forget every access token, after a test changed the other side."""
    _tokens.clear()


def _access_token(*, instead_of: str = "") -> str:
    """Give an access token: the one at hand, else WeChat's present one; a forced one only if that was refused too."""
    account = (config().setting("WECHAT_APP_ID"), config().setting("WECHAT_APP_SECRET"))
    kept, until_s = _tokens.get(account, ("", 0.0))
    if kept and kept != instead_of and clock.steady_s() < until_s:
        return kept
    made = _ask_token(account, force=False)
    if instead_of and made.access_token == instead_of:
        made = _ask_token(account, force=True)
    _tokens[account] = (made.access_token, clock.steady_s() + made.expires_in - _EARLY_S)
    return made.access_token


def _ask_token(account: tuple[str, str], *, force: bool) -> _Token:
    asked = {"grant_type": "client_credential", "appid": account[0], "secret": account[1], "force_refresh": force}
    answer = _ask("/cgi-bin/stable_token", asked, _Token, repeatable=not force)
    _refuse("stable_token", answer.errcode)
    if not answer.access_token:
        report("wechat", "stable_token", "no_token")
        raise ProviderRefused
    return answer


def _ask_number(code: str, token: str) -> _Number:
    path = f"/wxa/business/getuserphonenumber?access_token={token}"
    return _ask(path, {"code": code}, _Number, repeatable=False)


def _ask(path: str, body: dict[str, object], shape: type[_T], *, repeatable: bool) -> _T:
    operation = path.partition("?")[0].rpartition("/")[2]
    answer = exchange(
        Exchange(
            provider="wechat",
            operation=operation,
            method="POST",
            url=config().setting("WECHAT_BASE_URL") + path,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            body=msgspec.json.encode(body),
            repeatable=repeatable,
        )
    )
    if answer.status != HTTPStatus.OK:
        report("wechat", operation, f"status_{answer.status}")
        raise ProviderRefused
    return checked(answer.content, shape, provider="wechat", operation=operation)


def _refuse(operation: str, errcode: int) -> None:
    if errcode:
        report("wechat", operation, f"errcode_{errcode}")
        raise _FAILURES.get(errcode, ProviderRefused)
