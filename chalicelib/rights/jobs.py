"""Jobs of rights."""

from ..foundation.kernel.call import Call
from ..foundation.kernel.deadlines import Deadline
from ..foundation.work.job import Jobs
from .contracts import CopyRequested, ErasureOrdered
from .service import erasure, export, retention

jobs = Jobs(__name__)
_ERASURE_S = 840.0


@jobs.on_queue("exports", CopyRequested, purpose="rights.answer", frozen={CopyRequested: export.OF_RIGHT}, batch=1)
def export_copy(call: Call, message: CopyRequested) -> None:
    """Make the copy that somebody asked for."""
    export.export_copy(call, message.request_id)


@jobs.on_queue("erasures", ErasureOrdered, purpose="rights.answer", legal_ground="erasure", batch=1)
def erase_person(call: Call, message: ErasureOrdered) -> None:
    """Erase the person whose account is closing."""
    erasure.erase(call, message.request_id, Deadline(_ERASURE_S))


@jobs.on_schedule("rate(1 minute)")
def continue_erasures(call: Call, deadline: Deadline) -> None:
    """Go on with erasures that wait or were interrupted."""
    erasure.continue_erasures(call, deadline)


@jobs.on_schedule("rate(5 minutes)")
def sweep_retention(call: Call, deadline: Deadline) -> None:
    """End what is over."""
    retention.sweep_retention(call, deadline)
