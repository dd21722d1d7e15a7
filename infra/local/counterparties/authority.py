"""The authority on identities, behind Tencent Cloud's `faceid`: who is known, and face checks on a page of its own."""

import time
import uuid
from typing import Final
from urllib.parse import quote

import msgspec

from .ledger import Citizen, FaceCheck, Ledger, stamp

ACTIONS: Final = frozenset({"IdCardVerification", "PhoneVerification", "DetectAuth", "GetDetectInfoEnhanced"})
_LIFE_S: Final = 7200
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_NUMBER_LENGTH: Final = 18
_MOST_DAILY: Final = 15
_TOO_OFTEN: Final = {"IdCardVerification": "-7", "PhoneVerification": "-12"}


class Unanswerable(Exception):
    """An error answer, by its code."""


class _Named(msgspec.Struct):
    number: str = msgspec.field(name="IdCard", default="")
    name: str = msgspec.field(name="Name", default="")
    phone: str = msgspec.field(name="Phone", default="")
    rule: str = msgspec.field(name="RuleId", default="")
    redirect: str = msgspec.field(name="RedirectUrl", default="")


class _Fetch(msgspec.Struct):
    token: str = msgspec.field(name="BizToken")
    rule: str = msgspec.field(name="RuleId")
    what: str = msgspec.field(name="InfoType", default="0")


class Authority:
    """One endpoint for four actions."""

    def __init__(self, ledger: Ledger, rule_id: str) -> None:
        self._ledger = ledger
        self._rule_id = rule_id

    def do(self, action: str, body: bytes, *, host: str) -> dict[str, object]:
        """Do one action whose signature was checked.

        Raises:
            Unanswerable: an error answer.
            msgspec.DecodeError: not its parameters.
        """
        if action == "GetDetectInfoEnhanced":
            return self._fetch(msgspec.json.decode(body, type=_Fetch))
        asked = msgspec.json.decode(body, type=_Named)
        if not asked.number or not asked.name:
            raise Unanswerable("InvalidParameter")
        if action == "DetectAuth":
            return self._begin(asked, host)
        return self._compare(action, asked)

    def know(self, citizen: Citizen) -> None:
        """Enter somebody into the records, with the numbers of their phones."""
        with self._ledger.writing() as books:
            books.citizens[citizen.number] = citizen

    def sell_card(self, number: str, mobile: str) -> None:
        """Sell somebody who is known a SIM card; to others none is sold."""
        with self._ledger.writing() as books:
            if number in books.citizens:
                books.citizens[number].mobiles.append(mobile)

    def show_face(self, token: str, *, passes: bool) -> FaceCheck | None:
        """Have somebody show their face, rightly or not."""
        with self._ledger.writing() as books:
            check = books.faces.get(token)
            if check is not None:
                check.code = 0 if passes and _fits(books.citizens.get(check.number), check.name) == "0" else 2004
        return check

    def _compare(self, action: str, asked: _Named) -> dict[str, object]:
        with self._ledger.writing() as books:
            citizen = books.citizens.get(asked.number)
            today = stamp()[:10]
            books.asked[f"{today} {asked.number}"] = times = books.asked.get(f"{today} {asked.number}", 0) + 1
        if times > _MOST_DAILY:
            return _said(_TOO_OFTEN[action])
        if action == "IdCardVerification":
            return _said("-2" if not _sums_up(asked.number) else _fits(citizen, asked.name))
        if not _sums_up(asked.number):
            return _said("-7", isp="")
        if citizen is None:
            return _said("-9", isp="")
        fits = citizen.name == asked.name and asked.phone in citizen.mobiles
        return _said("0" if fits else "-4", isp="移动")

    def _begin(self, asked: _Named, host: str) -> dict[str, object]:
        if asked.rule != self._rule_id:
            raise Unanswerable("InvalidParameter.RuleId")
        if not _sums_up(asked.number):
            raise Unanswerable("FailedOperation.IdFormatError")
        token = str(uuid.uuid4()).upper()
        with self._ledger.writing() as books:
            expired = [one for one in books.faces.values() if one.expires_s < time.time()]
            for old in expired:
                del books.faces[old.token]
            books.faces[token] = FaceCheck(token, asked.number, asked.name, asked.redirect, time.time() + _LIFE_S)
        return {"Url": f"http://{host}/face/{quote(token)}", "BizToken": token}

    def _fetch(self, asked: _Fetch) -> dict[str, object]:
        if asked.rule != self._rule_id:
            raise Unanswerable("InvalidParameter.RuleId")
        with self._ledger.reading() as books:
            check = books.faces.get(asked.token)
            if check is None:
                raise Unanswerable("FailedOperation.InvalidTokenParameter")
            text = {"ErrCode": check.code, "ErrMsg": None, "IdCard": check.number, "Name": check.name}
        # Whoever asks for more than text gets the picture, as the vendor does.
        frame = None if asked.what == "1" else {"BestFrame": "aW1hZ2U=", "BestFrames": None}
        return {"Text": text, "IdCardData": None, "BestFrame": frame, "VideoData": None}


def _fits(citizen: Citizen | None, name: str) -> str:
    if citizen is None:
        return "-5"
    return "0" if citizen.name == name else "-1"


def _said(result: str, **more: str) -> dict[str, object]:
    told = {key.capitalize(): value for key, value in more.items()}
    return {"Result": result, "Description": f"result {result}", **told}


def whole_number(body: str) -> str:
    """Put the check character behind the 17 digits of an identity number (GB 11643)."""
    return body + _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def _sums_up(number: str) -> bool:
    return len(number) == _NUMBER_LENGTH and number[:17].isdigit() and whole_number(number[:17]) == number
