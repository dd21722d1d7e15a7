"""Pictures as avatars: put on once judged, and given up with everything that lies of them."""

from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import FieldError
from ...foundation.store.outbox import announce
from ...foundation.store.write import Write
from .. import tables
from ..contracts import Picture, PictureGivenUp
from ..errors import MediaUnusable
from ..rules import WORN
from .pictures import look_at, removal_writes


def wear(call: Call, media_id: str, *, instead_of: str) -> tuple[Picture, Write]:
    """Take an upload of the caller's own for their avatar: the picture, and the write that keeps it from other use.

    The one that is given up for it is no longer to be had.

    Keeps: B2.4

    Raises:
        MediaUnusable: none that is judged good; the write refuses so where it is another's, or in use.
    """
    unusable = MediaUnusable((FieldError("/media_id", "unusable"),))
    (seen,) = look_at([media_id])
    if media_id == instead_of or seen.state != "ready" or seen.picture is None:
        raise unusable
    return seen.picture, tables.attach(media_id, call.who.person_id, post_id=WORN, otherwise=unusable)


def given_up(call: Call, media_id: str) -> list[Write]:
    """Give up an avatar's picture: nobody can use it again, and its objects are removed at once.

    Keeps: B2.4, J3.1
    """
    told = announce(call, "community", PictureGivenUp(media_id=media_id), person=None)
    return [*removal_writes(call, [media_id]), told]
