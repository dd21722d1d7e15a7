"""WeChat's side of a log-in: `jscode2session`, `stable_token`, `getuserphonenumber`; app and secret are checked.

Each code is good once and for five minutes. A stable token stays the same until shortly before its end, whoever asks.
"""

import time
from base64 import b64encode
from secrets import token_bytes, token_urlsafe
from typing import Final, Literal

import msgspec

from .ledger import AccessToken, Books, Ledger, LoginCode, PhoneCode
from .secrets import Secrets
from .wire import Reply, Request, json_reply

_LIFE_S: Final = 300
_TOKEN_LIFE_S: Final = 7200
_NEXT_BEFORE_S: Final = 300
_MOST_FORCED: Final = 20
_MESSAGES: Final = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40013: "invalid appid",
    40029: "invalid code",
    40125: "invalid appsecret",
    40163: "code been used",
    41004: "appsecret missing",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
}


class WeChat:
    """The platform's log-in side."""

    def __init__(self, secrets: Secrets, ledger: Ledger) -> None:
        self._secrets = secrets
        self._ledger = ledger

    def operation(self, request: Request) -> str:
        """Name what is asked, as fault plans do."""
        return f"wechat.{request.path.rsplit('/', 1)[-1]}"

    def answer(self, request: Request) -> Reply:
        """Do what is asked."""
        act = {
            ("GET", "/sns/jscode2session"): self._session,
            ("POST", "/cgi-bin/stable_token"): self._token,
            ("POST", "/wxa/business/getuserphonenumber"): self._number,
        }.get((request.method, request.path))
        return Reply(404) if act is None else act(request)

    def _session(self, request: Request) -> Reply:
        if request.query.get("appid") != self._secrets.wechat_app_id:
            return _error(40013)
        if request.query.get("secret") != self._secrets.wechat_app_secret:
            return _error(40125)
        with self._ledger.writing() as books:
            code = books.codes.get(request.query.get("js_code", ""))
            if code is None or code.expires_s < time.time():
                return _error(40029)
            if code.used:
                return _error(40163)
            code.used = True
        session_key = b64encode(token_bytes(16)).decode()
        return _plain({"openid": code.openid, "session_key": session_key, "unionid": f"u{code.openid[1:]}"})

    def _token(self, request: Request) -> Reply:
        try:
            asked = msgspec.json.decode(request.body, type=_TokenAsked)
        except msgspec.DecodeError:
            return _error(41004)
        if asked.appid != self._secrets.wechat_app_id:
            return _error(40013)
        if asked.secret != self._secrets.wechat_app_secret:
            return _error(40125)
        with self._ledger.writing() as books:
            now_s, held = time.time(), books.access_token
            forced = (held.forced if held else 0) + asked.force_refresh
            if forced > _MOST_FORCED:
                return _error(45009)
            if held is None or asked.force_refresh or held.expires_s - now_s < _NEXT_BEFORE_S:
                held = books.access_token = AccessToken(token_urlsafe(48), now_s + _TOKEN_LIFE_S)
            held.forced = forced
            return _plain({"access_token": held.token, "expires_in": int(held.expires_s - now_s)})

    def _number(self, request: Request) -> Reply:
        with self._ledger.writing() as books:
            if not _is_token(books, request.query.get("access_token", "")):
                return _error(40001)
            try:
                code = books.phone_codes.get(msgspec.json.decode(request.body, type=_NumberAsked).code)
            except msgspec.DecodeError:
                code = None
            if code is None or code.used or code.expires_s < time.time():
                return _error(40029)
            code.used = True
            country, pure = ("86", code.mobile[3:]) if code.mobile.startswith("+86") else ("44", code.mobile[3:])
        stamped = {"timestamp": int(time.time()), "appid": self._secrets.wechat_app_id}
        info = {"phoneNumber": pure, "purePhoneNumber": pure, "countryCode": country, "watermark": stamped}
        return _plain({"errcode": 0, "errmsg": "ok", "phone_info": info})

    def fail(self, mode: str) -> Reply:
        """Refuse without doing anything."""
        return _error(-1 if mode == "error" else 45011)

    def sign(self, reply: Reply) -> Reply:
        """Answers carry no signature."""
        return reply

    def issue(self, payer: str) -> LoginCode:
        """Log a made-up person in, as `wx.login` does; the same name is the same person."""
        with self._ledger.writing() as books:
            openid = books.payers.setdefault(payer, f"o{token_urlsafe(20)[:27]}")
            for old in [one for one in books.codes.values() if one.expires_s < time.time()]:
                del books.codes[old.code]
            code = LoginCode(token_urlsafe(24), openid, time.time() + _LIFE_S)
            books.codes[code.code] = code
        return code

    def tap(self, mobile: str) -> PhoneCode:
        """Have somebody whose WeChat verified this number (`+86…`) tap the number button."""
        with self._ledger.writing() as books:
            for old in [one for one in books.phone_codes.values() if one.expires_s < time.time()]:
                del books.phone_codes[old.code]
            code = PhoneCode(token_urlsafe(24), mobile, time.time() + _LIFE_S)
            books.phone_codes[code.code] = code
        return code

    def spoil_token(self) -> None:
        """Let the present access token be good no more, though nobody was told."""
        with self._ledger.writing() as books:
            if books.access_token is not None:
                books.access_token.token = token_urlsafe(48)


class _TokenAsked(msgspec.Struct):
    grant_type: Literal["client_credential"]
    appid: str
    secret: str
    force_refresh: bool = False


class _NumberAsked(msgspec.Struct):
    code: str


def _is_token(books: Books, token: str) -> bool:
    held = books.access_token
    return held is not None and token == held.token and held.expires_s > time.time()


def _error(errcode: int) -> Reply:
    return _plain({"errcode": errcode, "errmsg": _MESSAGES[errcode]})


def _plain(value: object) -> Reply:
    # WeChat says `text/plain` about its JSON; so do we.
    return json_reply(value, content_type="text/plain")
