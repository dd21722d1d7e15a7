"""The edge of sessions: log-in, refresh, list, end, proving once more who is there."""

from chalicelib.consent.errors import NoticeNotCurrent, NoticeUnsuited, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways import errors as outside
from chalicelib.foundation.gateways.errors import AppleCodeInvalid, ProviderRefused, ProviderUnavailable, UserBlocked
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, TooMany, Unauthenticated
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.web import cookies
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.bindings import AppleLogIn, WechatLogIn
from ..contracts.codes import LogInByCode, ReauthenticateByCode
from ..contracts.sessions import (
    AccessView,
    LogIn,
    Reauthenticate,
    RefreshSession,
    SessionListView,
    TokensView,
    WechatTokensView,
)
from ..errors import CodeInvalid, LoginFailed, NotBound, PasswordWrong
from ..service import by_code, coming_in, devices, logging_in, sessions
from . import BY_CODE_LIMIT, PASSWORD_LIMIT, PROOF_LIMIT, handed

api = Api(__name__)

_BOUND_ERRORS = (NotBound, AccountFrozen, AccountClosing, ProviderRefused, ProviderUnavailable)
_NOTICE_ERRORS = (NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible)


@api.post(
    "/v1/sessions",
    who=Who.GUEST,
    purpose="account.service",
    body=LogIn,
    returns=TokensView,
    status=201,
    errors=(LoginFailed, AccountFrozen, AccountClosing),
    begins_session=True,
    limits=(Limit("log_in", 100, 300),),
)
def log_in(call: Call, body: LogIn) -> Answer:
    """Log in by mobile number or user name."""
    return handed(call, logging_in.log_in(call, body))


@api.post(
    "/v1/sessions/wechat",
    who=Who.GUEST,
    purpose="account.service",
    body=WechatLogIn,
    returns=WechatTokensView,
    status=201,
    errors=(*_BOUND_ERRORS, outside.CodeInvalid, UserBlocked, TooMany),
    limits=(Limit("wechat_log_in", 100, 300),),
)
def log_in_by_wechat(call: Call, body: WechatLogIn) -> WechatTokensView:
    """Log in by a bound WeChat."""
    return coming_in.log_in_by_wechat(call, body)


@api.post(
    "/v1/sessions/apple",
    who=Who.GUEST,
    purpose="account.service",
    body=AppleLogIn,
    returns=TokensView,
    status=201,
    errors=(*_BOUND_ERRORS, *_NOTICE_ERRORS, AppleCodeInvalid),
    on_record=True,
    limits=(Limit("apple_log_in", 100, 300),),
)
def log_in_by_apple(call: Call, body: AppleLogIn) -> TokensView:
    """Log in by a bound Apple account."""
    return coming_in.log_in_by_apple(call, body)


@api.post(
    "/v1/sessions/by-code",
    who=Who.GUEST,
    purpose="account.service",
    body=LogInByCode,
    returns=TokensView,
    status=201,
    errors=(InvalidInput, CodeInvalid, AccountFrozen, AccountClosing),
    begins_session=True,
    limits=(BY_CODE_LIMIT,),
)
def log_in_by_code(call: Call, body: LogInByCode) -> Answer:
    """Log in by a code sent to the number."""
    return handed(call, by_code.log_in_by_code(call, body))


@api.post(
    "/v1/sessions/refresh",
    who=Who.GUEST,
    purpose="account.service",
    body=RefreshSession,
    returns=TokensView,
    errors=(Unauthenticated, AccountFrozen, AccountClosing),
    begins_session=True,
)
def refresh_session(call: Call, body: RefreshSession) -> Answer:
    """Exchange a refresh token for new tokens; by cookie the body is empty."""
    return handed(call, sessions.refresh_session(call, body))


@api.get("/v1/sessions", who=Who.PERSON, purpose="account.security", returns=SessionListView, with_key=True)
def list_sessions(call: Call) -> SessionListView:
    """List the caller's live sessions."""
    return sessions.list_sessions(call)


@api.delete("/v1/sessions/{session_id}", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def end_session(call: Call, session_id: str) -> None:
    """End one of the caller's sessions."""
    sessions.end_session(call, session_id)


@api.post("/v1/sessions/logout", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def log_out(call: Call) -> Answer:
    """End the session that asks, and take its cookies away."""
    sessions.log_out(call)
    return Answer(cookies=cookies.cleared() if call.carried is not None else ())


@api.post(
    "/v1/sessions/end-others",
    who=Who.PERSON,
    purpose="account.security",
    returns=TokensView,
    limits=(PROOF_LIMIT,),
)
def end_others(call: Call) -> Answer:
    """End every session but the one that asks, which goes on under new tokens."""
    return handed(call, devices.end_others(call))


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
def reauthenticate(call: Call, body: Reauthenticate) -> Answer:
    """Prove by password that it is still the owner."""
    return handed(call, logging_in.reauthenticate(call, body))


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
def reauthenticate_by_code(call: Call, body: ReauthenticateByCode) -> Answer:
    """Prove by a code to the account's own number that it is still the owner."""
    return handed(call, by_code.reauthenticate_by_code(call, body))
