"""Jobs of community."""

from ..consent.contracts import ConsentWithdrawn
from ..foundation.kernel.call import Call
from ..foundation.work.job import Jobs
from ..media.contracts import MediaJudged, PictureGivenUp
from ..media.service import remove_media
from .contracts import CommentWritten, PostRemoved, PostShown, PostWritten
from .service import checking, publishing, searching

jobs = Jobs(__name__)
News = PostWritten | CommentWritten | MediaJudged | PostShown | PostRemoved | PictureGivenUp | ConsentWithdrawn


@jobs.on_queue(
    "community",
    PostWritten,
    CommentWritten,
    MediaJudged,
    PostShown,
    PostRemoved,
    PictureGivenUp,
    ConsentWithdrawn,
    purpose="community.safety",
    frozen={ConsentWithdrawn: publishing.WITHDRAWAL},
)
def apply_verdict(call: Call, message: News) -> None:
    """Check what was written, make it found, and carry out what follows from removals and withdrawals."""
    match message:
        case PostWritten(post_id=post_id):
            checking.check_post(call, post_id)
        case CommentWritten(comment_id=comment_id):
            checking.check_comment(call, comment_id)
        case MediaJudged(media_id=media_id):
            checking.check_picture(call, media_id)
        case PostShown(post_id=post_id):
            searching.index_post(call, post_id)
        case PostRemoved(post_id=post_id, media_ids=media_ids):
            searching.forget_post(post_id)
            remove_media(media_ids)
        case PictureGivenUp(media_id=media_id):
            remove_media([media_id])
        case ConsentWithdrawn(purpose=publishing.PLACE):
            publishing.remove_places(call)
