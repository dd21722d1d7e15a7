"""E-mail addresses: which we take, and how they are shown."""

import re
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput

_MOST_CHARACTERS: Final = 254
_MOST_BEFORE: Final = 64
_BEFORE: Final = re.compile(r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP: Final = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")


def email_of(text: str) -> str:
    """Read an e-mail address: plain ASCII without quotes or comments, so that nothing in it can be a command.

    Keeps: B2.6

    Raises:
        InvalidInput: no such address.
    """
    before, _, domain = text.strip(" ").rpartition("@")
    labels = domain.lower().split(".")
    good = (
        len(text) <= _MOST_CHARACTERS
        and len(before) <= _MOST_BEFORE
        and _BEFORE.fullmatch(before)
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _TOP.fullmatch(labels[-1])
    )
    if not good:
        raise InvalidInput((FieldError("/email", "email"),))
    return f"{before}@{domain.lower()}"


def mask_email(address: str) -> str:
    """Show only what lets its owner recognise an address."""
    before, _, domain = address.partition("@")
    return f"{before[:1]}***@{domain}"
