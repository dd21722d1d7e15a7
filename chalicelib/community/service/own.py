"""A person's own things in one place: profile, orders, and what they wrote, whatever became of it."""

from typing import TYPE_CHECKING, Final, cast

from ...accounts.service import visibility
from ...foundation.kernel.call import Call
from ...foundation.kernel.paging import Page
from ...orders.contracts import ListOrders
from ...orders.service import show as orders
from ..contracts.own import ActivityQuery, ActivityView, OwnView
from ..tables import Content, PostRow
from ..tables.lists import written_by
from .reading import leads_away, page_of, picture_views, place_view, resume

if TYPE_CHECKING:
    from ..contracts import ContentState

LATEST: Final = 10
"""How many orders, and how many of the things they wrote, a person sees at first."""


def show_own(call: Call) -> OwnView:
    """Show a person their profile, what others see of them, their latest orders and their latest activity.

    Keeps: B5.1, J1.1

    Raises:
        Unauthenticated: they are gone.
    """
    profile, seen = visibility.show_both(call)
    return OwnView(
        profile=profile,
        visibility=seen,
        orders=orders.list_orders(call, ListOrders(limit=LATEST)),
        activity=list_activity(call, ActivityQuery(limit=LATEST)),
    )


def list_activity(call: Call, asked: ActivityQuery) -> Page[ActivityView]:
    """List everything that the caller wrote, newest first: public, waiting, held or refused.

    Keeps: B5.1, J1.1

    Raises:
        InvalidInput: the cursor is of another list or reader.
    """
    who = call.who.person_id
    scope = f"activity#{who}"
    rows, last = written_by(who, asked.limit, resume(scope, asked.cursor))
    return page_of([_activity_view(row) for row in rows], scope, last)


def _activity_view(row: Content) -> ActivityView:
    post = row if isinstance(row, PostRow) else None
    return ActivityView(
        kind="comment" if post is None else "post",
        post_id=row.pk if isinstance(row, PostRow) else row.post_id,
        comment_id=row.pk if post is None else None,
        state=cast("ContentState", row.state),
        text=row.read(),
        pictures=[] if post is None else picture_views(post),
        place=None if post is None else place_view(post),
        written_at=row.created_at,
        published_at=row.published_at,
        leads_away=leads_away(row),
    )
