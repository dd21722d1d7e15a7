"""Jobs of community."""

from ..consent.contracts import ConsentWithdrawn
from ..foundation.kernel.call import Call
from ..foundation.work.job import Jobs
from ..media.contracts import MediaJudged
from ..media.service import remove_media
from .contracts import CommentWritten, PostRemoved, PostWritten
from .service import checking, publishing

jobs = Jobs(__name__)
News = PostWritten | CommentWritten | MediaJudged | PostRemoved | ConsentWithdrawn


@jobs.on_queue(
    "community",
    PostWritten,
    CommentWritten,
    MediaJudged,
    PostRemoved,
    ConsentWithdrawn,
    purpose="community.safety",
    frozen={ConsentWithdrawn: publishing.WITHDRAWAL},
)
def apply_verdict(call: Call, message: News) -> None:
    """Check what was written, and carry out what follows from verdicts, removals and withdrawals."""
    match message:
        case PostWritten(post_id=post_id):
            checking.check_post(call, post_id)
        case CommentWritten(comment_id=comment_id):
            checking.check_comment(call, comment_id)
        case MediaJudged(media_id=media_id):
            checking.check_picture(call, media_id)
        case PostRemoved(media_ids=media_ids):
            remove_media(media_ids)
        case ConsentWithdrawn(purpose=publishing.PLACE):
            publishing.remove_places(call)
