"""Upload records, in the `community` table, and hashes of unlawful pictures."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pynamodb.expressions.update import Action

from ..foundation.kernel.errors import Busy
from ..foundation.store.attributes import Instant, Integer, Text
from ..foundation.store.declare import EPOCH, INDEX, KEY, OnMerge, Personal, Technical
from ..foundation.store.outbox import shard
from ..foundation.store.row import Row, get, rows_by_key
from ..foundation.store.write import Refusal, Write, delete, put, update
from .rules import USABLE, WITH_PICTURES, State, held_keys, original_key, picture_keys

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

SK = "MEDIA"
_REFUSED_SK = "REFUSED_PICTURE"


class MediaRow(Row, table="community", kind="media"):
    """One upload. Every object it may ever have is named from the start, so that none is ever without a row."""

    on_merge = OnMerge.MOVE

    erase_rank = 10

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    state = Text(Personal("media.facts"))
    ground = Text(Personal("media.facts"), null=True)
    label = Text(Personal("content.verdict"), null=True)
    folder = Text(Personal("media.key"))
    width = Integer(Personal("media.facts"), null=True)
    height = Integer(Personal("media.facts"), null=True)
    fingerprint = Text(Personal("media.fingerprint"), null=True)
    post_id = Text(Personal("media.facts"), null=True)
    created_at = Instant(Personal("content.times"))
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)

    def objects(self) -> tuple[tuple[str, str], ...]:
        """List the original and three sizes, public and held, whether or not they are there."""
        return objects_of(self.pk, self.folder)

    def lying(self) -> tuple[tuple[str, str], ...]:
        """Pick the three sizes where they lie once a picture was judged."""
        if self.state not in WITH_PICTURES:
            return ()
        keys = held_keys(self.folder) if self.state == State.REVIEW else picture_keys(self.folder)
        return tuple(("media", key) for key in keys)


class RefusedPictureRow(Row, table="community", kind="refused_picture"):
    """That a picture with this perceptual hash was found unlawful; not whose it was, nor when."""

    pk = Text(Technical("perceptual hash of an unlawful picture, tied to nobody"), hash_key=True)
    sk = Text(KEY, range_key=True)


def objects_of(media_id: str, folder: str) -> tuple[tuple[str, str], ...]:
    """List every object that an upload may have, by bucket and key."""
    made_anew = (*picture_keys(folder), *held_keys(folder))
    return (("quarantine", original_key(media_id)), *(("media", key) for key in made_anew))


def media(media_id: str) -> MediaRow | None:
    """Read one upload, strongly."""
    return get(MediaRow, media_id, SK)


def medias(media_ids: list[str]) -> list[MediaRow | None]:
    """Read up to 100 uploads in the order asked, strongly."""
    found = rows_by_key([(MediaRow, media_id, SK) for media_id in media_ids])
    return [row if isinstance(row, MediaRow) else None for row in found]


def settle(row: MediaRow, state: State, due_at: datetime, **facts: str | int | None) -> Write:
    """Note what came of an upload, once.

    Args:
        row: the upload.
        state: what came of it.
        due_at: when a sweep looks whether anybody uses it.
        facts: other attributes by name; None leaves one as it is.
    """
    attributes = MediaRow.get_attributes()
    actions: list[Action] = [MediaRow.state.set(state), *_look_again(row.pk, due_at)]
    actions += [attributes[name].set(value) for name, value in facts.items() if value is not None]
    return update(row, actions, MediaRow.state == State.UPLOADING)


def attach(media_id: str, person_id: str, *, post_id: str, otherwise: Refusal) -> Write:
    """Put an upload of this person into a post; a picture is in one post at most."""
    usable = (MediaRow.person_id == person_id) & MediaRow.post_id.does_not_exist() & MediaRow.state.is_in(*USABLE)
    return update((MediaRow, media_id, SK), [MediaRow.post_id.set(post_id)], usable, otherwise=otherwise)


def give_up(row: MediaRow, now: datetime) -> Write:
    """Mark an upload, as it was read, to be removed with its objects, by whoever comes first, a job or the sweep.

    From then on nobody can put it into a post, so its objects may go before its row.
    """
    return update(row, [MediaRow.state.set(State.REMOVING), *_look_again(row.pk, now)], _as_read(row))


def give_up_of_post(row: MediaRow, now: datetime) -> Write:
    """Mark an upload whose post is being removed, whatever becomes of it at this moment."""
    actions = [MediaRow.state.set(State.REMOVING), *_look_again(row.pk, now)]
    return update(row, actions, MediaRow.post_id == row.post_id, otherwise=Busy(retry_after_s=1))


def forget_time(row: MediaRow) -> Write:
    """Take an upload off the sweep's list."""
    return update(row, [MediaRow.due_shard.remove(), MediaRow.due_at.remove()], _as_read(row))


def drop(row: MediaRow) -> Write:
    """Delete the row of an upload that was given up; its objects are gone already."""
    return delete(row)


def is_known_unlawful(fingerprint: str) -> bool:
    """Say whether a picture of this hash was found unlawful before."""
    return get(RefusedPictureRow, fingerprint, _REFUSED_SK) is not None


def remember_unlawful(fingerprint: str) -> Write:
    """Remember the hash of an unlawful picture."""
    return put(RefusedPictureRow(pk=fingerprint, sk=_REFUSED_SK))


def due_from(media_id: str, at: datetime) -> dict[str, Any]:
    """Give the attributes that put a new row on the sweep's list."""
    return {"due_shard": shard(media_id), "due_at": at}


def _look_again(media_id: str, at: datetime) -> list[Action]:
    return [MediaRow.due_shard.set(shard(media_id)), MediaRow.due_at.set(at)]


def _as_read(row: MediaRow) -> "Condition":
    free = MediaRow.post_id.does_not_exist() if row.post_id is None else MediaRow.post_id == row.post_id
    same: Condition = (MediaRow.state == row.state) & free
    return same
