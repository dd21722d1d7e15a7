"""What the counterparties remember: in memory under one lock, and in a file so that a restart forgets nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec

CHINA = timezone(timedelta(hours=8))
_KEPT = 500


class Sms(msgspec.Struct):
    """A text message that arrived."""

    id: str
    mobile: str
    code: str
    text: str
    at: str


class Mail(msgspec.Struct):
    """An e-mail that arrived."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    code: str
    at: str


class Judged(msgspec.Struct):
    """A moderation call and its verdict; not what was judged."""

    id: str
    kind: str
    data_id: str
    suggestion: str
    label: str
    at: str


class Citizen(msgspec.Struct):
    """Somebody whom the authority knows, with their mobile numbers as eleven digits."""

    number: str
    name: str
    mobiles: list[str] = []


class FaceCheck(msgspec.Struct):
    """A face check that was begun; `code` is its outcome, 0 for the right face, once there is one."""

    token: str
    number: str
    name: str
    redirect: str
    expires_s: float
    code: int | None = None


class LoginCode(msgspec.Struct):
    """A mini-program log-in code: five minutes, one use."""

    code: str
    openid: str
    expires_s: float
    used: bool = False


class PhoneCode(msgspec.Struct):
    """A code from the number button: five minutes, one use."""

    code: str
    mobile: str
    expires_s: float
    used: bool = False


class AccessToken(msgspec.Struct):
    """An access token of the mini-program's server."""

    token: str
    expires_s: float
    forced: int = 0


class AppleCode(msgspec.Struct):
    """An authorization code of Apple: five minutes, one use, asked for with a hashed nonce."""

    code: str
    subject: str
    nonce: str
    expires_s: float
    used: bool = False


class Refund(msgspec.Struct):
    """A refund of a payment."""

    refund_id: str
    out_refund_no: str
    refund: int
    reason: str
    notify_url: str
    created_at: str
    settles_s: float
    status: str = "PROCESSING"
    success_at: str = ""


class Trade(msgspec.Struct):
    """A payment, from prepay to refund."""

    prepay_id: str
    out_trade_no: str
    appid: str
    mchid: str
    description: str
    total: int
    currency: str
    openid: str
    notify_url: str
    expires_at: str
    created_at: str
    state: str = "NOTPAY"
    transaction_id: str = ""
    success_at: str = ""
    declined: bool = False
    refunds: list[Refund] = []

    def refund_of(self, out_refund_no: str) -> Refund | None:
        """Find a refund by the merchant's number."""
        return next((one for one in self.refunds if one.out_refund_no == out_refund_no), None)


class Delivery(msgspec.Struct):
    """A notification on its way: what the other side answered so far (0: nothing), and when it is tried next."""

    id: str
    event_type: str
    out_trade_no: str
    url: str
    created_at: str
    out_refund_no: str = ""
    statuses: list[int] = []
    due_s: float | None = None


class Books(msgspec.Struct):
    """Everything that is remembered."""

    sms: list[Sms] = []
    mail: list[Mail] = []
    judged: list[Judged] = []
    codes: dict[str, LoginCode] = {}
    payers: dict[str, str] = {}
    phone_codes: dict[str, PhoneCode] = {}
    access_token: AccessToken | None = None
    apple_codes: dict[str, AppleCode] = {}
    apple_people: dict[str, str] = {}
    apple_tokens: dict[str, str] = {}
    trades: dict[str, Trade] = {}
    deliveries: list[Delivery] = []
    citizens: dict[str, Citizen] = {}
    faces: dict[str, FaceCheck] = {}
    asked: dict[str, int] = {}

    def trade_of(self, prepay_id: str) -> Trade | None:
        """Find a payment by its prepay id."""
        return next((one for one in self.trades.values() if one.prepay_id == prepay_id), None)


class Ledger:
    """The books and their lock."""

    def __init__(self, directory: Path) -> None:
        """Open the books of a directory."""
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "books.json"
        self._lock = threading.RLock()
        self._books = Books()
        if self._path.exists():
            self._books = msgspec.json.decode(self._path.read_bytes(), type=Books)

    @contextmanager
    def reading(self) -> Iterator[Books]:
        """Look at the books while nobody writes."""
        with self._lock:
            yield self._books

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Change the books; they are on disk when this ends."""
        with self._lock:
            yield self._books
            for kept in (self._books.sms, self._books.mail, self._books.judged, self._books.deliveries):
                del kept[:-_KEPT]
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._books))
            fresh.replace(self._path)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._books = Books()
            self._path.unlink(missing_ok=True)


def stamp(at_s: float | None = None) -> str:
    """Write a time as the providers do: RFC 3339 in China's time zone, to the second."""
    return datetime.fromtimestamp(time.time() if at_s is None else at_s, CHINA).isoformat(timespec="seconds")
