"""Pure decisions of customer service."""

from datetime import datetime, timedelta
from typing import Final

from chalicelib.foundation.kernel.call import Role

SERVICE: Final = (Role.CUSTOMER_SERVICE, Role.PRIVACY_OFFICER)
"""Who looks after cases; the first that somebody has is the one they act in."""
OPEN: Final = "open"
IDENTIFIED: Final = "identified"
CLOSED: Final = "closed"
MOST_MESSAGES: Final = 500
MOST_UNIDENTIFIED: Final = 60
"""As many as one transaction can put under the person's key once it is known whose case it is."""
LOOK_LIFE: Final = timedelta(minutes=15)
MOST_ORDERS: Final = 20
_STARS: Final = "****"
_FEW: Final = 2
ANSWER_WITHIN: Final = timedelta(days=30)


def has_room(state: str, messages: int) -> bool:
    """Say whether a case takes another message."""
    return messages < (MOST_UNIDENTIFIED if state == OPEN else MOST_MESSAGES)


def answer_by(opened_at: datetime) -> datetime:
    """Say by when there is an answer at the latest."""
    return opened_at + ANSWER_WITHIN


def masked(text: str) -> str:
    """Show a first and a last character, so that its owner can be told they are the one, and nothing more."""
    if len(text) <= _FEW:
        return _STARS
    return f"{text[0]}{_STARS}{text[-1]}"
