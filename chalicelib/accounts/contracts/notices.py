"""Messages about the security of an account."""

from datetime import datetime
from typing import Literal

from chalicelib.foundation.kernel.shapes import Message

NoticeEvent = Literal[
    "signed_up",
    "signed_in",
    "new_device",
    "password_changed",
    "password_reset",
    "session_reused",
    "sessions_ended",
    "mobile_changed",
    "frozen_by_code",
    "thawed_by_code",
    "wechat_bound",
    "wechat_unbound",
    "apple_bound",
    "apple_unbound",
    "accounts_merged",
    "identity_verified",
    "recovery_begun",
    "recovery_stopped",
    "recovered",
]


MailedEvent = Literal["mobile_changed", "recovery_begun", "recovered"]
"""What is mailed besides: each is about the number by which everything else would reach the owner."""


class SecurityNotice(Message):
    """Something happened that the owner of the account should know of."""

    event: NoticeEvent
    session_id: str
    channel: str
    at: datetime


class MailOrdered(Message):
    """Something happened that the owner is to read of at the proved e-mail address, too."""

    what: MailedEvent
