"""Background work of accounts."""

from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from .contracts.bindings import AppleUnbound
from .service import bindings, leaving_apple, outward_links, profile, verification

jobs = Jobs(__name__)


@jobs.on_queue(
    "withdrawals",
    ConsentWithdrawn,
    AppleUnbound,
    purpose="consent.record",
    frozen={ConsentWithdrawn: profile.WITHDRAWAL, AppleUnbound: profile.WITHDRAWAL},
)
def apply_withdrawal(call: Call, message: ConsentWithdrawn | AppleUnbound) -> None:
    """Remove what only a withdrawn purpose allowed us to keep: profile fields, bindings, links, who somebody is."""
    if isinstance(message, AppleUnbound):
        leaving_apple.end_authorization(call, message.revocation_id)
    else:
        profile.apply_withdrawal(call, message.purpose)
        bindings.apply_withdrawal(call, message.purpose)
        outward_links.apply_withdrawal(call, message.purpose)
        verification.apply_withdrawal(call, message.purpose)
