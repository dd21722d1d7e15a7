"""Background work of accounts."""

from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from .service import profile

jobs = Jobs(__name__)


@jobs.on_queue("withdrawals", ConsentWithdrawn, purpose="consent.record", frozen={ConsentWithdrawn: profile.WITHDRAWAL})
def apply_withdrawal(call: Call, message: ConsentWithdrawn) -> None:
    """Remove the profile fields that only the withdrawn purpose allowed us to keep."""
    profile.apply_withdrawal(call, message.purpose)
