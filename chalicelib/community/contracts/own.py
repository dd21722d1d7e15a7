"""Wire shapes of the one place for one's own things."""

from datetime import datetime
from typing import Literal

from ...accounts.contracts.profile import ProfileView
from ...accounts.contracts.visibility import VisibilityView
from ...foundation.kernel.offsite import Way
from ...foundation.kernel.paging import Limit, Page
from ...foundation.kernel.shapes import Command, View
from ...media.contracts import PictureView
from ...orders.contracts import OrderCard
from . import ContentState, Cursor, PlaceView


class ActivityQuery(Command):
    """Which page of one's own activity, newest first."""

    limit: Limit = 20
    cursor: Cursor = ""


class ActivityView(View):
    """Something that the caller wrote, in whatever state; others see what is `visible`.

    `post_id` is the post itself, or the one that the comment is on.
    """

    kind: Literal["post", "comment"]
    post_id: str
    comment_id: str | None
    state: ContentState
    text: str
    pictures: list[PictureView]
    place: PlaceView | None
    written_at: datetime
    published_at: datetime | None
    leads_away: list[Way]


class OwnView(View):
    """A person's own things in one place: profile, what others see, latest orders, latest activity.

    The lists are the first pages of `/v1/orders` and `/v1/activity`, and their cursors go on there.
    """

    profile: ProfileView
    visibility: VisibilityView
    orders: Page[OrderCard]
    activity: Page[ActivityView]
