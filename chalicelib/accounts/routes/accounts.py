"""The edge of accounts: codes, sign-up, the account, its password."""

from chalicelib.consent.errors import PolicyNotCurrent, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.accounts import AccountView, CodeSentView, SendCode, SignUp
from ..contracts.sessions import (
    ChangePassword,
    TokensView,
)
from ..errors import (
    CodeInvalid,
    CodesPaused,
    MobileTaken,
    PasswordWeak,
    PasswordWrong,
    UserNameRefused,
    UserNameTaken,
)
from ..service import codes, logging_in, profile, signing_up
from . import PASSWORD_LIMIT, handed

api = Api(__name__)


_SMS_ERRORS = (ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable)
_POLICY_ERRORS = (PolicyNotCurrent, TextUnknown, ShownAtImplausible)


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
    return codes.send_code(call, body)


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
    begins_session=True,
    limits=(Limit("sign_up", 60, 1800),),
)
def sign_up(call: Call, body: SignUp) -> Answer:
    """Open an account and log in."""
    return handed(call, signing_up.sign_up(call, body))


@api.get("/v1/accounts/me", who=Who.PERSON, purpose="account.service", returns=AccountView, with_key=True)
def show_account(call: Call) -> AccountView:
    """Show the caller's account."""
    return profile.show_account(call)


@api.put(
    "/v1/accounts/password",
    who=Who.PERSON,
    purpose="account.security",
    body=ChangePassword,
    returns=TokensView,
    errors=(PasswordWrong, PasswordWeak),
    with_key=True,
    limits=(PASSWORD_LIMIT,),
)
def change_password(call: Call, body: ChangePassword) -> Answer:
    """Replace the password; every other session ends."""
    return handed(call, logging_in.change_password(call, body))
