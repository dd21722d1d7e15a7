"""WeChat Pay's notifications: signed, encrypted, and on request spoilt in every way that a merchant must notice."""

import time
from base64 import b64encode
from secrets import token_hex
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .ledger import Delivery, Ledger, Trade
from .seals import Seals
from .secrets import Secrets
from .told import noticed_refund, told_trade

_SUMMARY: Final = {"TRANSACTION.SUCCESS": "支付成功"}


class Tamper(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be wrong with a notification.

    `content` replaces fields of the decrypted resource (`amount` by its total), honestly signed. The others spoil
    the envelope: `forged` signature by another key, `flipped` body byte after signing, another `serial`, `offset_s`
    away from now, a fixed `nonce`, `foreign_key` for encrypting, another `event_type`, headers left out by `drop`.
    """

    content: dict[str, str | int] = {}
    forged: bool = False
    flipped: bool = False
    serial: str = ""
    offset_s: int = 0
    nonce: str = ""
    foreign_key: bool = False
    event_type: str = ""
    algorithm: str = "AEAD_AES_256_GCM"
    drop: list[str] = []


class Notice(msgspec.Struct):
    """A notification as it goes over the wire."""

    url: str
    headers: dict[str, str]
    body: str


class Scribe:
    """Writes notifications."""

    def __init__(self, secrets: Secrets, ledger: Ledger, seals: Seals) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self._seals = seals

    def write(self, what: Delivery, tamper: Tamper | None = None) -> Notice:
        """Write one, honestly unless told otherwise; each writing has a time, nonce and signature of its own."""
        spoilt = tamper or Tamper()
        event_type = spoilt.event_type or what.event_type
        body = msgspec.json.encode(
            {
                "id": what.id,
                "create_time": what.created_at,
                "resource_type": "encrypt-resource",
                "event_type": event_type,
                "summary": _SUMMARY.get(what.event_type, "退款"),
                "resource": self._resource(what, spoilt),
            }
        )
        marks = self._seals.marks(body, str(int(time.time()) + spoilt.offset_s), spoilt.nonce or token_hex(16))
        if spoilt.forged:
            other = self._seals.marks(body + b" ", marks["Wechatpay-Timestamp"], marks["Wechatpay-Nonce"])
            marks["Wechatpay-Signature"] = other["Wechatpay-Signature"]
        if spoilt.flipped:
            body = body.replace(b'"id":"EV-', b'"id":"EX-')
        if spoilt.serial:
            marks["Wechatpay-Serial"] = spoilt.serial
        headers = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mozilla/4.0", **marks}
        kept = {name: value for name, value in headers.items() if name not in spoilt.drop}
        return Notice(what.url, kept, body.decode())

    def _resource(self, what: Delivery, spoilt: Tamper) -> dict[str, str]:
        plain = msgspec.json.encode(_spoil(self._content(what), spoilt.content))
        kind = "transaction" if what.event_type.startswith("TRANSACTION") else "refund"
        nonce = token_hex(6)
        key = token_hex(16) if spoilt.foreign_key else self._secrets.apiv3_key
        sealed = AESGCM(key.encode()).encrypt(nonce.encode(), plain, kind.encode())
        return {
            "original_type": kind,
            "algorithm": spoilt.algorithm,
            "ciphertext": b64encode(sealed).decode(),
            "associated_data": kind,
            "nonce": nonce,
        }

    def _content(self, what: Delivery) -> dict[str, object]:
        with self._ledger.reading() as books:
            trade: Trade = books.trades[what.out_trade_no]
            refund = trade.refund_of(what.out_refund_no)
            return told_trade(trade) if refund is None else noticed_refund(trade, refund)


def _spoil(content: dict[str, object], other: dict[str, str | int]) -> dict[str, object]:
    told = dict(content)
    for name, value in other.items():
        amount = told.get("amount")
        inner = {"amount": "total", "currency": "currency", "refund": "refund"}.get(name)
        if inner and isinstance(amount, dict):
            told["amount"] = {**amount, inner: value}
        else:
            told[name] = value
    return told
