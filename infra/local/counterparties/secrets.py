"""The made-up accounts and keys that product and counterparties share; made once per directory and kept."""

import contextlib
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from .certificates import certificate

_T = TypeVar("_T")
POSTBOX = "127.0.0.2"
"""Where the mail service listens: the next loopback address, so that it may have the port of the others."""
MAIL_FROM = "notice@mail.jule.example"
_FILE = "secrets.json"
_MCHID = "1900009191"
_SIGN = "聚乐部落"
_APP_ID = "1400006666"
_TEMPLATE = "1110001"
_TEMPLATE_CLOSED = "1110002"
_RULE = "1"
_TEMPLATE_MOVED = "1110003"
_TEMPLATE_RECOVERY = "1110004"
_TEMPLATE_CHECKED = "1110005"


class Secrets(msgspec.Struct, frozen=True):
    """Both sides' secrets. Private keys are PKCS #8 in DER."""

    tencent_secret_id: str
    tencent_secret_key: str
    wechat_app_id: str
    wechat_app_secret: str
    mchid: str
    merchant_serial: str
    merchant_key: bytes
    apiv3_key: str
    platform_key: bytes
    public_key_id: str
    sms_app_id: str = _APP_ID
    sms_sign: str = _SIGN
    sms_template: str = _TEMPLATE
    sms_template_closed: str = _TEMPLATE_CLOSED
    identity_rule: str = _RULE
    sms_template_moved: str = _TEMPLATE_MOVED
    sms_template_recovery: str = _TEMPLATE_RECOVERY
    sms_template_checked: str = _TEMPLATE_CHECKED
    mail_password: str = ""
    mail_key: bytes = b""
    mail_certificate: bytes = b""

    def merchant_public(self) -> RSAPublicKey:
        """Give the key that verifies what the merchant signs."""
        return _private(self.merchant_key).public_key()

    def platform_private(self) -> RSAPrivateKey:
        """Give the key that WeChat Pay signs with."""
        return _private(self.platform_key)


class AppleSecrets(msgspec.Struct, frozen=True):
    """Our account at Apple, and the key that Apple signs with. Private keys are in DER."""

    team_id: str
    key_id: str
    client_key: bytes
    signing_key: bytes
    signing_key_id: str
    client_id: str = "cn.jule.app"

    def client_public(self) -> EllipticCurvePublicKey:
        """Give the key that verifies our client secrets."""
        key = load_der_private_key(self.client_key, password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError(key)
        return key.public_key()

    def signing_private(self) -> RSAPrivateKey:
        """Give the key that identity tokens are signed with."""
        return _private(self.signing_key)


def load_apple(directory: Path) -> AppleSecrets:
    """Read Apple's side of a directory; make it the first time."""
    return kept(directory / "apple.json", AppleSecrets, _make_apple)


def apple_settings(directory: Path, base_url: str) -> dict[str, str]:
    """Give the settings of Sign in with Apple."""
    known = load_apple(directory)
    return {
        "APPLE_BASE_URL": f"{base_url}/apple",
        "APPLE_CLIENT_ID": known.client_id,
        "APPLE_KEY": f"{known.team_id}.{known.key_id}.{b64encode(known.client_key).decode()}",
    }


def _make_apple() -> AppleSecrets:
    # A key on P-256 in SEC 1 without its public half, as `openssl ec -no_public` writes it: 51 bytes.
    bare = bytes.fromhex("30310201010420") + token_bytes(32)
    return AppleSecrets(
        team_id=token_hex(5).upper(),
        key_id=token_hex(5).upper(),
        client_key=bare + bytes.fromhex("a00a06082a8648ce3d030107"),
        signing_key=_key(),
        signing_key_id=token_urlsafe(8).replace("-", "x").replace("_", "y"),
    )


def load(directory: Path) -> Secrets:
    """Read the secrets of a directory; make them the first time."""
    known = kept(directory / _FILE, Secrets, _make)
    if not known.mail_password:  # made before there was mail
        made = _make()
        known = msgspec.structs.replace(
            known,
            mail_password=made.mail_password,
            mail_key=made.mail_key,
            mail_certificate=made.mail_certificate,
        )
        (directory / _FILE).write_bytes(msgspec.json.encode(known))
    return known


def kept(path: Path, shape: type[_T], make: Callable[[], _T]) -> _T:
    """Read what a file holds; make it the first time, whoever is first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(msgspec.json.encode(make()))
        with contextlib.suppress(FileExistsError):  # the server and its starter may both be first
            os.link(fresh, path)
        fresh.unlink()
    return msgspec.json.decode(path.read_bytes(), type=shape)


def ensure(directory: Path | str, *, base_url: str, notify_url: str) -> dict[str, str]:
    """Give every provider setting that the product needs to talk to counterparties served from this directory.

    Keys come as base64 without the PEM frame: a function's whole environment may hold 4 KB.

    Args:
        directory: where the counterparties keep their state.
        base_url: where they are reached, such as `http://127.0.0.1:8090`.
        notify_url: where the product takes WeChat Pay's notifications.
    """
    known = load(Path(directory))
    place = urlsplit(base_url)
    return {
        **_mail(known, place.port or 0),
        "SMS_ENDPOINT": place.netloc,
        "SMS_SCHEME": place.scheme,
        "SMS_REGION": "ap-guangzhou",
        "SMS_APP_ID": known.sms_app_id,
        "SMS_SIGN": known.sms_sign,
        "SMS_TEMPLATE_CODE": known.sms_template,
        "SMS_TEMPLATE_CLOSED": known.sms_template_closed,
        "SMS_TEMPLATE_MOVED": known.sms_template_moved,
        "SMS_TEMPLATE_RECOVERY": known.sms_template_recovery,
        "SMS_TEMPLATE_CHECKED": known.sms_template_checked,
        "TENCENT_SECRET_ID": known.tencent_secret_id,
        "TENCENT_SECRET_KEY": known.tencent_secret_key,
        "MODERATION_ENDPOINT": base_url,
        "IDENTITY_ENDPOINT": base_url,
        "IDENTITY_RULE_ID": known.identity_rule,
        "WECHAT_BASE_URL": f"{base_url}/wechat",
        "WECHAT_APP_ID": known.wechat_app_id,
        "WECHAT_APP_SECRET": known.wechat_app_secret,
        **apple_settings(Path(directory), base_url),
        "WECHATPAY_BASE_URL": f"{base_url}/wechatpay",
        "WECHATPAY_NOTIFY_URL": notify_url,
        **_pay(known),
    }


def _pay(known: Secrets) -> dict[str, str]:
    public = _private(known.platform_key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "WECHATPAY_MCHID": known.mchid,
        "WECHATPAY_SERIAL": known.merchant_serial,
        "WECHATPAY_PRIVATE_KEY": b64encode(known.merchant_key).decode(),
        "WECHATPAY_APIV3_KEY": known.apiv3_key,
        "WECHATPAY_PUBLIC_KEY_ID": known.public_key_id,
        "WECHATPAY_PUBLIC_KEY": b64encode(public).decode(),
    }


def _mail(known: Secrets, port: int) -> dict[str, str]:
    return {
        "MAIL_SERVER": f"smtp://{POSTBOX}:{port}",
        "MAIL_FROM": MAIL_FROM,
        "MAIL_PASSWORD": known.mail_password,
        "MAIL_CA": b64encode(known.mail_certificate).decode(),
    }


def _make() -> Secrets:
    mail_key, mail_certificate = certificate(POSTBOX)
    return Secrets(
        tencent_secret_id="AKID" + token_hex(16),
        tencent_secret_key=token_urlsafe(24),
        wechat_app_id="wx" + token_hex(8),
        wechat_app_secret=token_hex(16),
        mchid=_MCHID,
        merchant_serial=token_hex(20).upper(),
        merchant_key=_key(),
        apiv3_key=token_hex(16),
        platform_key=_key(),
        mail_password=token_urlsafe(16),
        mail_key=mail_key,
        mail_certificate=mail_certificate,
        public_key_id="PUB_KEY_ID_0" + token_hex(15).upper(),
    )


def _key() -> bytes:
    made = generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _private(der: bytes) -> RSAPrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(key)
    return key
