"""E-mail through an SMTP service of mainland China, under TLS always.

SMTP is a conversation of lines, so a line break in an address or subject would be another command: `EmailMessage`
refuses one in a header, and the address is held against our own rule before it gets here.
"""

import base64
import ssl
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from ..kernel.config import config
from ..kernel.errors import Failure
from .disclosure import Disclosure, demand
from .errors import MailUndeliverable, ProviderRefused, ProviderUnavailable
from .transport import report

RECIPIENT: Final = "mail"
WAIT_S: Final = 3.0
_MOST_BYTES: Final = 16 * 1024
_BUSY: Final = range(400, 500)
_SUBJECT: Final = {"zh-CN": "聚乐部落邮箱验证码", "en": "Your code from Jule"}
_TEXT: Final = {
    "zh-CN": "您的验证码是 {code}，{minutes} 分钟内有效。如果不是您本人操作，请忽略这封邮件。\n",
    "en": "Your code is {code}, good for {minutes} minutes. If you did not ask for it, ignore this message.\n",
}

_NOTICES: Final = {
    "mobile_changed": (
        "您的账号已更换手机号码",
        "您的账号已更换手机号码。如果不是您本人操作，请尽快联系客服。",
        "The mobile number of your account was changed. If that was not you, contact customer service soon.",
    ),
    "recovery_begun": (
        "有人申请找回您的账号",
        "有人申请找回您的账号，等待期过后账号会换到新的手机号码。如果不是您本人，请登录后停止。",
        "Somebody asks for your account; it will move to another number. If that is not you, log in and stop it.",
    ),
    "recovered": (
        "您的账号已被找回",
        "您的账号已经找回：手机号码和密码都换了新的。如果不是您本人操作，请尽快联系客服。",
        "Your account was recovered; number and password are new. If that was not you, contact customer service soon.",
    ),
}
_NOTICE_SUBJECT_EN: Final = "About your Jule account"


class MailTooLarge(ValueError):
    """A message of ours is larger than any that we write."""


def send_code(address: str, code: str, minutes: int, *, language: str, under: Disclosure) -> None:
    """Mail a one-time code, once: after a lost answer it is not sent again.

    Args:
        address: where to.
        code: the code as the person is to type it.
        minutes: how long it is valid.
        language: `zh-CN` or `en`.
        under: the disclosure of `profile.email` and `account.code` to this recipient.

    Raises:
        ProviderUnavailable: no answer, or busy; the message may or may not have gone out.
        MailUndeliverable: the service does not deliver to this address.
        ProviderRefused: anything else it says no to, TLS included.

    Keeps: B2.6, I2.2
    """
    demand(under, RECIPIENT, "profile.email", "account.code")
    _write(address, _SUBJECT[language], _TEXT[language].format(code=code, minutes=minutes))


def send_notice(address: str, event: str, *, under: Disclosure) -> None:
    """Mail, in both languages, what happened to an account: once, without a name, a number or a link.

    Args:
        address: where to; its owner has proved it.
        event: what happened.
        under: the disclosure of `profile.email` to this recipient.

    Raises:
        ProviderUnavailable: no answer, or busy; the message may or may not have gone out.
        MailUndeliverable: the service does not deliver to this address.
        ProviderRefused: anything else it says no to, TLS included.

    Keeps: B1.4, B6.4, I2.2
    """
    demand(under, RECIPIENT, "profile.email")
    subject, *texts = _NOTICES[event]
    _write(address, f"{subject} {_NOTICE_SUBJECT_EN}", "\n\n".join(texts) + "\n")


def _write(address: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"] = config().setting("MAIL_FROM")
    message["To"] = address
    message["Subject"] = subject
    message.set_content(text)
    if len(message.as_bytes()) > _MOST_BYTES:
        raise MailTooLarge
    _send(message)


def _send(message: EmailMessage) -> None:
    import smtplib

    try:
        _converse(message)
    except smtplib.SMTPRecipientsRefused as refused:
        ((status, _),) = refused.recipients.values()
        raise _told(status, MailUndeliverable) from None
    except smtplib.SMTPResponseException as refused:
        raise _told(refused.smtp_code, ProviderRefused) from None
    except (ssl.SSLError, smtplib.SMTPNotSupportedError):
        report(RECIPIENT, "Send", "no_tls")
        raise ProviderRefused from None
    except (OSError, smtplib.SMTPException):
        report(RECIPIENT, "Send", "no_answer")
        raise ProviderUnavailable from None


def _converse(message: EmailMessage) -> None:
    """Greet, secure, log in, hand over. Without a certificate that we trust nothing is said."""
    import smtplib

    server, sender = urlsplit(config().setting("MAIL_SERVER")), config().setting("MAIL_FROM")
    host, port = server.hostname or "", server.port or 0
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=WAIT_S, context=_trust())
    else:
        connection = smtplib.SMTP(host, port, timeout=WAIT_S)
    try:
        if server.scheme != "smtps":
            connection.starttls(context=_trust())
        connection.login(sender, config().setting("MAIL_PASSWORD"))
        connection.send_message(message, sender)
    finally:
        connection.close()


def _trust() -> ssl.SSLContext:
    """Trust the usual authorities, or only the one that the setting holds."""
    own = config().setting("MAIL_CA", "")
    return ssl.create_default_context(cadata=base64.b64decode(own)) if own else ssl.create_default_context()


def _told(status: int, refusal: type[Failure]) -> Failure:
    report(RECIPIENT, "Send", f"status_{status}")
    return ProviderUnavailable() if status in _BUSY else refusal()
