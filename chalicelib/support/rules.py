"""Pure decisions of customer service."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from chalicelib.foundation.kernel.call import Role

SERVICE: Final = (Role.CUSTOMER_SERVICE, Role.PRIVACY_OFFICER)
"""Who looks after cases; the first that somebody has is the one they act in."""
OPEN: Final = "open"
IDENTIFIED: Final = "identified"
CLOSED: Final = "closed"
SESSION: Final = "session"
CODE: Final = "code"
IDENTITY: Final = "identity"
DISPUTE: Final = "dispute"
"""How it is known whose case it is; where guardians disagree, nobody was checked."""
PROVES: Final = {"active": frozenset({SESSION, CODE, IDENTITY}), "frozen": frozenset({CODE, IDENTITY})}
"""What proves that it is the person who asks, by the status of the account: a frozen one may be in other hands."""
FOR_GOOD: Final = frozenset({"cancel"})
"""What can't be undone, and takes a second person whoever it is for."""
MOST_REPORTS: Final = 20
_REPORTED: Final = {
    "phishing": "诈骗举报：钓鱼",
    "off_platform_payment": "诈骗举报：平台外付款",
    "impersonation": "诈骗举报：冒充他人",
    "account_stolen": "诈骗举报：账号被盗",
    "other": "诈骗举报：其他",
}
_WISHES: Final = {
    "copy": "应本人要求代为申请副本：",
    "correct": "应本人要求代为更正资料：",
    "withdraw": "应本人要求代为撤回同意：",
    "preview": "应本人要求查看并告知注销预览：",
    "cancel": "应本人要求代为注销账号：",
}
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


def in_their_name(verb: str, wish: str) -> str:
    """Say in a case what was done there in its person's name, and what they had asked for."""
    return f"{_WISHES[verb]}{wish}"


def reported(kind: str) -> str:
    """Say in a case which kind of fraud was reported; the report itself has its own place and its own end."""
    return _REPORTED[kind]


def takes_report(state: str, report_ids: Collection[str] | None) -> bool:
    """Say whether a case is one of reports that takes another."""
    return state != CLOSED and 0 < len(report_ids or ()) < MOST_REPORTS


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
