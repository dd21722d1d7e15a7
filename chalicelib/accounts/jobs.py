"""Background work of accounts."""

from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from .contracts.bindings import AppleUnbound
from .contracts.notices import MailOrdered
from .contracts.recovery import CheckedByIdentity, RecoveryAsked
from .service import bindings, leaving_apple, mailing, outward_links, profile, recognising, recovery, verification

jobs = Jobs(__name__)


@jobs.on_queue(
    "withdrawals",
    ConsentWithdrawn,
    AppleUnbound,
    RecoveryAsked,
    CheckedByIdentity,
    MailOrdered,
    purpose="consent.record",
    frozen={
        ConsentWithdrawn: profile.WITHDRAWAL,
        AppleUnbound: profile.WITHDRAWAL,
        RecoveryAsked: recovery.LEGAL_GROUND,
        CheckedByIdentity: recovery.LEGAL_GROUND,
        MailOrdered: mailing.LEGAL_GROUND,
    },
)
def apply_withdrawal(
    call: Call, message: ConsentWithdrawn | AppleUnbound | RecoveryAsked | CheckedByIdentity | MailOrdered
) -> None:
    """Remove what only a withdrawn purpose allowed us to keep; tell an owner whose account or number is at stake."""
    if isinstance(message, RecoveryAsked):
        recovery.tell_owner(call)
    elif isinstance(message, CheckedByIdentity):
        recognising.tell_number(call)
    elif isinstance(message, MailOrdered):
        mailing.mail_owner(call, message.what)
    elif isinstance(message, AppleUnbound):
        leaving_apple.end_authorization(call, message.revocation_id)
    else:
        profile.apply_withdrawal(call, message.purpose)
        bindings.apply_withdrawal(call, message.purpose)
        outward_links.apply_withdrawal(call, message.purpose)
        verification.apply_withdrawal(call, message.purpose)
