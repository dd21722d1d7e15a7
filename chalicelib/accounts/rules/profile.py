"""What may stand in a profile."""

import unicodedata

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput


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
