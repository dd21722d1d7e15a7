"""A person's page as others see it: what its owner chose, as it stands now, and nothing else."""

from ...accounts.contracts.visibility import PublicSide
from ...accounts.service.public_side import public_side
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.kernel.paging import Page
from ..contracts import PostView
from ..contracts.pages import CommentOfTheirsView, PersonView, ShownQuery
from ..tables import CommentRow
from ..tables.lists import shown_comments, shown_posts
from .reading import author_view, leads_away, page_of, post_view, resume


def show_page(call: Call, public_id: str) -> PersonView:
    """Show somebody's page, to guests too.

    Keeps: B5.2

    Raises:
        NotFound: no such page, or nobody is shown it.
    """
    side = public_side(public_id, call.now)
    shown = author_view(side.author)
    return PersonView(
        public_id=public_id,
        name=shown.name,
        avatar=shown.avatar,
        badges=list(side.badges),
        posts=side.posts,
        comments=side.comments,
    )


def list_posts_of(call: Call, public_id: str, asked: ShownQuery) -> Page[PostView]:
    """List somebody's posts that everyone may see, newest first, where they chose to have them listed.

    Keeps: B5.2, F3.1

    Raises:
        NotFound: no such page, or no such list on it.
        InvalidInput: the cursor is not one of this list.
    """
    side = public_side(public_id, call.now)
    scope = _listed(side, public_id, "posts")
    rows, last = shown_posts(side.author.person_id, asked.limit, resume(scope, asked.cursor))
    return page_of([post_view(row, side.author) for row in rows], scope, last)


def list_comments_of(call: Call, public_id: str, asked: ShownQuery) -> Page[CommentOfTheirsView]:
    """List somebody's comments that everyone may see, newest first, where they chose to have them listed.

    Keeps: B5.2, F2.1

    Raises:
        NotFound: no such page, or no such list on it.
        InvalidInput: the cursor is not one of this list.
    """
    side = public_side(public_id, call.now)
    scope = _listed(side, public_id, "comments")
    rows, last = shown_comments(side.author.person_id, asked.limit, resume(scope, asked.cursor))
    return page_of([_comment_view(row) for row in rows], scope, last)


def _listed(side: PublicSide, public_id: str, name: str) -> str:
    """Name the list that a cursor belongs to, where its owner has it shown."""
    if not getattr(side, name):
        raise NotFound
    return f"{public_id}#{name}"


def _comment_view(row: CommentRow) -> CommentOfTheirsView:
    return CommentOfTheirsView(
        comment_id=row.pk,
        post_id=row.post_id,
        text=row.read(),
        published_at=row.published_at,
        leads_away=leads_away(row),
    )
