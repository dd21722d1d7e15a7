"""Posts and comments over HTTP."""

from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import ConsentRequired, NotFound
from ...foundation.kernel.paging import Page
from ...foundation.web.endpoint import Api
from ...foundation.web.limits import Limit
from ...foundation.web.route import Who
from ...media.errors import MediaUnusable
from ..contracts import CommentsQuery, CommentView, PostsQuery, PostView, WriteComment, WritePost
from ..errors import AffirmationMissing, LeavesPlatform
from ..service import publishing, reading

api = Api(__name__)
SHORT_S = 15


@api.post(
    "/v1/posts",
    who=Who.PERSON,
    purpose="community.publish",
    body=WritePost,
    returns=PostView,
    status=201,
    errors=(AffirmationMissing, LeavesPlatform, MediaUnusable, ConsentRequired),
    idempotent=True,
    replay=publishing.own_post,
    place="/v1/posts/{0.post_id}",
    with_key=True,
    limits=(Limit("posts", 30, 3600, per="person"),),
)
def write_post(call: Call, given: WritePost) -> PostView:
    """Publish a post, once text and pictures have passed the check."""
    return publishing.write_post(call, given)


@api.get("/v1/posts", who=Who.GUEST, purpose="", query=PostsQuery, returns=Page[PostView], cache_s=SHORT_S)
def list_posts(call: Call, asked: PostsQuery) -> Page[PostView]:
    """Browse or search posts, newest first."""
    return reading.list_posts(call, asked)


@api.get("/v1/posts/{post_id}", who=Who.GUEST, purpose="", returns=PostView, cache_s=SHORT_S)
def show_post(call: Call, post_id: str) -> PostView:
    """Show a post."""
    return reading.show_post(call, post_id)


@api.delete("/v1/posts/{post_id}", who=Who.PERSON, purpose="community.publish", returns=None, status=204)
def remove_post(call: Call, post_id: str) -> None:
    """Remove one's own post."""
    publishing.remove_post(call, post_id)


@api.post(
    "/v1/posts/{post_id}/comments",
    who=Who.PERSON,
    purpose="community.publish",
    body=WriteComment,
    returns=CommentView,
    status=201,
    errors=(AffirmationMissing, LeavesPlatform, NotFound),
    idempotent=True,
    replay=publishing.own_comment,
    with_key=True,
    limits=(Limit("comments", 60, 600, per="person"),),
)
def write_comment(call: Call, post_id: str, given: WriteComment) -> CommentView:
    """Comment on a post; it appears once it has passed the check."""
    return publishing.write_comment(call, post_id, given)


@api.get(
    "/v1/posts/{post_id}/comments",
    who=Who.GUEST,
    purpose="",
    query=CommentsQuery,
    returns=Page[CommentView],
    cache_s=SHORT_S,
)
def list_comments(call: Call, post_id: str, asked: CommentsQuery) -> Page[CommentView]:
    """List the comments on a post, oldest first."""
    return reading.list_comments(call, post_id, asked)


@api.delete("/v1/comments/{comment_id}", who=Who.PERSON, purpose="community.publish", returns=None, status=204)
def remove_comment(call: Call, comment_id: str) -> None:
    """Remove one's own comment."""
    publishing.remove_comment(call, comment_id)
