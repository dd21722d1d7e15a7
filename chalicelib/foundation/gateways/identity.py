"""Who somebody is, asked of the authority through Tencent Cloud: name and number, number of the phone, face by token.

No picture passes through here: the face is shown to the provider's own page, and only the outcome is fetched.
"""

from enum import Enum
from typing import Annotated, Final

import msgspec

from ..kernel.config import config
from .disclosure import Disclosure, demand
from .errors import IdentityLimited, ProviderRefused, ProviderUnavailable
from .tencent import Action, call
from .transport import report

RECIPIENT: Final = "identity"
_NAMED: Final = ("verification.name", "verification.number")
# Asking twice gives the same answer and costs a little money: safe to repeat. A face check that was begun twice is not
# the same one, so that is not repeated.
_NAME: Final = Action("faceid", "IdCardVerification", endpoint="IDENTITY_ENDPOINT", repeatable=True)
_PHONE: Final = Action("faceid", "PhoneVerification", endpoint="IDENTITY_ENDPOINT", repeatable=True)
_BEGIN: Final = Action("faceid", "DetectAuth", endpoint="IDENTITY_ENDPOINT", repeatable=False)
_RESULT: Final = Action("faceid", "GetDetectInfoEnhanced", endpoint="IDENTITY_ENDPOINT", repeatable=True)
_TEXT_ONLY: Final = "1"
"""Of a face check, what is text: neither pictures nor video nor the card."""

_Code = Annotated[str, msgspec.Meta(pattern=r"\A-?[0-9]{1,3}\Z")]
_RequestId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9-]{8,64}\Z")]


class Finding(Enum):
    """What the authority says."""

    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    UNKNOWN = "unknown"
    """It has no record of such a number."""


class Checked(msgspec.Struct, frozen=True):
    """An outcome, and the provider's number of the request that it came from."""

    finding: Finding
    request_id: str


class FaceBegun(msgspec.Struct, frozen=True):
    """Where the person shows their face, and the token under which the outcome is fetched."""

    url: str
    token: str


class _Result(msgspec.Struct):
    result: _Code = msgspec.field(name="Result")
    request_id: _RequestId = msgspec.field(name="RequestId")


class _Begun(msgspec.Struct):
    url: Annotated[str, msgspec.Meta(pattern=r"\Ahttps?://[!-~]{1,1000}\Z")] = msgspec.field(name="Url")
    token: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9-]{8,128}\Z")] = msgspec.field(name="BizToken")


class _Text(msgspec.Struct):
    code: int | None = msgspec.field(name="ErrCode", default=None)
    number: str | None = msgspec.field(name="IdCard", default=None)
    name: str | None = msgspec.field(name="Name", default=None)


class _Detected(msgspec.Struct):
    request_id: _RequestId = msgspec.field(name="RequestId")
    text: _Text | None = msgspec.field(name="Text", default=None)


_SAID: Final = {
    "IdCardVerification": {
        "0": Finding.CONSISTENT,
        "-1": Finding.INCONSISTENT,
        "-2": Finding.INCONSISTENT,
        "-3": Finding.INCONSISTENT,
        "-5": Finding.UNKNOWN,
    },
    "PhoneVerification": {
        "0": Finding.CONSISTENT,
        "-4": Finding.INCONSISTENT,
        "-6": Finding.INCONSISTENT,
        "-7": Finding.INCONSISTENT,
        "-8": Finding.INCONSISTENT,
        "-9": Finding.UNKNOWN,
        "-13": Finding.UNKNOWN,
    },
}
_BUSY: Final = {"IdCardVerification": {"-4", "-6"}, "PhoneVerification": {"-11"}}
_LIMITED: Final = {"IdCardVerification": "-7", "PhoneVerification": "-12"}


def check_name(name: str, number: str, *, under: Disclosure) -> Checked:
    """Ask whether a name and an identity number belong together.

    Args:
        name: as on the card.
        number: the 18 characters of the number.
        under: the disclosure of both to this recipient.

    Raises:
        ProviderUnavailable: no answer, or the authority is not to be reached now.
        IdentityLimited: the authority was asked about this number too often today.
        ProviderRefused: anything else it says no to.

    Keeps: B7.1, I2.2
    """
    demand(under, RECIPIENT, *_NAMED)
    return _asked(_NAME, {"IdCard": number, "Name": name})


def check_phone(name: str, number: str, mobile_e164: str, *, under: Disclosure) -> Checked:
    """Ask whether name, identity number and mobile number belong together, like `check_name`.

    Keeps: B7.1, I2.2
    """
    demand(under, RECIPIENT, *_NAMED, "account.mobile")
    return _asked(_PHONE, {"IdCard": number, "Name": name, "Phone": mobile_e164.removeprefix("+86")})


def begin_face(name: str, number: str, *, back_to: str, under: Disclosure) -> FaceBegun:
    """Begin a face check of this person on the provider's own page.

    Args:
        name: as on the card.
        number: the 18 characters of the number.
        back_to: where the page leads afterwards.
        under: the disclosure of both to this recipient.

    Raises:
        ProviderUnavailable: no answer.
        ProviderRefused: it says no, or its answer names no page.

    Keeps: B7.1, I2.2
    """
    demand(under, RECIPIENT, *_NAMED)
    rule = config().setting("IDENTITY_RULE_ID")
    begun = call(_BEGIN, {"RuleId": rule, "IdCard": number, "Name": name, "RedirectUrl": back_to}, _Begun)
    return FaceBegun(begun.url, begun.token)


def face_result(token: str, name: str, number: str, *, under: Disclosure) -> Checked | None:
    """Fetch the outcome of a face check, text only; None while there is none.

    Raises:
        ProviderUnavailable: no answer.
        ProviderRefused: it says no, or the outcome is about somebody else.

    Keeps: B7.1, B7.5, I2.2
    """
    demand(under, RECIPIENT, "verification.face_token")
    asked = {"BizToken": token, "RuleId": config().setting("IDENTITY_RULE_ID"), "InfoType": _TEXT_ONLY}
    said = call(_RESULT, asked, _Detected)
    if said.text is None or said.text.code is None:
        return None
    if said.text.code != 0:
        return Checked(Finding.INCONSISTENT, said.request_id)
    if (said.text.number, said.text.name) != (number, name):
        report("tencent", _RESULT.name, "other_person")
        raise ProviderRefused
    return Checked(Finding.CONSISTENT, said.request_id)


def _asked(action: Action, params: dict[str, object]) -> Checked:
    said = call(action, params, _Result)
    finding = _SAID[action.name].get(said.result)
    if finding is not None:
        return Checked(finding, said.request_id)
    report("tencent", action.name, f"result_{said.result}")
    if said.result in _BUSY[action.name]:
        raise ProviderUnavailable
    raise IdentityLimited if said.result == _LIMITED[action.name] else ProviderRefused
