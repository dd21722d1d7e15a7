"""Text messages through Tencent Cloud SMS."""

from typing import Annotated, Final

import msgspec

from ..kernel.config import config
from ..kernel.errors import Failure
from .disclosure import Disclosure, demand
from .errors import ProviderRefused, SmsLimited, SmsUndeliverable
from .tencent import Action, call
from .transport import report

RECIPIENT: Final = "sms"
# A text message goes out once per call: a repeated call after a lost answer would send it twice.
_SEND: Final = Action("sms", "SendSms", endpoint="SMS_ENDPOINT", repeatable=False)
_LIMITED: Final = "LimitExceeded."
_UNDELIVERABLE: Final = (
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.PhoneNumberParseFail",
    "InvalidParameterValue.IncorrectPhoneNumber",
    "UnsupportedOperation.",
)


class _Status(msgspec.Struct):
    code: str = msgspec.field(name="Code")


class _Sent(msgspec.Struct):
    statuses: Annotated[list[_Status], msgspec.Meta(min_length=1, max_length=1)] = msgspec.field(name="SendStatusSet")


def send_code(mobile_e164: str, code: str, minutes: int, *, under: Disclosure) -> None:
    """Send a one-time code.

    Args:
        mobile_e164: the number, such as `+8613800138000`.
        code: the code as the person is to type it.
        minutes: how long it is valid.
        under: the disclosure of `account.mobile` and `account.code` to this recipient.

    Raises:
        ProviderUnavailable: no answer; the message may or may not have gone out.
        SmsLimited: the provider's own limit for this number was reached.
        SmsUndeliverable: the provider does not deliver to this number.
        ProviderRefused: anything else it says no to.

    Keeps: B1.2, I2.2
    """
    demand(under, RECIPIENT, "account.mobile", "account.code")
    _send(mobile_e164, "SMS_TEMPLATE_CODE", (code, str(minutes)))


def send_closed(mobile_e164: str, *, under: Disclosure) -> None:
    """Send the last notice: the account is gone.

    Raises:
        Failure: as `send_code`.

    Keeps: G1.1, I2.2
    """
    demand(under, RECIPIENT, "notice.destination")
    _send(mobile_e164, "SMS_TEMPLATE_CLOSED", ())


def send_moved(mobile_e164: str, *, under: Disclosure) -> None:
    """Tell a number that the account which it had has moved to another one.

    Raises:
        Failure: as `send_code`.

    Keeps: G1.2, I2.2
    """
    demand(under, RECIPIENT, "account.mobile")
    _send(mobile_e164, "SMS_TEMPLATE_MOVED", ())


def send_recovery(mobile_e164: str, *, under: Disclosure) -> None:
    """Tell a number that somebody asks for its account back, and that this can be stopped.

    Raises:
        Failure: as `send_code`.

    Keeps: B6.4, I2.2
    """
    demand(under, RECIPIENT, "account.mobile")
    _send(mobile_e164, "SMS_TEMPLATE_RECOVERY", ())


def send_checked(mobile_e164: str, *, under: Disclosure) -> None:
    """Tell a number that customer service was shown, by name and identity number, who the owner of its account is.

    Raises:
        Failure: as `send_code`.

    Keeps: G1.2, I2.2
    """
    demand(under, RECIPIENT, "account.mobile")
    _send(mobile_e164, "SMS_TEMPLATE_CHECKED", ())


def _send(mobile_e164: str, template: str, params: tuple[str, ...]) -> None:
    sent = call(
        _SEND,
        {
            "PhoneNumberSet": [mobile_e164],
            "SmsSdkAppId": config().setting("SMS_APP_ID"),
            "SignName": config().setting("SMS_SIGN"),
            "TemplateId": config().setting(template),
            "TemplateParamSet": list(params),
        },
        _Sent,
        refusal=_refusal,
    )
    status = sent.statuses[0].code
    if status != "Ok":
        report("tencent", "SendSms", status)
        raise _refusal(status) or ProviderRefused


def _refusal(code: str) -> type[Failure] | None:
    if code.startswith(_LIMITED):
        return SmsLimited
    if code.startswith(_UNDELIVERABLE):
        return SmsUndeliverable
    return None
