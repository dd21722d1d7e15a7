"""People's pages over HTTP; never cached, so that a setting holds from the next look on."""

from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import InvalidInput, NotFound
from ...foundation.kernel.paging import Page
from ...foundation.web.endpoint import Api
from ...foundation.web.route import Who
from ..contracts import PostView
from ..contracts.pages import CommentOfTheirsView, PersonView, ShownQuery
from ..service import pages

api = Api(__name__)
_PAGE = "/v1/people/{public_id}"


@api.get(_PAGE, who=Who.GUEST, purpose="", returns=PersonView, errors=(NotFound,))
def show_page(call: Call, public_id: str) -> PersonView:
    """Show somebody's page: name, avatar, and what they chose to show."""
    return pages.show_page(call, public_id)


@api.get(
    f"{_PAGE}/posts",
    who=Who.GUEST,
    purpose="",
    query=ShownQuery,
    returns=Page[PostView],
    errors=(NotFound, InvalidInput),
)
def list_posts_of(call: Call, public_id: str, asked: ShownQuery) -> Page[PostView]:
    """List somebody's posts, newest first, where they chose to have them listed."""
    return pages.list_posts_of(call, public_id, asked)


@api.get(
    f"{_PAGE}/comments",
    who=Who.GUEST,
    purpose="",
    query=ShownQuery,
    returns=Page[CommentOfTheirsView],
    errors=(NotFound, InvalidInput),
)
def list_comments_of(call: Call, public_id: str, asked: ShownQuery) -> Page[CommentOfTheirsView]:
    """List somebody's comments, newest first, where they chose to have them listed."""
    return pages.list_comments_of(call, public_id, asked)
