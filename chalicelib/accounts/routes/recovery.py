"""The edge of account recovery."""

from chalicelib.consent.errors import NoticeNotCurrent, NoticeUnsuited, ShownAtImplausible, TextUnknown
from chalicelib.foundation.gateways.errors import ProviderUnavailable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput, NotFound
from chalicelib.foundation.standing.minors import GuardianConsentRequired
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.recovery import BeginRecovery, FinishRecovery, RecoveryAskedView, StopRecovery
from ..errors import CodeInvalid, MobileTaken, PasswordWeak
from ..service import recovered, recovery

api = Api(__name__)

_NOTICE_ERRORS = (NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible)


@api.post(
    "/v1/recovery",
    who=Who.GUEST,
    purpose="account.security",
    body=BeginRecovery,
    returns=RecoveryAskedView,
    status=202,
    errors=(InvalidInput, CodeInvalid, GuardianConsentRequired, ProviderUnavailable, *_NOTICE_ERRORS),
    on_record=True,
    limits=(Limit("recovery", 10, 86400),),
)
def begin_recovery(call: Call, body: BeginRecovery) -> RecoveryAskedView:
    """Ask for an account back whose number is lost; the answer is the same whatever comes of it."""
    return recovery.begin_recovery(call, body)


@api.post(
    "/v1/recovery/stop",
    who=Who.GUEST,
    purpose="account.security",
    body=StopRecovery,
    returns=None,
    status=204,
    errors=(InvalidInput, CodeInvalid),
    limits=(Limit("recovery_stop", 60, 3600),),
)
def stop_by_code(call: Call, body: StopRecovery) -> None:
    """Stop a recovery by a code to the number that the account has."""
    recovered.stop_by_code(call, body)


@api.delete("/v1/recovery", who=Who.PERSON, purpose="account.security", returns=None, status=204)
def stop_own(call: Call) -> None:
    """Stop a recovery of the caller's account, if one waits."""
    recovered.stop_own(call)


@api.post(
    "/v1/recovery/finish",
    who=Who.GUEST,
    purpose="account.security",
    body=FinishRecovery,
    returns=None,
    status=204,
    errors=(InvalidInput, PasswordWeak, CodeInvalid, NotFound, MobileTaken),
    limits=(Limit("recovery_finish", 30, 3600),),
)
def finish_recovery(call: Call, body: FinishRecovery) -> None:
    """Finish after the wait, by another code to the new number and a new password."""
    recovered.finish_recovery(call, body)
