"""Shapes on the wire of WeChat Pay v3, and our account there."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from ..kernel.config import config

if TYPE_CHECKING:
    from .wechatpay_sdk import Client

PROVIDER: Final = "wechatpay"
SIGNATURE_TYPE: Final = "WECHATPAY2-SHA256-RSA2048"
HEADERS: Final = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)

Number = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z_\-|*@]{2,64}\Z")]
Fen = Annotated[int, msgspec.Meta(ge=0)]
TradeState = Literal["SUCCESS", "REFUND", "NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR", "ACCEPT"]
RefundState = Literal["SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL"]


class Fault(msgspec.Struct):
    """An error answer; its message is never read."""

    code: str


class Prepaid(msgspec.Struct):
    """The answer to a prepay call."""

    prepay_id: Number


class TradeAmount(msgspec.Struct):
    """What a payment is over: `total` in fen."""

    total: Fen
    currency: str = "CNY"


class Trade(msgspec.Struct):
    """A payment as queried or notified."""

    mchid: Number
    appid: Number
    out_trade_no: Number
    trade_state: TradeState
    transaction_id: Number | None = None
    success_time: datetime | None = None
    amount: TradeAmount | None = None


class RefundAmount(msgspec.Struct):
    """What a refund is over, in fen."""

    refund: Fen
    total: Fen
    currency: str = "CNY"


class RefundAnswer(msgspec.Struct):
    """A refund as created or queried."""

    refund_id: Number
    out_refund_no: Number
    out_trade_no: Number
    transaction_id: Number
    status: RefundState
    amount: RefundAmount
    success_time: datetime | None = None


class RefundNotice(msgspec.Struct):
    """A refund as notified."""

    mchid: Number
    refund_id: Number
    out_refund_no: Number
    out_trade_no: Number
    transaction_id: Number
    refund_status: RefundState
    amount: RefundAmount
    success_time: datetime | None = None


class Envelope(msgspec.Struct):
    """What surrounds a notification's encrypted resource."""

    id: Number
    event_type: Literal["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"]


class Account(msgspec.Struct, frozen=True):
    """Our account with WeChat Pay, from the settings. Keys are PEM, or its base64 without the frame."""

    base_url: str
    appid: str
    mchid: str
    serial: str
    private_key: str
    apiv3_key: str
    public_key_id: str
    public_key: str
    notify_url: str


def account() -> Account:
    """Read the account from the settings."""
    setting = config().setting
    return Account(
        base_url=setting("WECHATPAY_BASE_URL"),
        appid=setting("WECHAT_APP_ID"),
        mchid=setting("WECHATPAY_MCHID"),
        serial=setting("WECHATPAY_SERIAL"),
        private_key=setting("WECHATPAY_PRIVATE_KEY"),
        apiv3_key=setting("WECHATPAY_APIV3_KEY"),
        public_key_id=setting("WECHATPAY_PUBLIC_KEY_ID"),
        public_key=setting("WECHATPAY_PUBLIC_KEY"),
        notify_url=setting("WECHATPAY_NOTIFY_URL"),
    )


@lru_cache(maxsize=4)
def client(ours: Account) -> "Client":
    """Make the SDK's client with our transport underneath, once per account."""
    from .wechatpay_sdk import Client

    return Client(ours)


def trusted(ours: Account, headers: dict[str, str]) -> bool:
    """Whether the signature was made, by its headers, with the one key and algorithm that we trust."""
    return headers["Wechatpay-Serial"] == ours.public_key_id and headers["Wechatpay-Signature-Type"] == SIGNATURE_TYPE
