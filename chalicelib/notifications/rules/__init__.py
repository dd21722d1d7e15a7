"""Pure decisions: what a message may be about, how its id tells its place, when it is over."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.foundation.kernel.ids import is_id
from chalicelib.foundation.register.periods import end_of

from ..errors import TemplateUnknown
from .templates import TEMPLATES, Words

PREFIX: Final = "ntf"
TAG_BYTES: Final = 10
_TIME_BYTES: Final = 6
_MS: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def refuse_unknown(template: str, subject_id: str) -> None:
    """Stop a message that no reader could be shown: an unknown template, or about something else.

    Raises:
        TemplateUnknown: either of these.
    """
    known = TEMPLATES.get(template)
    if known is None:
        raise TemplateUnknown
    if subject_id and not is_id(known.about, subject_id):
        raise TemplateUnknown


def message_id(at: datetime, tag: bytes) -> str:
    """Name a message by its time (48 bits of milliseconds) and 80 bits that nobody can guess."""
    raw = ((at - _EPOCH) // _MS).to_bytes(_TIME_BYTES, "big") + tag[:TAG_BYTES]
    return f"{PREFIX}_{base64.b32encode(raw).decode().rstrip('=').lower()}"


def place_of(given_id: str) -> str:
    """Give the place of a message in its owner's inbox, which its id tells.

    Args:
        given_id: an id of the right shape, from wherever it came.
    """
    raw = base64.b32decode(given_id.removeprefix(f"{PREFIX}_").upper() + "=" * 6)
    at = int.from_bytes(raw[:_TIME_BYTES], "big")
    return f"{at:015d}#{given_id}"


def tag_of(outbox_id: str) -> bytes:
    """Give the unguessable part of a message's id: the same for every delivery of one outbox message."""
    return hashlib.sha256(f"inbox\0{outbox_id}".encode()).digest()


def is_over(at: datetime, period: str, now: datetime) -> bool:
    """Say whether a message written then is past its retention.

    Keeps: K1.2
    """
    return end_of(period, at) <= now


def words_of(template: str, language: str) -> Words:
    """Put a template into words."""
    return TEMPLATES[template].words[language]
