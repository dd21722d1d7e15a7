"""Wire shapes of uploads and pictures, the bucket's own event, and what is told when a picture was judged."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from ..foundation.kernel.shapes import Command, Message, View

MOST_BYTES: Final = 10 * 1024 * 1024
ContentType = Literal["image/jpeg", "image/png", "image/webp"]
MediaState = Literal["uploading", "ready", "review", "refused"]
Ground = Literal["unreadable", "unlawful", "expired"]


class StartUpload(Command):
    """What is about to be uploaded."""

    content_type: ContentType
    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES, description="Exact size of the file.")]


class UploadView(View):
    """A form to post the file with: `fields` first, in any order, then the file as `file`."""

    media_id: str
    url: str
    fields: dict[str, str]
    expires_at: datetime


class PictureView(View):
    """A public picture in three sizes; width and height are the large one's, in pixels."""

    width: int
    height: int
    large: str
    medium: str
    small: str


class MediaView(View):
    """How an upload stands, for its owner; `ground` says why it was refused."""

    media_id: str
    state: MediaState
    ground: Ground | None
    picture: PictureView | None
    created_at: datetime


class Picture(msgspec.Struct, frozen=True):
    """A picture as a post keeps it: where it lies, and the size of the large one."""

    folder: str
    width: int
    height: int


class Seen(msgspec.Struct, frozen=True):
    """How an upload stands, as a post needs to know; the picture once there is one."""

    state: MediaState
    picture: Picture | None = None


class Upload(msgspec.Struct, frozen=True):
    """One object that arrived in a bucket; the key is URL-encoded, as S3 writes it."""

    bucket: str
    key: str


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct):
    key: str


class _S3(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _Record(msgspec.Struct):
    s3: _S3


class UploadsArrived(Message, forbid_unknown_fields=False):
    """S3's event notification, as far as we read it."""

    records: list[_Record] = msgspec.field(name="Records")

    def uploads(self) -> list[Upload]:
        """List what arrived."""
        return [Upload(bucket=one.s3.bucket.name, key=one.s3.object.key) for one in self.records]


class MediaJudged(Message):
    """A picture is ready, refused or left to a human."""

    media_id: str


class PictureGivenUp(Message):
    """A picture that is in no post is used no more: it is to be removed."""

    media_id: str
