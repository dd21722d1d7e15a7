"""The official-protocol SDK in public-key mode, carried by our transport. Imported where a payment is at hand only.

The SDK's own `request` follows redirects, reads without end and, for a serial it does not know, fetches certificates
and may write them to disk. So its core gets a `request` of ours, with an allow-list before every verification.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from .errors import ProviderRefused
from .transport import Answer, Exchange, exchange, report
from .wechatpay_wire import HEADERS, PROVIDER, Account, trusted


class BoundedCore(Core):  # type: ignore[misc]
    """The SDK's signing, verifying and decrypting core. It gets no logger: it would log keys and bodies."""

    def __init__(self, ours: Account) -> None:
        super().__init__(
            mchid=ours.mchid,
            cert_serial_no=ours.serial,
            private_key=ours.private_key,
            apiv3_key=ours.apiv3_key,
            public_key=ours.public_key,
            public_key_id=ours.public_key_id,
        )
        self._ours = ours

    def request(self, path: str, method: Any = RequestType.GET, data: Any = None) -> tuple[int, bytes]:  # noqa: ANN401
        """Sign, send, and verify the signature of what comes back.

        Raises:
            ProviderUnavailable: no answer, or busy, after the last try.
            ProviderRefused: what came back was not signed by WeChat Pay.
        """
        ours = self._ours
        body = msgspec.json.encode(data).decode() if data else ""
        signed = build_authorization(path, method.value, ours.mchid, ours.serial, self._private_key, data=body)
        answer = exchange(
            Exchange(
                provider=PROVIDER,
                operation=_operation(path),
                method="GET" if method is RequestType.GET else "POST",
                url=ours.base_url + path,
                headers={
                    "Authorization": signed,
                    "Wechatpay-Serial": ours.public_key_id,
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "User-Agent": "jule",
                },
                body=body.encode(),
            )
        )
        if answer.status < HTTPStatus.MULTIPLE_CHOICES and not self._genuine(answer):
            report(PROVIDER, _operation(path), "signature")
            raise ProviderRefused
        return answer.status, answer.content

    def signed(self, marks: dict[str, str], body: str) -> bool:
        """Whether WeChat Pay's key made this signature; call it only for `trusted` marks.

        Keeps: D8.1
        """
        return bool(self._verify_signature(marks, body))

    def _genuine(self, answer: Answer) -> bool:
        marks = {name: answer.headers.get(name.lower(), "") for name in HEADERS}
        try:
            body = answer.content.decode()
        except UnicodeDecodeError:
            return False
        return trusted(self._ours, marks) and self.signed(marks, body)


class Client(WeChatPay):  # type: ignore[misc]
    """The SDK's facade over that core; made the SDK's way it would parse the keys a second time."""

    def __init__(self, ours: Account) -> None:
        self.core = BoundedCore(ours)
        self._core = self.core
        self._type = WeChatPayType.MINIPROG
        self._mchid = ours.mchid
        self._appid = ours.appid
        self._notify_url = ours.notify_url
        self._partner_mode = False


def _operation(path: str) -> str:
    if path.endswith("/close"):
        return "close"
    if path.startswith("/v3/refund/"):
        return "refund"
    return "prepay" if path.endswith("/jsapi") else "query"
