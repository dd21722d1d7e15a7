"""Messages for people, from the queue into their inbox."""

from chalicelib.accounts.contracts.guardians import AgeNotice
from chalicelib.accounts.contracts.notices import SecurityNotice
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.work.job import Jobs

from . import service
from .contracts import DoneInCase, HoldTold, NoticeOrdered

jobs = Jobs(__name__)


@jobs.on_queue(
    "notices",
    SecurityNotice,
    NoticeOrdered,
    HoldTold,
    DoneInCase,
    AgeNotice,
    purpose="notice.service",
    frozen={SecurityNotice: service.SAFETY, HoldTold: service.SAFETY, DoneInCase: service.SAFETY},
)
def deliver_notice(call: Call, message: SecurityNotice | NoticeOrdered | HoldTold | DoneInCase | AgeNotice) -> None:
    """Put a service message into the person's inbox.

    Keeps: G1.1, G1.2, G1.3
    """
    if isinstance(message, SecurityNotice):
        service.deliver(call, message.event, message.session_id)
    elif isinstance(message, AgeNotice):
        service.deliver(call, message.event, "")
    else:
        service.deliver(call, message.template, message.subject_id)
