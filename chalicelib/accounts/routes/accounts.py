"""The edge of accounts: codes, sign-up, the account, its password and number, freeze and thaw."""

from chalicelib.consent.errors import PolicyNotCurrent, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways import errors as outside
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, TooMany
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.standing.minors import GuardianConsentRequired
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.accounts import AccountView, CodeSentView, SendCode, SendOwnCode, SignUp
from ..contracts.bindings import NumberProofView, ProveNumber, WechatSignUp
from ..contracts.codes import ChangeMobile, FreezeOwnAccount, ResetPassword, ThawOwnAccount
from ..contracts.sessions import (
    ChangePassword,
    TokensView,
)
from ..errors import (
    CodeInvalid,
    CodesPaused,
    LoginFailed,
    MobileTaken,
    PasswordWeak,
    PasswordWrong,
    ProofInvalid,
    UserNameRefused,
    UserNameTaken,
)
from ..errors.minors import GuardiansNumber
from ..service import by_code, codes, freezing, logging_in, moving, profile, proofs, signing_up
from . import BY_CODE_LIMIT, PASSWORD_LIMIT, PROOF_LIMIT, handed

api = Api(__name__)


_SMS_ERRORS = (ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable)
_POLICY_ERRORS = (PolicyNotCurrent, TextUnknown, ShownAtImplausible, GuardianConsentRequired)


@api.post(
    "/v1/accounts/codes",
    who=Who.GUEST,
    purpose="account.service",
    body=SendCode,
    returns=CodeSentView,
    status=202,
    errors=(InvalidInput, CodesPaused, *_SMS_ERRORS),
    limits=(Limit("codes_day", 200, 86400), Limit("codes", 60, 3600)),
)
def send_code(call: Call, body: SendCode) -> CodeSentView:
    """Send a one-time code by SMS."""
    return codes.send_code(call, body)


@api.post(
    "/v1/accounts/me/codes",
    who=Who.PERSON,
    purpose="account.security",
    body=SendOwnCode,
    returns=CodeSentView,
    status=202,
    errors=(CodesPaused, *_SMS_ERRORS),
    with_key=True,
    limits=(PROOF_LIMIT,),
)
def send_own_code(call: Call, body: SendOwnCode) -> CodeSentView:
    """Send a one-time code to the account's own number."""
    return codes.send_own_code(call, body)


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


@api.post(
    "/v1/accounts/wechat/proofs",
    who=Who.GUEST,
    purpose="account.service",
    body=ProveNumber,
    returns=NumberProofView,
    errors=(InvalidInput, outside.CodeInvalid, TooMany, ProviderRefused, ProviderUnavailable),
    limits=(Limit("wechat_proofs", 60, 1800),),
)
def prove_number(call: Call, body: ProveNumber) -> NumberProofView:
    """Have WeChat prove a number, in place of a code by SMS."""
    return proofs.prove_number(call, body)


@api.post(
    "/v1/accounts/wechat",
    who=Who.GUEST,
    purpose="account.service",
    body=WechatSignUp,
    returns=TokensView,
    status=201,
    errors=(ProofInvalid, UserNameRefused, PasswordWeak, MobileTaken, UserNameTaken, *_POLICY_ERRORS),
    on_record=True,
    place="/v1/accounts/me",
    limits=(Limit("sign_up", 60, 1800),),
)
def sign_up_by_wechat(call: Call, body: WechatSignUp) -> TokensView:
    """Open an account whose number WeChat proved, and log in."""
    return signing_up.sign_up_by_wechat(call, body)


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


@api.post(
    "/v1/accounts/password/reset",
    who=Who.GUEST,
    purpose="account.security",
    body=ResetPassword,
    returns=None,
    status=204,
    errors=(InvalidInput, CodeInvalid, PasswordWeak, AccountFrozen, AccountClosing),
    limits=(BY_CODE_LIMIT,),
)
def reset_password(call: Call, body: ResetPassword) -> None:
    """Set a new password by number and code; every session ends."""
    by_code.reset_password(call, body)


@api.put(
    "/v1/accounts/mobile",
    who=Who.PERSON,
    purpose="account.security",
    body=ChangeMobile,
    returns=TokensView,
    errors=(InvalidInput, CodeInvalid, MobileTaken, GuardiansNumber),
    recent=True,
    with_key=True,
    limits=(PROOF_LIMIT,),
)
def change_mobile(call: Call, body: ChangeMobile) -> Answer:
    """Move the account to another number; every other session ends."""
    return handed(call, moving.change_mobile(call, body))


@api.post(
    "/v1/accounts/freeze",
    who=Who.GUEST,
    purpose="account.security",
    body=FreezeOwnAccount,
    returns=None,
    status=204,
    errors=(InvalidInput, CodeInvalid, AccountClosing),
    limits=(BY_CODE_LIMIT,),
)
def freeze_own_account(call: Call, body: FreezeOwnAccount) -> None:
    """Freeze the account of a number at once; every session ends."""
    freezing.freeze_own_account(call, body)


@api.post(
    "/v1/accounts/thaw",
    who=Who.GUEST,
    purpose="account.security",
    body=ThawOwnAccount,
    returns=None,
    status=204,
    errors=(InvalidInput, CodeInvalid, LoginFailed, AccountFrozen, AccountClosing),
    limits=(BY_CODE_LIMIT,),
)
def thaw_own_account(call: Call, body: ThawOwnAccount) -> None:
    """Lift a freeze of one's own by number, code and password."""
    freezing.thaw_own_account(call, body)
