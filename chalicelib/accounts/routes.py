"""The edge of accounts: codes, sign-up, log-in, sessions, password and profile."""

from chalicelib.consent.errors import PolicyNotCurrent, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, InvalidInput, Unauthenticated
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from . import service
from .contracts import (
    AccessView,
    AccountView,
    ChangePassword,
    CodeSentView,
    LogIn,
    ProfileView,
    Reauthenticate,
    RefreshSession,
    SendCode,
    SessionListView,
    SetResidence,
    SignUp,
    TokensView,
)
from .errors import (
    CodeInvalid,
    CodesPaused,
    LoginFailed,
    MobileTaken,
    PasswordWeak,
    PasswordWrong,
    UserNameRefused,
    UserNameTaken,
)

api = Api(__name__)
_SMS_ERRORS = (ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable)
_POLICY_ERRORS = (PolicyNotCurrent, TextUnknown, ShownAtImplausible)
_PASSWORD_LIMIT = Limit("password", 20, 300, per="person")


@api.post(
    "/v1/accounts/codes",
    who=Who.GUEST,
    purpose="account.service",
    body=SendCode,
    returns=CodeSentView,
    status=202,
    errors=(InvalidInput, CodesPaused, *_SMS_ERRORS),
    limits=(Limit("codes", 60, 3600),),
)
def send_code(call: Call, body: SendCode) -> CodeSentView:
    """Send a one-time code by SMS."""
    return service.send_code(call, body)


@api.post(
    "/v1/accounts",
    who=Who.GUEST,
    purpose="account.service",
    body=SignUp,
    returns=TokensView,
    status=201,
    errors=(CodeInvalid, UserNameRefused, PasswordWeak, MobileTaken, UserNameTaken, *_POLICY_ERRORS),
    on_record=True,
    place="/v1/accounts/me",
    limits=(Limit("sign_up", 60, 1800),),
)
def sign_up(call: Call, body: SignUp) -> TokensView:
    """Open an account and log in."""
    return service.sign_up(call, body)


@api.get("/v1/accounts/me", who=Who.PERSON, purpose="account.service", returns=AccountView, with_key=True)
def show_account(call: Call) -> AccountView:
    """Show the caller's account."""
    return service.show_account(call)


@api.put(
    "/v1/accounts/password",
    who=Who.PERSON,
    purpose="account.security",
    body=ChangePassword,
    returns=TokensView,
    errors=(PasswordWrong, PasswordWeak),
    with_key=True,
    limits=(_PASSWORD_LIMIT,),
)
def change_password(call: Call, body: ChangePassword) -> TokensView:
    """Replace the password; every other session ends."""
    return service.change_password(call, body)


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
    return service.log_in(call, body)


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
    return service.refresh_session(call, body)


@api.get("/v1/sessions", who=Who.PERSON, purpose="account.security", returns=SessionListView, with_key=True)
def list_sessions(call: Call) -> SessionListView:
    """List the caller's live sessions."""
    return service.list_sessions(call)


@api.delete("/v1/sessions/{session_id}", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def end_session(call: Call, session_id: str) -> None:
    """End one of the caller's sessions."""
    service.end_session(call, session_id)


@api.post("/v1/sessions/logout", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def log_out(call: Call) -> None:
    """End the session that asks."""
    service.log_out(call)


@api.post(
    "/v1/sessions/reauthentication",
    who=Who.PERSON,
    purpose="account.security",
    body=Reauthenticate,
    returns=AccessView,
    errors=(PasswordWrong,),
    with_key=True,
    limits=(_PASSWORD_LIMIT,),
)
def reauthenticate(call: Call, body: Reauthenticate) -> AccessView:
    """Prove by password that it is still the owner."""
    return service.reauthenticate(call, body)


@api.get("/v1/profile", who=Who.PERSON, purpose="account.service", returns=ProfileView, with_key=True)
def show_profile(call: Call) -> Answer:
    """Show the caller's profile."""
    return _versioned(service.show_profile(call))


@api.put(
    "/v1/profile/residence",
    who=Who.PERSON,
    purpose="account.membership",
    body=SetResidence,
    returns=ProfileView,
    errors=(ConsentRequired,),
    if_match=True,
    with_key=True,
)
def set_residence(call: Call, body: SetResidence, version: int) -> Answer:
    """State the place of residence."""
    return _versioned(service.set_residence(call, body, version))


@api.delete(
    "/v1/profile/residence",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_residence(call: Call, version: int) -> Answer:
    """Remove the place of residence."""
    return _versioned(service.remove_residence(call, version))


def _versioned(view: ProfileView) -> Answer:
    return Answer(view, version=view.version)
