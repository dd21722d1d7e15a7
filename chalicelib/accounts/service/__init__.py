"""What the edge and other domains may ask of accounts, verb by verb."""

from .codes import send_code
from .logging_in import change_password, log_in, reauthenticate
from .profile import (
    WITHDRAWAL,
    apply_withdrawal,
    authors,
    mobile_of,
    remove_residence,
    set_residence,
    show_account,
    show_profile,
)
from .sessions import end_session, list_sessions, log_out, refresh_session
from .signing_up import sign_up

__all__ = [
    "WITHDRAWAL",
    "apply_withdrawal",
    "authors",
    "change_password",
    "end_session",
    "list_sessions",
    "log_in",
    "log_out",
    "mobile_of",
    "reauthenticate",
    "refresh_session",
    "remove_residence",
    "send_code",
    "set_residence",
    "show_account",
    "show_profile",
    "sign_up",
]
