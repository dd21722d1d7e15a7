"""WeChat Pay v3: requests verified with the merchant's key, every answer signed with the platform's key."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

import msgspec

from .ledger import Books, Ledger, Refund, Trade, stamp
from .seals import SCHEME, Seals
from .secrets import Secrets
from .told import told_refund, told_trade
from .wire import Reply, Request, json_reply

_SKEW_S: Final = 300
_AUTHORIZATION: Final = re.compile(
    SCHEME + r' mchid="(?P<mchid>\w+)",nonce_str="(?P<nonce>\w+)",signature="(?P<signature>[\w+/=]+)",'
    r'timestamp="(?P<timestamp>\d+)",serial_no="(?P<serial>\w+)"'
)
_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_MOST_REFUNDS: Final = 50
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


class Refused(Exception):
    """An error answer: status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class _Amount(msgspec.Struct):
    total: int
    currency: str = "CNY"


class _Payer(msgspec.Struct):
    openid: str


class _Prepay(msgspec.Struct):
    appid: str
    mchid: str
    description: str
    out_trade_no: str
    notify_url: str
    amount: _Amount
    payer: _Payer
    time_expire: str = ""


class _Close(msgspec.Struct):
    mchid: str


class _RefundAmount(msgspec.Struct):
    refund: int
    total: int
    currency: str


class _Refund(msgspec.Struct):
    out_refund_no: str
    amount: _RefundAmount
    out_trade_no: str = ""
    transaction_id: str = ""
    reason: str = ""
    notify_url: str = ""


class WeChatPay:
    """The merchant API. `wake` is called when the clerk has something new to do."""

    def __init__(self, secrets: Secrets, ledger: Ledger, *, wake: Callable[[], None], settle_s: float) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._seals = Seals(secrets)
        self._wake = wake
        self._settle_s = settle_s
        order, refund = r"/v3/pay/transactions/out-trade-no/([^/]+)", r"/v3/refund/domestic/refunds"
        self._routes = (
            ("prepay", "POST", re.compile(r"/v3/pay/transactions/jsapi"), self._prepay),
            ("query", "GET", re.compile(order), self._query),
            ("close", "POST", re.compile(order + "/close"), self._close),
            ("refund", "POST", re.compile(refund), self._refund),
            ("refund_query", "GET", re.compile(refund + "/([^/]+)"), self._query_refund),
        )

    def operation(self, request: Request) -> str:
        """Name what is asked, as fault plans do."""
        for name, method, path, _ in self._routes:
            if method == request.method and path.fullmatch(request.path):
                return f"wechatpay.{name}"
        return "wechatpay.unknown"

    def answer(self, request: Request) -> Reply:
        """Verify the request, do it, sign the answer."""
        try:
            self._verify(request)
            return self.sign(self._do(request))
        except Refused as refused:
            return self.sign(_error(refused.status, refused.code))
        except msgspec.DecodeError:
            return self.sign(_error(400, "PARAM_ERROR"))

    def fail(self, mode: str) -> Reply:
        """Refuse without doing anything."""
        return self.sign(_error(500, "SYSTEM_ERROR") if mode == "error" else _error(429, "FREQUENCY_LIMITED"))

    def sign(self, reply: Reply) -> Reply:
        """Sign an answer, an error too."""
        return self._seals.sealed(reply)

    def _verify(self, request: Request) -> None:
        claim = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if claim is None or abs(time.time() - int(claim["timestamp"])) > _SKEW_S:
            raise Refused(401, "SIGN_ERROR")
        ours = (self._secrets.mchid, self._secrets.merchant_serial)
        lines = (request.method, request.target, claim["timestamp"], claim["nonce"], request.body.decode())
        if (claim["mchid"], claim["serial"]) != ours or not self._seals.merchant_signed(lines, claim["signature"]):
            raise Refused(401, "SIGN_ERROR")
        if request.headers.get("wechatpay-serial") != self._secrets.public_key_id:
            raise Refused(400, "PARAM_ERROR")

    def _do(self, request: Request) -> Reply:
        for _, method, path, act in self._routes:
            found = path.fullmatch(request.path) if method == request.method else None
            if found:
                return act(request, *found.groups())
        raise Refused(404, "RESOURCE_NOT_EXISTS")

    def _prepay(self, request: Request) -> Reply:
        asked = msgspec.json.decode(request.body, type=_Prepay)
        self._check(asked)
        with self._ledger.writing() as books:
            trade = books.trades.get(asked.out_trade_no)
            if trade is None:
                trade = _open(asked)
                books.trades[asked.out_trade_no] = trade
            if trade.state != "NOTPAY":
                raise Refused(400, "ORDER_CLOSED" if trade.state == "CLOSED" else "ORDERPAID")
            if (trade.total, trade.openid, trade.currency) != (
                asked.amount.total,
                asked.payer.openid,
                asked.amount.currency,
            ):
                raise Refused(403, "OUT_TRADE_NO_USED")
        return json_reply({"prepay_id": trade.prepay_id})

    def _check(self, asked: _Prepay) -> None:
        if (asked.appid, asked.mchid) != (self._secrets.wechat_app_id, self._secrets.mchid):
            raise Refused(400, "APPID_MCHID_NOT_MATCH")
        with self._ledger.reading() as books:
            known = asked.payer.openid in books.payers.values()
        url = urlsplit(asked.notify_url)
        well_formed = (
            known
            and _NUMBER.fullmatch(asked.out_trade_no)
            and asked.amount.total > 0
            and asked.amount.currency == "CNY"
            and url.hostname in _LOOPBACK  # this one never calls anyone but this machine
            and not url.query
        )
        if not well_formed:
            raise Refused(400, "PARAM_ERROR")
        if asked.time_expire and datetime.fromisoformat(asked.time_expire).timestamp() < time.time():
            raise Refused(400, "PARAM_ERROR")

    def _query(self, request: Request, out_trade_no: str) -> Reply:
        with self._ledger.reading() as books:
            return json_reply(told_trade(self._trade(books, out_trade_no, request.query.get("mchid", ""))))

    def _close(self, request: Request, out_trade_no: str) -> Reply:
        asked = msgspec.json.decode(request.body, type=_Close)
        with self._ledger.writing() as books:
            trade = self._trade(books, out_trade_no, asked.mchid)
            if trade.state == "CLOSED":
                raise Refused(400, "ORDER_CLOSED")
            if trade.state != "NOTPAY":
                raise Refused(400, "ORDERPAID")
            trade.state = "CLOSED"
        return Reply(204)

    def _refund(self, request: Request) -> Reply:
        asked = msgspec.json.decode(request.body, type=_Refund)
        with self._ledger.writing() as books:
            trade = self._trade(books, asked.out_trade_no, self._secrets.mchid)
            refund = trade.refund_of(asked.out_refund_no)
            if refund is None:
                refund = self._new_refund(trade, asked)
                trade.refunds.append(refund)
            if refund.refund != asked.amount.refund or asked.amount.total != trade.total:
                raise Refused(400, "INVALID_REQUEST")
            reply = json_reply(told_refund(trade, refund))
        self._wake()
        return reply

    def _new_refund(self, trade: Trade, asked: _Refund) -> Refund:
        gone = sum(one.refund for one in trade.refunds if one.status != "CLOSED")
        if trade.state not in {"SUCCESS", "REFUND"} or not 0 < asked.amount.refund <= trade.total - gone:
            raise Refused(400, "INVALID_REQUEST")
        if len(trade.refunds) >= _MOST_REFUNDS or asked.amount.currency != trade.currency:
            raise Refused(400, "INVALID_REQUEST")
        return Refund(
            refund_id=f"503{int(time.time() * 1000)}{token_hex(4)}",
            out_refund_no=asked.out_refund_no,
            refund=asked.amount.refund,
            reason=asked.reason,
            notify_url=asked.notify_url,
            created_at=stamp(),
            settles_s=time.time() + self._settle_s,
        )

    def _query_refund(self, _request: Request, out_refund_no: str) -> Reply:
        with self._ledger.reading() as books:
            for trade in books.trades.values():
                refund = trade.refund_of(out_refund_no)
                if refund is not None:
                    return json_reply(told_refund(trade, refund))
        raise Refused(404, "RESOURCE_NOT_EXISTS")

    def _trade(self, books: Books, out_trade_no: str, mchid: str) -> Trade:
        if mchid != self._secrets.mchid:
            raise Refused(400, "PARAM_ERROR")
        trade = books.trades.get(out_trade_no)
        if trade is None:
            raise Refused(404, "ORDER_NOT_EXIST")
        return trade


def _open(asked: _Prepay) -> Trade:
    return Trade(
        prepay_id=f"wx{token_hex(17)}",
        out_trade_no=asked.out_trade_no,
        appid=asked.appid,
        mchid=asked.mchid,
        description=asked.description,
        total=asked.amount.total,
        currency=asked.amount.currency,
        openid=asked.payer.openid,
        notify_url=asked.notify_url,
        expires_at=asked.time_expire,
        created_at=stamp(),
    )


def _error(status: int, code: str) -> Reply:
    return json_reply({"code": code, "message": code}, status)
