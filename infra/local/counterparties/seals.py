"""WeChat Pay's signatures: the platform's over answers and notifications, the merchant's over requests."""

import time
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from secrets import token_hex
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from .secrets import Secrets
from .wire import Reply

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"


class Seals:
    """The platform's private key, and the merchant's public one."""

    def __init__(self, secrets: Secrets) -> None:
        self._merchant = secrets.merchant_public()
        self._platform = secrets.platform_private()
        self._key_id = secrets.public_key_id

    def sealed(self, reply: Reply) -> Reply:
        """Put the platform's signature over exactly these bytes."""
        marks = self.marks(reply.body, str(int(time.time())), token_hex(16))
        return Reply(reply.status, reply.body, {**reply.headers, "Request-ID": token_hex(16), **marks})

    def marks(self, body: bytes, timestamp: str, nonce: str) -> dict[str, str]:
        """Sign as the platform does, and write the signature's headers."""
        text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self._key_id,
            "Wechatpay-Signature": b64encode(self._platform.sign(text, PKCS1v15(), SHA256())).decode(),
            "Wechatpay-Signature-Type": SCHEME,
        }

    def merchant_signed(self, lines: Iterable[str], signature: str) -> bool:
        """Whether the merchant's key made this signature over these lines."""
        text = "".join(f"{line}\n" for line in lines)
        try:
            self._merchant.verify(b64decode(signature, validate=True), text.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, Base64Error):
            return False
        return True
