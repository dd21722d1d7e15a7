"""Posts and comments as everyone reads them; nothing is stored about who does."""

from collections.abc import Iterable
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
from ...media.contracts import Picture
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


def list_posts(_call: Call, asked: PostsQuery) -> Page[PostView]:
    """List what everyone may see, newest first: all of it, or what carries every word asked for.

    Keeps: A1.2, F3.1

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    scope = f"posts?{asked.q}"
    after = _after(scope, asked.cursor)
    rows, last = find_posts(asked, after) if asked.q.strip() else tables.visible_posts(asked.limit, after)
    authors = _authors(rows)
    keyring.fetch(row.place.key_id for row in rows if row.place is not None)
    return _page([post_view(row, authors[row.person_id]) for row in rows if row.person_id in authors], scope, last)


def show_post(_call: Call, post_id: str) -> PostView:
    """Show a post that everyone may see.

    Keeps: A1.2, F3.1

    Raises:
        NotFound: none, or not visible.
    """
    row = _visible_post(post_id)
    author = _authors([row]).get(row.person_id)
    if author is None:
        raise NotFound
    return post_view(row, author)


def list_comments(_call: Call, post_id: str, asked: CommentsQuery) -> Page[CommentView]:
    """List the comments on a post that everyone may see, oldest first.

    Keeps: A1.2, F2.1

    Raises:
        NotFound: no such post for everyone.
        InvalidInput: the cursor is not one of this list.
    """
    _visible_post(post_id)
    scope = tables.comments_of(post_id)
    rows, last = tables.visible_comments(post_id, asked.limit, _after(scope, asked.cursor))
    authors = _authors(rows)
    return _page([comment_view(row, authors[row.person_id]) for row in rows if row.person_id in authors], scope, last)


def post_view(row: PostRow, author: Author) -> PostView:
    """Show a post under its author's public name and avatar."""
    pictures = [Picture(*kept) for kept in row.pictures or []]
    return PostView(
        post_id=row.pk,
        state=cast("ContentState", row.state),
        author=_shown(author),
        text=row.read(),
        pictures=[media.show_picture(picture) for picture in pictures],
        place=_place(row),
        published_at=row.published_at,
        leads_away=_leads_away(row),
    )


def comment_view(row: CommentRow, author: Author) -> CommentView:
    """Show a comment under its author's public name and avatar."""
    return CommentView(
        comment_id=row.pk,
        state=cast("ContentState", row.state),
        author=_shown(author),
        text=row.read(),
        published_at=row.published_at,
        leads_away=_leads_away(row),
    )


def own_side(call: Call) -> Author:
    """Give the caller's public side.

    Raises:
        NotFound: the account is going.
    """
    author = profile.authors([call.who.person_id]).get(call.who.person_id)
    if author is None:
        raise NotFound
    return author


def _authors(rows: Iterable[Content]) -> dict[str, Author]:
    """Look up the authors as they are now; one who is gone has no name, and nothing of theirs is shown."""
    return profile.authors(sorted({row.person_id for row in rows}))


def _shown(author: Author) -> AuthorView:
    avatar = None if author.avatar is None else media.show_picture(author.avatar)
    return AuthorView(name=author.name, avatar=avatar)


def _visible_post(post_id: str) -> PostRow:
    row = tables.post(post_id)
    if row is None or row.state != State.VISIBLE:
        raise NotFound
    return row


def _leads_away(row: Content) -> list[Way]:
    return [way for way in get_args(Way) if way in (row.leads_away or ())]


def _place(row: PostRow) -> PlaceView | None:
    if row.place is None:
        return None
    try:
        return PlaceView(district=row.place.reveal())
    except keyring.KeyDestroyed:
        return None


def _after(scope: str, cursor: str) -> Key | None:
    return open_cursor(secret("cursor"), scope, cursor) if cursor else None


def _page(data: list[T], scope: str, last: Key | None) -> Page[T]:
    if last is None:
        return Page(data)
    return Page(data, has_more=True, next_cursor=seal_cursor(secret("cursor"), scope, last))
