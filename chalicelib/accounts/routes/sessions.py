"""The edge of sessions: log-in, refresh, list, end, proving once more who is there."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, Unauthenticated
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.codes import LogInByCode, ReauthenticateByCode
from ..contracts.sessions import AccessView, LogIn, Reauthenticate, RefreshSession, SessionListView, TokensView
from ..errors import CodeInvalid, LoginFailed, PasswordWrong
from ..service import by_code, devices, logging_in, sessions
from . import BY_CODE_LIMIT, PASSWORD_LIMIT, PROOF_LIMIT

api = Api(__name__)


@api.post(
    "/v1/sessions",
    who=Who.GUEST,
    purpose="account.service",
    body=LogIn,
    returns=TokensView,
    status=201,
    errors=(LoginFailed, AccountFrozen, AccountClosing),
    limits=(Limit("log_in", 100, 300),),
)
def log_in(call: Call, body: LogIn) -> TokensView:
    """Log in by mobile number or user name."""
    return logging_in.log_in(call, body)


@api.post(
    "/v1/sessions/by-code",
    who=Who.GUEST,
    purpose="account.service",
    body=LogInByCode,
    returns=TokensView,
    status=201,
    errors=(InvalidInput, CodeInvalid, AccountFrozen, AccountClosing),
    limits=(BY_CODE_LIMIT,),
)
def log_in_by_code(call: Call, body: LogInByCode) -> TokensView:
    """Log in by a code sent to the number."""
    return by_code.log_in_by_code(call, body)


@api.post(
    "/v1/sessions/refresh",
    who=Who.GUEST,
    purpose="account.service",
    body=RefreshSession,
    returns=TokensView,
    errors=(Unauthenticated, AccountFrozen, AccountClosing),
)
def refresh_session(call: Call, body: RefreshSession) -> TokensView:
    """Exchange a refresh token for new tokens."""
    return sessions.refresh_session(call, body)


@api.get("/v1/sessions", who=Who.PERSON, purpose="account.security", returns=SessionListView, with_key=True)
def list_sessions(call: Call) -> SessionListView:
    """List the caller's live sessions."""
    return sessions.list_sessions(call)


@api.delete("/v1/sessions/{session_id}", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def end_session(call: Call, session_id: str) -> None:
    """End one of the caller's sessions."""
    sessions.end_session(call, session_id)


@api.post("/v1/sessions/logout", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def log_out(call: Call) -> None:
    """End the session that asks."""
    sessions.log_out(call)


@api.post(
    "/v1/sessions/end-others",
    who=Who.PERSON,
    purpose="account.security",
    returns=TokensView,
    limits=(PROOF_LIMIT,),
)
def end_others(call: Call) -> TokensView:
    """End every session but the one that asks, which goes on under new tokens."""
    return devices.end_others(call)


@api.post(
    "/v1/sessions/reauthentication",
    who=Who.PERSON,
    purpose="account.security",
    body=Reauthenticate,
    returns=AccessView,
    errors=(PasswordWrong,),
    with_key=True,
    limits=(PASSWORD_LIMIT,),
)
def reauthenticate(call: Call, body: Reauthenticate) -> AccessView:
    """Prove by password that it is still the owner."""
    return logging_in.reauthenticate(call, body)


@api.post(
    "/v1/sessions/reauthentication/by-code",
    who=Who.PERSON,
    purpose="account.security",
    body=ReauthenticateByCode,
    returns=AccessView,
    errors=(CodeInvalid,),
    with_key=True,
    limits=(PROOF_LIMIT,),
)
def reauthenticate_by_code(call: Call, body: ReauthenticateByCode) -> AccessView:
    """Prove by a code to the account's own number that it is still the owner."""
    return by_code.reauthenticate_by_code(call, body)
