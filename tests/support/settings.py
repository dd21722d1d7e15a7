"""Made-up settings of the providers, enough for every process to start; tests of a gateway set their own."""

import os
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local import ministack

NOWHERE = "http://127.0.0.1:9"
PARAMETERS = {
    "PublicBaseUrl": "https://api.jule.example",
    "MediaBaseUrl": "https://media.jule.example",
    "ErasureSettleS": "0",
    "SmsEndpoint": "127.0.0.1:9",
    "SmsScheme": "http",
    "SmsAppId": "1400000000",
    "SmsTemplateCode": "100001",
    "SmsTemplateClosed": "100002",
    "SmsTemplateMoved": "100003",
    "SmsTemplateRecovery": "100004",
    "SmsTemplateChecked": "100005",
    "MailServer": "smtp://127.0.0.1:9",
    "MailFrom": "notice@mail.jule.example",
    "ModerationEndpoint": NOWHERE,
    "IdentityEndpoint": NOWHERE,
    "WechatBaseUrl": NOWHERE,
    "WechatAppId": "wx0000000000000000",
    "AppleBaseUrl": NOWHERE,
    "AppleClientId": "cn.jule.app",
    "WechatpayBaseUrl": NOWHERE,
    "WechatpayMchid": "1900000000",
    "WechatpaySerial": "5157F09EFDC096DE15EBE81A47057A7200000000",
    "WechatpayPublicKeyId": "PUB_KEY_ID_0000000000000000",
    "WechatpayNotifyUrl": "https://api.jule.example/v1/payments/wechat/notifications",
}


_RECOVERY = {
    "SMS_TEMPLATE_RECOVERY": PARAMETERS["SmsTemplateRecovery"],
    "SMS_TEMPLATE_CHECKED": PARAMETERS["SmsTemplateChecked"],
    "RECOVERY_WAIT_H": "72",
}
_IDENTITY = {"IDENTITY_ENDPOINT": NOWHERE, "IDENTITY_RULE_ID": "1", "IDENTITY_MOST_ACCOUNTS": "3"}


@cache
def settings() -> dict[str, str]:
    """Give every setting that the contract of the environment names, besides what the template states."""
    ours, theirs = _rsa(), _rsa()
    return {
        **_IDENTITY | _RECOVERY,
        "JULE_STAGE": "test",
        "TRACING": "off",
        "WEB_ORIGIN": "https://www.jule.example",
        "PUBLIC_BASE_URL": PARAMETERS["PublicBaseUrl"],
        "MEDIA_BASE_URL": PARAMETERS["MediaBaseUrl"],
        "ERASURE_SETTLE_S": "0",
        "SMS_ENDPOINT": PARAMETERS["SmsEndpoint"],
        "SMS_SCHEME": "http",
        "SMS_REGION": "ap-guangzhou",
        "SMS_APP_ID": PARAMETERS["SmsAppId"],
        "SMS_SIGN": "聚乐部落",
        "SMS_TEMPLATE_CODE": PARAMETERS["SmsTemplateCode"],
        "SMS_TEMPLATE_CLOSED": PARAMETERS["SmsTemplateClosed"],
        "SMS_TEMPLATE_MOVED": PARAMETERS["SmsTemplateMoved"],
        "MAIL_SERVER": PARAMETERS["MailServer"],
        "MAIL_FROM": PARAMETERS["MailFrom"],
        "MAIL_PASSWORD": "made-up",
        "TENCENT_SECRET_ID": "AKIDtest",
        "TENCENT_SECRET_KEY": "made-up",
        "MODERATION_ENDPOINT": NOWHERE,
        "WECHAT_BASE_URL": NOWHERE,
        "WECHAT_APP_ID": PARAMETERS["WechatAppId"],
        "WECHAT_APP_SECRET": "made-up",
        "APPLE_BASE_URL": NOWHERE,
        "APPLE_CLIENT_ID": PARAMETERS["AppleClientId"],
        "APPLE_KEY": "TEAM.KEY.made-up",
        "WECHATPAY_BASE_URL": NOWHERE,
        "WECHATPAY_MCHID": PARAMETERS["WechatpayMchid"],
        "WECHATPAY_SERIAL": PARAMETERS["WechatpaySerial"],
        "WECHATPAY_PRIVATE_KEY": _private_pem(ours),
        "WECHATPAY_APIV3_KEY": "0123456789abcdef0123456789abcdef",
        "WECHATPAY_PUBLIC_KEY_ID": PARAMETERS["WechatpayPublicKeyId"],
        "WECHATPAY_PUBLIC_KEY": _public_pem(theirs),
        "WECHATPAY_NOTIFY_URL": PARAMETERS["WechatpayNotifyUrl"],
    }


def shut_out_the_world() -> None:
    """Leave nothing in the environment by which a test could reach a real account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({**settings(), **ministack.CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    os.environ.update({"AWS_REGION": ministack.REGION, "AWS_DEFAULT_REGION": ministack.REGION})
    os.environ.update({"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull})
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def _public_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
