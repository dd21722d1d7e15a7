"""Mobile numbers of mainland China."""

import re
import unicodedata
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput

_PHONE_CHARACTERS: Final = re.compile(r"[+0-9 ()\-]+")


def mobile_of(text: str, pointer: str = "/mobile") -> str:
    """Read a mobile number of mainland China in any usual spelling; gives E.164.

    Keeps: B1.1

    Raises:
        InvalidInput: no such number can exist there.
    """
    import phonenumbers

    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if not _PHONE_CHARACTERS.fullmatch(plain):
            raise InvalidInput((FieldError(pointer, "mobile"),))
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidInput((FieldError(pointer, "mobile"),)) from None
    ours = number.country_code == 86  # noqa: PLR2004 - and only a valid number has a type
    if not ours or phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise InvalidInput((FieldError(pointer, "mobile"),))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_mobile(mobile: str) -> str:
    """Show only what lets its owner recognise a number."""
    national = mobile.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}"
