"""Starting an upload and seeing how it stands."""

from datetime import timedelta
from typing import cast

from ...foundation.gateways import objects
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.kernel.ids import new_id
from ...foundation.standing import access
from ...foundation.store.write import put_new
from .. import rules, tables
from ..contracts import Ground, MediaState, MediaView, Picture, StartUpload, UploadView
from ..rules import State
from ..tables import MediaRow
from .pictures import folder_of, show_picture


def start_upload(call: Call, asked: StartUpload) -> UploadView:
    """Give a form that takes one file of this type and at most this size, and keep a record of it from now on.

    Keeps: F3.1, K1.2
    """
    media_id = new_id("med")
    row = MediaRow(
        pk=media_id,
        sk=tables.SK,
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        state=State.UPLOADING,
        folder=folder_of(media_id),
        created_at=call.now,
        **tables.due_from(media_id, call.now + rules.ORIGINAL_KEPT),
    )
    access.commit(call, [put_new(row)])
    form = objects.presign_post(
        "quarantine",
        rules.original_key(media_id),
        content_type=asked.content_type,
        max_bytes=asked.size_bytes,
        expires_s=rules.FORM_S,
    )
    expires_at = call.now + timedelta(seconds=rules.FORM_S)
    return UploadView(media_id=media_id, url=form.url, fields=form.fields, expires_at=expires_at)


def show_media(call: Call, media_id: str) -> MediaView:
    """Show the owner how an upload stands.

    Raises:
        NotFound: none, or somebody else's.
    """
    row = tables.media(media_id)
    if row is None or row.person_id != call.who.person_id or row.state == State.REMOVING:
        raise NotFound
    picture = None
    if row.state == State.READY and row.width and row.height:
        picture = show_picture(Picture(row.folder, row.width, row.height))
    return MediaView(
        media_id=media_id,
        state=cast("MediaState", row.state),
        ground=cast("Ground | None", row.ground),
        picture=picture,
        created_at=row.created_at,
    )
