"""Pure decisions of customer service."""

from datetime import datetime, timedelta
from typing import Final

OPEN: Final = "open"
IDENTIFIED: Final = "identified"
CLOSED: Final = "closed"
MOST_MESSAGES: Final = 500
MOST_UNIDENTIFIED: Final = 60
"""As many as one transaction can put under the person's key once it is known whose case it is."""
ANSWER_WITHIN: Final = timedelta(days=30)


def has_room(state: str, messages: int) -> bool:
    """Say whether a case takes another message."""
    return messages < (MOST_UNIDENTIFIED if state == OPEN else MOST_MESSAGES)


def answer_by(opened_at: datetime) -> datetime:
    """Say by when there is an answer at the latest."""
    return opened_at + ANSWER_WITHIN
