"""WeChat's `jscode2session`: app id and secret checked, each code good once and for five minutes."""

import time
from base64 import b64encode
from secrets import token_bytes, token_urlsafe
from typing import Final

from .ledger import Ledger, LoginCode
from .secrets import Secrets
from .wire import Reply, Request, json_reply

_LIFE_S: Final = 300
_MESSAGES: Final = {
    -1: "system error",
    40013: "invalid appid",
    40029: "invalid code",
    40125: "invalid appsecret",
    40163: "code been used",
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
        """Exchange a code."""
        if request.method != "GET" or request.path != "/sns/jscode2session":
            return Reply(404)
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


def _error(errcode: int) -> Reply:
    return _plain({"errcode": errcode, "errmsg": _MESSAGES[errcode]})


def _plain(value: object) -> Reply:
    # WeChat says `text/plain` about its JSON; so do we.
    return json_reply(value, content_type="text/plain")
