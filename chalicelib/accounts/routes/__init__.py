"""The edge of accounts, a module for each first part of a path."""

import msgspec

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.web import cookies
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.limits import Limit

from ..contracts.sessions import AccessView, TokensView
from ..rules.sessions import SESSION_LIFE

PASSWORD_LIMIT = Limit("password", 20, 300, per="person")
PROOF_LIMIT = Limit("proof", 20, 300, per="person")
BY_CODE_LIMIT = Limit("by_code", 60, 300)
"""Of one address, for all together that a code to a number allows without a log-in."""


def handed(call: Call, view: TokensView | AccessView) -> Answer:
    """Hand over tokens in the body, or to the website that asked for it in cookies that no script reads.

    Keeps: A5.2
    """
    if call.carried is None:
        return Answer(view)
    refresh_token = view.refresh_token if isinstance(view, TokensView) else ""
    bare = {"refresh_token": ""} if refresh_token else {}
    shown = msgspec.structs.replace(view, access_token="", token_type="Cookie", **bare)  # noqa: S106 - a scheme's name
    return Answer(shown, cookies=cookies.given(view.access_token, refresh_token, SESSION_LIFE))
