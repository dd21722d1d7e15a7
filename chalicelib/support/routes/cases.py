"""The edge of cases for whoever asks, and the contact form, which needs no account."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.cases import CaseListView, CaseView, ContactView, OpenCase, SendContact, WriteMessage
from ..contracts.looks import OwnLookListView
from ..errors import CaseClosed, CaseFull, CaseMoved
from ..service import cases, looks

api = Api(__name__)
PURPOSE = "support.case"


@api.post(
    "/v1/cases",
    who=Who.PERSON,
    purpose=PURPOSE,
    body=OpenCase,
    returns=CaseView,
    status=201,
    errors=(NotFound,),
    idempotent=True,
    replay=cases.show_case,
    with_key=True,
    place="/v1/cases/{0.case_id}",
    limits=(Limit("cases", 30, 3600, per="person"),),
)
def open_case(call: Call, body: OpenCase) -> CaseView:
    """Ask customer service something."""
    return cases.open_case(call, body)


@api.get("/v1/cases", who=Who.PERSON, purpose=PURPOSE, returns=CaseListView)
def list_cases(call: Call) -> CaseListView:
    """List the caller's cases."""
    return cases.list_cases(call)


@api.get("/v1/cases/{case_id}", who=Who.PERSON, purpose=PURPOSE, returns=CaseView, with_key=True)
def show_case(call: Call, case_id: str) -> CaseView:
    """Show one of the caller's cases."""
    return cases.show_case(call, case_id)


@api.post(
    "/v1/cases/{case_id}/messages",
    who=Who.PERSON,
    purpose=PURPOSE,
    body=WriteMessage,
    returns=CaseView,
    status=201,
    errors=(CaseClosed, CaseFull, CaseMoved),
    idempotent=True,
    replay=cases.show_case,
    with_key=True,
    limits=(Limit("case_messages", 60, 3600, per="person"),),
)
def write_message(call: Call, case_id: str, body: WriteMessage) -> CaseView:
    """Say something in one of the caller's cases."""
    return cases.write_message(call, case_id, body)


@api.post(
    "/v1/contact",
    who=Who.GUEST,
    purpose=PURPOSE,
    body=SendContact,
    returns=ContactView,
    status=201,
    limits=(Limit("contact", 20, 3600),),
)
def send_contact(call: Call, body: SendContact) -> ContactView:
    """Write to us without an account."""
    return cases.send_contact(call, body)


@api.get("/v1/looks", who=Who.PERSON, purpose="evidence.keep", returns=OwnLookListView)
def list_own_looks(call: Call) -> OwnLookListView:
    """List every look of staff at the caller's data."""
    return looks.list_own_looks(call)
