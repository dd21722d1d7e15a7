"""Orders in the background."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.work.job import Jobs

from .contracts import ShipmentReported
from .service import deliver, sweep
from .service.moves import GROUND

jobs = Jobs(__name__)


@jobs.on_queue("warehouse", ShipmentReported, purpose="order.fulfil", legal_ground=GROUND, outside=True)
def record_shipment(call: Call, message: ShipmentReported) -> None:
    """Note what the warehouse has sent."""
    deliver.record_shipment(call, message)


@jobs.on_schedule("rate(1 minute)")
def close_unpaid(call: Call, deadline: Deadline) -> None:
    """Close what was not paid in time, and take up everything else that is due among orders."""
    sweep.sweep_orders(call, deadline)
