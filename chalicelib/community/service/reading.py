"""Posts and comments as everyone reads them; nothing is stored about who does."""

from collections.abc import Iterable
from typing import TypeVar, cast

from ...accounts.service import profile
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
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
    names = _names(rows)
    keyring.fetch(row.place.key_id for row in rows if row.place is not None)
    return _page([post_view(row, names[row.person_id]) for row in rows if row.person_id in names], scope, last)


def show_post(_call: Call, post_id: str) -> PostView:
    """Show a post that everyone may see.

    Keeps: A1.2, F3.1

    Raises:
        NotFound: none, or not visible.
    """
    row = _visible_post(post_id)
    name = _names([row]).get(row.person_id)
    if name is None:
        raise NotFound
    return post_view(row, name)


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
    names = _names(rows)
    return _page([comment_view(row, names[row.person_id]) for row in rows if row.person_id in names], scope, last)


def post_view(row: PostRow, name: str) -> PostView:
    """Show a post under its author's public name."""
    pictures = [Picture(*kept) for kept in row.pictures or []]
    return PostView(
        post_id=row.pk,
        state=cast("ContentState", row.state),
        author=AuthorView(name=name),
        text=row.read(),
        pictures=[media.show_picture(picture) for picture in pictures],
        place=_place(row),
        published_at=row.published_at,
    )


def comment_view(row: CommentRow, name: str) -> CommentView:
    """Show a comment under its author's public name."""
    return CommentView(
        comment_id=row.pk,
        state=cast("ContentState", row.state),
        author=AuthorView(name=name),
        text=row.read(),
        published_at=row.published_at,
    )


def own_name(call: Call) -> str:
    """Give the caller's public name.

    Raises:
        NotFound: the account is going.
    """
    name = _names_of([call.who.person_id]).get(call.who.person_id)
    if name is None:
        raise NotFound
    return name


def _names(rows: Iterable[Content]) -> dict[str, str]:
    """Look up the authors' names as they are now; one who is gone has none, and nothing of theirs is shown."""
    return _names_of({row.person_id for row in rows})


def _names_of(person_ids: Iterable[str]) -> dict[str, str]:
    return {person_id: author.user_name for person_id, author in profile.authors(list(person_ids)).items()}


def _visible_post(post_id: str) -> PostRow:
    row = tables.post(post_id)
    if row is None or row.state != State.VISIBLE:
        raise NotFound
    return row


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
