"""The edge of what customer service does in somebody's name, and of fetching the copy that came of it."""

from typing import Any

from ...accounts.errors import LoginFailed, NicknameRefused, NicknameTaken, NicknameTooSoon
from ...consent.errors import Essential, StandingMoved
from ...foundation.audit.approvals import ApprovalRequired
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import ConsentRequired, Failure, InvalidInput
from ...foundation.web.answer import Answer, VersionStale
from ...foundation.web.endpoint import Api
from ...foundation.web.limits import Limit
from ...foundation.web.route import Who
from ...support.contracts.behalf import DoneView, InTheirName
from ...support.errors import CaseClosed, CaseFull, CaseMoved, NotAssigned, NotIdentified
from ...support.rules import SERVICE
from ..contracts import CancelForThem, CancellationPreview, CorrectForThem, FetchCopy, WithdrawForThem
from ..errors import CancellationBlocked, CopyClaimed, CopyNotReady, CopyUnderWay, PlanChanged, ReceiptUsed
from ..service import behalf, handover

api = Api(__name__)
_CASE = "/v1/on-behalf/{case_id}"
_DESK: dict[str, Any] = {"who": Who.STAFF, "roles": SERVICE, "trained": True, "purpose": "rights.answer"}
_ANY: tuple[type[Failure], ...] = (NotAssigned, CaseClosed, CaseFull, CaseMoved, NotIdentified, ApprovalRequired)


@api.post(f"{_CASE}/copy", **_DESK, body=InTheirName, returns=DoneView, status=202, errors=(*_ANY, CopyUnderWay))
def request_copy_for_them(call: Call, case_id: str, body: InTheirName) -> DoneView:
    """Ask for a copy for the person of a case; only they can fetch it."""
    return behalf.request_copy(call, case_id, body)


@api.put(
    f"{_CASE}/profile",
    **_DESK,
    body=CorrectForThem,
    returns=DoneView,
    errors=(
        *(*_ANY, InvalidInput, ConsentRequired, VersionStale),
        *(NicknameRefused, NicknameTaken, NicknameTooSoon),
    ),
)
def correct_for_them(call: Call, case_id: str, body: CorrectForThem) -> DoneView:
    """Put one thing right in the profile of a case's person."""
    return behalf.correct(call, case_id, body)


@api.post(
    f"{_CASE}/withdrawals",
    **_DESK,
    body=WithdrawForThem,
    returns=DoneView,
    errors=(*_ANY, Essential, StandingMoved),
)
def withdraw_for_them(call: Call, case_id: str, body: WithdrawForThem) -> DoneView:
    """Withdraw a consent of a case's person."""
    return behalf.withdraw(call, case_id, body)


@api.post(f"{_CASE}/cancellation/preview", **_DESK, body=InTheirName, returns=CancellationPreview, errors=_ANY)
def preview_cancellation_for_them(call: Call, case_id: str, body: InTheirName) -> CancellationPreview:
    """Preview what cancelling would do, to be told the person of a case."""
    return behalf.preview_cancellation(call, case_id, body)


@api.post(
    f"{_CASE}/cancellation",
    **_DESK,
    body=CancelForThem,
    returns=DoneView,
    status=202,
    errors=(*_ANY, CancellationBlocked, PlanChanged, ReceiptUsed),
)
def cancel_for_them(call: Call, case_id: str, body: CancelForThem) -> DoneView:
    """Cancel the account of a case's person as previewed."""
    return behalf.cancel_account(call, case_id, body)


@api.post(
    "/v1/handovers",
    who=Who.GUEST,
    purpose="rights.answer",
    body=FetchCopy,
    returns=None,
    status=303,
    errors=(LoginFailed, CopyNotReady, CopyClaimed),
    limits=(Limit("handovers", 30, 3600),),
)
def fetch_copy(call: Call, body: FetchCopy) -> Answer:
    """Fetch a copy that customer service asked for, once, by the account's password."""
    return Answer(location=handover.fetch_copy(call, body))
