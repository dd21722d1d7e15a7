"""One's own things in one place, over HTTP."""

from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import InvalidInput
from ...foundation.kernel.paging import Page
from ...foundation.web.endpoint import Api
from ...foundation.web.route import Who
from ..contracts.own import ActivityQuery, ActivityView, OwnView
from ..service import own

api = Api(__name__)


@api.get("/v1/me", who=Who.PERSON, purpose="account.service", returns=OwnView, with_key="both")
def show_own(call: Call) -> OwnView:
    """Show the caller's profile, what others see, latest orders and latest activity in one answer."""
    return own.show_own(call)


@api.get(
    "/v1/activity",
    who=Who.PERSON,
    purpose="account.service",
    query=ActivityQuery,
    returns=Page[ActivityView],
    errors=(InvalidInput,),
    with_key=True,
)
def list_activity(call: Call, asked: ActivityQuery) -> Page[ActivityView]:
    """List all posts and comments of one's own, newest first, with where each stands."""
    return own.list_activity(call, asked)
