"""What may stand in a profile, and what it opens."""

import unicodedata
from collections.abc import Collection
from datetime import date, datetime, timedelta, timezone
from typing import Final, get_args

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput

from ..contracts.profile import Optional, Tier

OPTIONAL: Final[tuple[Optional, ...]] = get_args(Optional)
RENAME_AFTER: Final = timedelta(days=3)
"""Between two changes of a nickname, so that nobody walks through other people's names."""
_CHINA: Final = timezone(timedelta(hours=8))
_LONGEST_LIFE_YEARS: Final = 130


def tier_of(filled: Collection[str]) -> Tier:
    """Tell the member tier that the filled in fields open; each of them is agreed to.

    Keeps: B2.3
    """
    count = len(OPTIONAL) - len(missing_of(filled))
    if count == len(OPTIONAL):
        return "full"
    return "member" if count else "none"


def missing_of(filled: Collection[str]) -> list[Optional]:
    """List the optional fields that are empty.

    Keeps: B2.3
    """
    return [name for name in OPTIONAL if name not in filled]


def birth_date_of(day: date, now: datetime) -> str:
    """Hold a date of birth against what is possible, by the calendar of China; gives it as text.

    Raises:
        InvalidInput: in the future, or longer ago than anybody lived.
    """
    today = now.astimezone(_CHINA).date()
    if not today.year - _LONGEST_LIFE_YEARS <= day.year or day > today:
        raise InvalidInput((FieldError("/birth_date", "range"),))
    return day.isoformat()


def renaming_from(renamed_at: datetime | None, now: datetime) -> datetime | None:
    """Tell from when on a nickname may be changed; None for at once."""
    if renamed_at is None or now >= renamed_at + RENAME_AFTER:
        return None
    return renamed_at + RENAME_AFTER


def residence_of(text: str) -> str:
    """Normalise a place of residence.

    Raises:
        InvalidInput: empty, too long or with control characters.
    """
    place = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if not place:
        raise InvalidInput((FieldError("/residence", "length"),))
    if any(unicodedata.category(character)[0] in "CZ" and character != " " for character in place):
        raise InvalidInput((FieldError("/residence", "characters"),))
    return place
