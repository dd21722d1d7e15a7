"""Pure decisions about uploads: names of objects, states, and what becomes of what nobody uses."""

from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal
from urllib.parse import unquote_plus

from ..foundation.kernel.ids import is_id

FORM_S: Final = 600
ORIGINAL_KEPT: Final = timedelta(minutes=50)
"""How long after the form a picture may stay as the camera wrote it, whatever happens. The policy promises an hour
(2.5.3); the sweep that keeps it runs every five minutes."""
UNUSED_KEPT: Final = timedelta(days=1)
SIZES: Final = ("large", "medium", "small")
WORN: Final = "avatar"
"""What stands for a post's id where a picture is its owner's avatar."""
PUBLIC: Final = "pic"
"""Folders of public pictures are called `pic_…`; the media host reads these and nothing else of the bucket."""
_HELD: Final = "held/"
_ORIGINALS: Final = "originals/"
_LEAST_BITS, _MOST_BITS = 10, 54

Duty = Literal["remove", "expire", "forget"]


class State(StrEnum):
    """Where an upload stands."""

    UPLOADING = "uploading"
    READY = "ready"
    REVIEW = "review"
    REFUSED = "refused"
    REMOVING = "removing"


USABLE: Final = (State.UPLOADING, State.READY, State.REVIEW)
WITH_PICTURES: Final = (State.READY, State.REVIEW)


def original_key(media_id: str) -> str:
    """Name the object in quarantine."""
    return _ORIGINALS + media_id


def media_of(encoded_key: str) -> str:
    """Tell from a key, as S3's event encodes it, which upload arrived; empty when it is none of ours."""
    media_id = unquote_plus(encoded_key).removeprefix(_ORIGINALS)
    return media_id if is_id("med", media_id) and unquote_plus(encoded_key) == original_key(media_id) else ""


def picture_keys(folder: str) -> tuple[str, ...]:
    """Name the public objects of a picture, largest first."""
    return tuple(f"{folder}/{size}" for size in SIZES)


def held_keys(folder: str) -> tuple[str, ...]:
    """Name the objects of a picture that a human must look at first, where the media host can't read them."""
    return tuple(_HELD + key for key in picture_keys(folder))


def kept_keys(state: str, folder: str) -> tuple[str, ...]:
    """Name the objects that a picture has in a state: public ones only once it has passed.

    Keeps: F3.1
    """
    if state == State.READY:
        return picture_keys(folder)
    return held_keys(folder) if state == State.REVIEW else ()


def tells_apart(fingerprint: str) -> bool:
    """Say whether a perceptual hash has enough structure to recognise a picture by; that of a plain wall has none."""
    return _LEAST_BITS <= int(fingerprint, 16).bit_count() <= _MOST_BITS


def duty(state: str, *, attached: bool) -> Duty:
    """Decide what a sweep does with an upload whose time has come.

    An original that was never dealt with expires where a post waits for it, which is then told. What was judged
    and is in a post stays, and its time is forgotten; what is in no post goes.

    Keeps: K1.2
    """
    if state == State.REMOVING or not attached:
        return "remove"
    return "expire" if state == State.UPLOADING else "forget"
