"""The inbox over HTTP."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.route import Who

from . import service
from .contracts import InboxMessageView, InboxQuery

api = Api(__name__)
PURPOSE = "notice.service"


@api.get("/v1/inbox", who=Who.PERSON, purpose=PURPOSE, query=InboxQuery, returns=Page[InboxMessageView])
def list_inbox(call: Call, asked: InboxQuery) -> Page[InboxMessageView]:
    """List the caller's service messages."""
    return service.list_inbox(call, asked)


@api.post("/v1/inbox/{message_id}/read", who=Who.PERSON, purpose=PURPOSE, returns=InboxMessageView)
def read_message(call: Call, message_id: str) -> InboxMessageView:
    """Mark a service message as read."""
    return service.read_message(call, message_id)
