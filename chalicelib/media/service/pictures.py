"""Pictures as other domains use them: put into a post, looked at, shown, given up."""

from collections.abc import Sequence
from typing import cast

from ...foundation.gateways import objects
from ...foundation.kernel.call import Call
from ...foundation.kernel.config import config
from ...foundation.kernel.errors import FieldError
from ...foundation.kernel.ids import derived_id
from ...foundation.store.write import Write, commit
from ...foundation.vault.wrapping import secret
from .. import rules, tables
from ..contracts import MediaState, Picture, PictureView, Seen
from ..errors import MediaUnusable
from ..rules import State
from ..tables import MediaRow


def attach_writes(call: Call, media_ids: Sequence[str], post_id: str) -> list[Write]:
    """Put the caller's own uploads into a post, judged or still on their way.

    The writes refuse with `MediaUnusable` where one is missing, another's, refused, or in a post already.
    """
    return [
        tables.attach(
            media_id,
            call.who.person_id,
            post_id=post_id,
            otherwise=MediaUnusable((FieldError(f"/media_ids/{at}", "unusable"),)),
        )
        for at, media_id in enumerate(media_ids)
    ]


def look_at(media_ids: Sequence[str]) -> list[Seen]:
    """Tell how uploads stand, in the order asked, read strongly; one that is gone or going counts as refused."""
    return [_seen(row) for row in tables.medias(list(media_ids))]


def post_of(media_id: str) -> str:
    """Tell which post a picture is in; empty when it is in none."""
    row = tables.media(media_id)
    return "" if row is None or row.post_id in {None, rules.WORN} else row.post_id


def show_picture(picture: Picture) -> PictureView:
    """Show where a public picture is read from."""
    base = config().setting("MEDIA_BASE_URL").rstrip("/")
    large, medium, small = (f"{base}/{key}" for key in rules.picture_keys(picture.folder))
    return PictureView(width=picture.width, height=picture.height, large=large, medium=medium, small=small)


def removal_writes(call: Call, media_ids: Sequence[str]) -> list[Write]:
    """Mark pictures whose post is being removed; `remove_media` or the sweep then ends them."""
    rows = tables.medias(list(media_ids))
    return [tables.give_up_of_post(row, call.now) for row in rows if row is not None]


def remove_media(media_ids: Sequence[str]) -> None:
    """Remove pictures given up: every object with all its versions, then the record. Safe to run twice.

    Keeps: J3.1
    """
    for row in tables.medias(list(media_ids)):
        if row is not None and row.state == State.REMOVING:
            remove_objects(row.pk)
            commit([tables.drop(row)])


def remove_objects(media_id: str, state: str = State.REMOVING) -> None:
    """Remove every object that an upload may ever have had, all versions, but those that it has in this state."""
    folder = folder_of(media_id)
    kept = rules.kept_keys(state, folder)
    for bucket, key in tables.objects_of(media_id, folder):
        if key not in kept:
            objects.delete_all_versions(bucket, key)


def folder_of(media_id: str) -> str:
    """Name the folder of an upload's pictures: nobody can derive it without our key.

    We can, also when the record is gone, so that a job killed beside an erasure leaves nothing behind.
    """
    return derived_id(rules.PUBLIC, secret("media.folder"), media_id)


def _seen(row: MediaRow | None) -> Seen:
    if row is None or row.state == State.REMOVING:
        return Seen("refused")
    state = cast("MediaState", row.state)
    return Seen(state, Picture(row.folder, row.width, row.height)) if row.width and row.height else Seen(state)
