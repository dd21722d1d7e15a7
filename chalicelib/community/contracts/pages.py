"""Wire shapes of a person's page as others see it."""

from datetime import datetime
from typing import Annotated

import msgspec

from ...accounts.contracts.visibility import Badge
from ...foundation.kernel.offsite import Way
from ...foundation.kernel.shapes import Command, View
from ...media.contracts import PictureView
from . import Cursor


class ShownQuery(Command):
    """Which part of a list on a page, newest first."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    cursor: Cursor = ""


class PersonView(View):
    """Somebody as everyone may know them: nickname, else user name, the avatar, and what they chose to show.

    `posts` and `comments` say whether such a list is there; a badge that is missing says nothing.
    """

    public_id: str
    name: str
    avatar: PictureView | None
    badges: list[Badge]
    posts: bool
    comments: bool


class CommentOfTheirsView(View):
    """A comment of somebody's, with the post that it is on."""

    comment_id: str
    post_id: str
    text: str
    published_at: datetime | None
    leads_away: list[Way]
