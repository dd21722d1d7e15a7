"""Background work of accounts."""

from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from .contracts.bindings import AppleUnbound
from .contracts.recovery import CheckedByIdentity, RecoveryAsked
from .service import bindings, leaving_apple, outward_links, profile, recognising, recovery, verification

jobs = Jobs(__name__)


@jobs.on_queue(
    "withdrawals",
    ConsentWithdrawn,
    AppleUnbound,
    RecoveryAsked,
    CheckedByIdentity,
    purpose="consent.record",
    frozen={
        ConsentWithdrawn: profile.WITHDRAWAL,
        AppleUnbound: profile.WITHDRAWAL,
        RecoveryAsked: recovery.LEGAL_GROUND,
        CheckedByIdentity: recovery.LEGAL_GROUND,
    },
)
def apply_withdrawal(call: Call, message: ConsentWithdrawn | AppleUnbound | RecoveryAsked | CheckedByIdentity) -> None:
    """Remove what only a withdrawn purpose allowed us to keep; tell an owner whose account is asked for."""
    if isinstance(message, RecoveryAsked):
        recovery.tell_owner(call)
    elif isinstance(message, CheckedByIdentity):
        recognising.tell_number(call)
    elif isinstance(message, AppleUnbound):
        leaving_apple.end_authorization(call, message.revocation_id)
    else:
        profile.apply_withdrawal(call, message.purpose)
        bindings.apply_withdrawal(call, message.purpose)
        outward_links.apply_withdrawal(call, message.purpose)
        verification.apply_withdrawal(call, message.purpose)
