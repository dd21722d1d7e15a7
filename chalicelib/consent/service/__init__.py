"""The verbs of this domain, and what other domains may join to their own transactions."""

from .choosing import agreed_now, answer_notice, ended_for, notice_answered, withdraw_consent
from .each import agree_writes, refuse_writes, withdraw_writes
from .ledger import TextShown, agreement_writes
from .looking import declined_by, list_consents, list_history, none_declined_by
from .showing import list_policies, policy_page, show_current_policy, show_notice, show_policy

__all__ = [
    "TextShown",
    "agree_writes",
    "agreed_now",
    "agreement_writes",
    "answer_notice",
    "declined_by",
    "ended_for",
    "list_consents",
    "list_history",
    "list_policies",
    "none_declined_by",
    "notice_answered",
    "policy_page",
    "refuse_writes",
    "show_current_policy",
    "show_notice",
    "show_policy",
    "withdraw_consent",
    "withdraw_writes",
]
