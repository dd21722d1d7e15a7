"""Uploads over HTTP."""

from ..foundation.kernel.call import Call
from ..foundation.web.endpoint import Api
from ..foundation.web.limits import Limit
from ..foundation.web.route import Who
from .contracts import MediaView, StartUpload, UploadView
from .service import uploads

api = Api(__name__)


@api.post(
    "/v1/media",
    who=Who.PERSON,
    purpose="community.publish",
    body=StartUpload,
    returns=UploadView,
    status=201,
    place="/v1/media/{0.media_id}",
    limits=(Limit("media", 60, 1800, per="person"),),
)
def start_upload(call: Call, asked: StartUpload) -> UploadView:
    """Get a form to upload one picture with."""
    return uploads.start_upload(call, asked)


@api.get("/v1/media/{media_id}", who=Who.PERSON, purpose="community.publish", returns=MediaView)
def show_media(call: Call, media_id: str) -> MediaView:
    """Show how one's own upload stands."""
    return uploads.show_media(call, media_id)
