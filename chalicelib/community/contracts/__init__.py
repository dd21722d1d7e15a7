"""Wire shapes of posts and comments, and the messages that have them checked and removed."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from ...foundation.kernel.offsite import Way
from ...foundation.kernel.paging import Limit
from ...foundation.kernel.shapes import Command, Message, View
from ...media.contracts import PictureView

# Something to read, and no control characters: those that turn the direction of writing would let a text lie.
_HIDDEN: Final = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_READABLE: Final = rf"^[^\S{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*$"
Written = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=_READABLE)]
District = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=_READABLE)]
MediaId = Annotated[str, msgspec.Meta(pattern=r"^med_[a-z2-7]{26}$")]
Cursor = Annotated[str, msgspec.Meta(max_length=1024)]
ContentState = Literal["pending", "review", "visible", "refused"]


class Place(Command):
    """A place that the author chose and attached, no finer than a district."""

    district: District


class WritePost(Command):
    """A post to publish.

    `affirmed_others` says that whoever is shown or named has agreed; `affirmed_leaving`, that its author has read the
    warning that contact or payment would leave the platform, which only a text that leads away calls for.
    """

    text: Written
    affirmed_others: bool
    media_ids: Annotated[tuple[MediaId, ...], msgspec.Meta(max_length=9)] = ()
    place: Place | None = None
    affirmed_leaving: bool = False


class WriteComment(Command):
    """A comment to publish; what its author affirms is that of a post."""

    text: Written
    affirmed_others: bool
    affirmed_leaving: bool = False


class PostsQuery(Command):
    """Which posts to list: all of them newest first, or those that carry every word of `q` near their beginning."""

    q: Annotated[str, msgspec.Meta(max_length=50)] = ""
    limit: Limit = 20
    cursor: Cursor = ""


class CommentsQuery(Command):
    """Which page of a post's comments."""

    limit: Limit = 20
    cursor: Cursor = ""


class AuthorView(View):
    """Who wrote it, as everyone may know them: the nickname, else the user name; the avatar, if there is one.

    `public_id` leads to their page; null where they have none.
    """

    name: str
    avatar: PictureView | None
    public_id: str | None


class PlaceView(View):
    """The place attached to a post."""

    district: str


class PostView(View):
    """A post; everyone sees those that are `visible`, only the answer to its author tells of another state.

    Where `leads_away` names contact or payment, a client warns its reader before either leaves the platform.
    """

    post_id: str
    state: ContentState
    author: AuthorView
    text: str
    pictures: list[PictureView]
    place: PlaceView | None
    published_at: datetime | None
    leads_away: list[Way]


class CommentView(View):
    """A comment on a post; a reader is warned as with a post."""

    comment_id: str
    state: ContentState
    author: AuthorView
    text: str
    published_at: datetime | None
    leads_away: list[Way]


class PostWritten(Message):
    """A post waits to be checked."""

    post_id: str


class CommentWritten(Message):
    """A comment waits to be checked."""

    comment_id: str


class PostShown(Message):
    """A post is there for everyone; it is to be found by its words."""

    post_id: str


class PostRemoved(Message):
    """A post is gone; its postings, what is left of it and its pictures are to follow."""

    post_id: str
    media_ids: tuple[str, ...]
