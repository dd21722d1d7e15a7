"""What may stand in a report."""

import unicodedata

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput


def report_text(text: str) -> str:
    """Normalise what somebody reports.

    Raises:
        InvalidInput: nothing but white space, or with control characters.
    """
    said = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if not said:
        raise InvalidInput((FieldError("/text", "length"),))
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in said):
        raise InvalidInput((FieldError("/text", "characters"),))
    return said
