"""Posts and comments as everyone reads them; nothing is stored about who does."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, cast, get_args

from ...accounts.contracts.profile import Author
from ...accounts.service import profile
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.kernel.offsite import Way
from ...foundation.kernel.paging import Page, open_cursor, seal_cursor
from ...foundation.vault import keyring
from ...foundation.vault.wrapping import secret
from ...media import service as media
from ...media.contracts import Picture, PictureView
from .. import tables
from ..contracts import (
    AuthorView,
    CommentsQuery,
    CommentView,
    ContentState,
    PlaceView,
    PostsQuery,
    PostView,
)
from ..rules import State
from ..tables import CommentRow, Content, Key, PostRow
from .searching import find_posts

T = TypeVar("T")


def list_posts(call: Call, asked: PostsQuery) -> Page[PostView]:
    """List what everyone may see, newest first: all of it, or what carries every word asked for.

    Keeps: A1.2, F3.1

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    scope = f"posts?{asked.q}"
    after = resume(scope, asked.cursor)
    rows, last = find_posts(asked, after) if asked.q.strip() else tables.visible_posts(asked.limit, after)
    authors = _authors(rows, call.now)
    keyring.fetch(row.place.key_id for row in rows if row.place is not None)
    return page_of([post_view(row, authors[row.person_id]) for row in rows if row.person_id in authors], scope, last)


def show_post(call: Call, post_id: str) -> PostView:
    """Show a post that everyone may see.

    Keeps: A1.2, F3.1

    Raises:
        NotFound: none, or not visible.
    """
    row = _visible_post(post_id)
    author = _authors([row], call.now).get(row.person_id)
    if author is None:
        raise NotFound
    return post_view(row, author)


def list_comments(call: Call, post_id: str, asked: CommentsQuery) -> Page[CommentView]:
    """List the comments on a post that everyone may see, oldest first.

    Keeps: A1.2, F2.1

    Raises:
        NotFound: no such post for everyone.
        InvalidInput: the cursor is not one of this list.
    """
    _visible_post(post_id)
    scope = tables.comments_of(post_id)
    rows, last = tables.visible_comments(post_id, asked.limit, resume(scope, asked.cursor))
    authors = _authors(rows, call.now)
    return page_of([comment_view(row, authors[row.person_id]) for row in rows if row.person_id in authors], scope, last)


def post_view(row: PostRow, author: Author) -> PostView:
    """Show a post under its author's public name and avatar."""
    return PostView(
        post_id=row.pk,
        state=cast("ContentState", row.state),
        author=author_view(author),
        text=row.read(),
        pictures=picture_views(row),
        place=place_view(row),
        published_at=row.published_at,
        leads_away=leads_away(row),
    )


def comment_view(row: CommentRow, author: Author) -> CommentView:
    """Show a comment under its author's public name and avatar."""
    return CommentView(
        comment_id=row.pk,
        state=cast("ContentState", row.state),
        author=author_view(author),
        text=row.read(),
        published_at=row.published_at,
        leads_away=leads_away(row),
    )


def own_side(call: Call) -> Author:
    """Give the caller's public side.

    Raises:
        NotFound: the account is going.
    """
    author = profile.authors([call.who.person_id], call.now).get(call.who.person_id)
    if author is None:
        raise NotFound
    return author


def _authors(rows: Iterable[Content], now: datetime) -> dict[str, Author]:
    """Look up the authors as they are now; one who is gone has no name, and nothing of theirs is shown."""
    return profile.authors(sorted({row.person_id for row in rows}), now)


def author_view(author: Author) -> AuthorView:
    """Show somebody's public side."""
    avatar = None if author.avatar is None else media.show_picture(author.avatar)
    return AuthorView(name=author.name, avatar=avatar, public_id=author.public_id)


def _visible_post(post_id: str) -> PostRow:
    row = tables.post(post_id)
    if row is None or row.state != State.VISIBLE:
        raise NotFound
    return row


def leads_away(row: Content) -> list[Way]:
    """Tell which ways off the platform it points out."""
    return [way for way in get_args(Way) if way in (row.leads_away or ())]


def picture_views(row: PostRow) -> list[PictureView]:
    """Show the pictures of a post that passed."""
    return [media.show_picture(Picture(*kept)) for kept in row.pictures or []]


def place_view(row: PostRow) -> PlaceView | None:
    """Show the place attached to a post; none once its author's key is gone."""
    if row.place is None:
        return None
    try:
        return PlaceView(district=row.place.reveal())
    except keyring.KeyDestroyed:
        return None


def resume(scope: str, cursor: str) -> Key | None:
    """Open the cursor of a list, if there is one."""
    return open_cursor(secret("cursor"), scope, cursor) if cursor else None


def page_of(data: list[T], scope: str, last: Key | None) -> Page[T]:
    """Make one page of a list, with the cursor of the next."""
    if last is None:
        return Page(data)
    return Page(data, has_more=True, next_cursor=seal_cursor(secret("cursor"), scope, last))
