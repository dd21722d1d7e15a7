"""Names and identity numbers of citizens, as far as they can be told right or wrong without asking anybody."""

import re
import unicodedata
from datetime import date
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput

NUMBER_LIMIT: Final = 10
"""So often a day the authority is asked about one identity number, whoever asks."""
_NUMBER: Final = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK: Final = "10X98765432"
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_OLDEST: Final = 1900
_NAME_LENGTH: Final = range(2, 33)
_DOTS: Final = re.compile("[\u2022\u2027\u2219\u22c5\u30fb.]")


def number_of(text: str, today: date, pointer: str = "/number") -> str:
    """Read an identity number of 18 characters (GB 11643): place, date of birth, check character.

    Keeps: B7.3

    Raises:
        InvalidInput: no such number can exist.
    """
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not (_NUMBER.fullmatch(number) and _PROVINCES.match(number) and _born(number, today) and _sums_up(number)):
        raise InvalidInput((FieldError(pointer, "identity_number"),))
    return number


def born_of(number: str) -> date:
    """Read the date of birth off an identity number that adds up."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def real_name_of(text: str, pointer: str = "/name") -> str:
    """Normalise a real name as the authority writes it: characters of a script without case, and the middle dot.

    Raises:
        InvalidInput: no such name can exist.
    """
    name = _DOTS.sub("·", unicodedata.normalize("NFKC", text).strip())
    letters = name.split("·")
    if len(name) not in _NAME_LENGTH or not all(
        part and all(unicodedata.category(character) == "Lo" for character in part) for part in letters
    ):
        raise InvalidInput((FieldError(pointer, "real_name"),))
    return name


def _sums_up(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK[total % 11] == number[17]


def _born(number: str, today: date) -> bool:
    try:
        born = born_of(number)
    except ValueError:
        return False
    return born.year >= _OLDEST and born <= today
