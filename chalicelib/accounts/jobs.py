"""Background work of accounts."""

from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from .service import profile, verification

jobs = Jobs(__name__)


@jobs.on_queue("withdrawals", ConsentWithdrawn, purpose="consent.record", frozen={ConsentWithdrawn: profile.WITHDRAWAL})
def apply_withdrawal(call: Call, message: ConsentWithdrawn) -> None:
    """Remove what only the withdrawn purpose allowed us to keep: profile fields, a verified identity."""
    profile.apply_withdrawal(call, message.purpose)
    verification.apply_withdrawal(call, message.purpose)
