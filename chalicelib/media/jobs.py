"""Jobs of media."""

from ..foundation.kernel.call import Call
from ..foundation.work.job import Jobs
from .contracts import UploadsArrived
from .service.processing import process_upload

jobs = Jobs(__name__)


@jobs.on_queue("media", UploadsArrived, purpose="community.safety", outside=True, batch=5)
def process_media(call: Call, message: UploadsArrived) -> None:
    """Make uploads anew, have them judged, publish or refuse them."""
    for upload in message.uploads():
        process_upload(call, upload)
