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
READING: Final = timedelta(minutes=15)
"""How long what somebody reads of a case is one look at it."""
TEXT_LIFE: Final = timedelta(hours=4)
"""How long an approval to read and answer a minor's case stands: half a working day."""
TEXT: Final = "support.text"
ORDER_PARTS: Final = frozenset({"order.amount", "order.goods", "order.number", "order.state"})
MASKED: Final = frozenset({"account.mobile", "account.user_name", "profile.residence"})
_PURPOSES: Final = {
    "account": "account.service",
    "order": "order.fulfil",
    "privacy": "rights.answer",
    "fraud": "account.security",
}
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


def purpose_of(topic: str) -> str:
    """Say what a case of some topic is looked into for."""
    return _PURPOSES.get(topic, "support.case")


def shown_of(opened: frozenset[str], *, under_age: bool, names_order: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Say which data items of an account are shown whole, and of which a part; nothing unasked of whoever is under age.

    Keeps: E2.2, M2.3
    """
    if under_age:
        return opened, frozenset()
    whole = opened | {"account.standing"} | (ORDER_PARTS if names_order else frozenset())
    part = MASKED | ({"order.recipient"} if names_order else frozenset())
    return whole, part - opened


def masked(text: str) -> str:
    """Show a first and a last character, so that its owner can be told they are the one, and nothing more."""
    if len(text) <= _FEW:
        return _STARS
    return f"{text[0]}{_STARS}{text[-1]}"
