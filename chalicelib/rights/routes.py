"""Routes of rights."""

from ..consent.errors import StandingMoved
from ..foundation.kernel.call import Call
from ..foundation.kernel.errors import NotFound
from ..foundation.web.answer import Answer
from ..foundation.web.endpoint import Api
from ..foundation.web.limits import Limit
from ..foundation.web.route import Who
from .contracts import (
    AskCertificate,
    CancelAccount,
    CancellationPreview,
    CancellationView,
    CertificateView,
    EvidenceKeyView,
    MergeAccounts,
    MergePreview,
    MergesView,
    MergeView,
    PreviewMerge,
    RequestsView,
    RequestView,
)
from .errors import (
    CancellationBlocked,
    CopyClaimed,
    CopyNotReady,
    CopyUnderWay,
    MergeBlocked,
    MergePlanChanged,
    OtherNotProved,
    PlanChanged,
    ReceiptUsed,
)
from .service import cancellation, certificate, copies, merging

api = Api(__name__)
_MINE = {"who": Who.PERSON, "purpose": "rights.answer"}


@api.post(
    "/v1/requests/copies",
    **_MINE,
    returns=RequestView,
    status=202,
    recent=True,
    idempotent=True,
    replay=copies.show_request,
    place="/v1/requests/{0.request_id}",
    errors=(CopyUnderWay,),
    limits=(Limit("copies", 5, 86400, per="person"),),
)
def request_copy(call: Call) -> RequestView:
    """Ask for a copy of everything held about oneself."""
    return copies.request_copy(call)


@api.get("/v1/requests", **_MINE, returns=RequestsView)
def list_requests(call: Call) -> RequestsView:
    """List one's own requests."""
    return copies.list_requests(call)


@api.get("/v1/requests/{request_id}", **_MINE, returns=RequestView)
def show_request(call: Call, request_id: str) -> RequestView:
    """Show how a request stands."""
    return copies.show_request(call, request_id)


@api.post(
    "/v1/requests/{request_id}/claim",
    **_MINE,
    returns=None,
    status=303,
    recent=True,
    errors=(CopyNotReady, CopyClaimed),
)
def claim_copy(call: Call, request_id: str) -> Answer:
    """Fetch the copy, once, by an address good for a minute."""
    return Answer(location=copies.claim_link(call, request_id))


@api.get(
    "/v1/cancellation",
    **_MINE,
    returns=CancellationPreview,
    limits=(Limit("cancellation", 60, 3600, per="person"),),
)
def preview_cancellation(call: Call) -> CancellationPreview:
    """Preview what cancelling the account would do."""
    return cancellation.preview_cancellation(call)


@api.post(
    "/v1/cancellation",
    **_MINE,
    body=CancelAccount,
    returns=CancellationView,
    status=202,
    recent=True,
    with_key=True,
    errors=(CancellationBlocked, PlanChanged, ReceiptUsed),
)
def cancel_account(call: Call, body: CancelAccount) -> CancellationView:
    """Cancel the account as previewed."""
    return cancellation.cancel_account(call, body)


@api.post(
    "/v1/cancellation/certificates",
    who=Who.GUEST,
    purpose="rights.answer",
    body=AskCertificate,
    returns=CertificateView,
    errors=(NotFound,),
    limits=(Limit("certificates", 30, 60),),
)
def show_certificate(call: Call, body: AskCertificate) -> CertificateView:
    """Show the certificate of an erasure to the holder of its receipt."""
    return certificate.show_certificate(call, body.receipt)


@api.post(
    "/v1/merges/preview",
    **_MINE,
    body=PreviewMerge,
    returns=MergePreview,
    errors=(OtherNotProved,),
    limits=(Limit("merges", 30, 3600, per="person"),),
)
def preview_merge(call: Call, body: PreviewMerge) -> MergePreview:
    """Preview what merging another account of one's own into this one would do."""
    return merging.preview_merge(call, body.other_token)


@api.post(
    "/v1/merges",
    **_MINE,
    body=MergeAccounts,
    returns=MergeView,
    status=202,
    recent=True,
    errors=(MergeBlocked, MergePlanChanged, OtherNotProved, StandingMoved),
    limits=(Limit("merge", 10, 3600, per="person"),),
)
def merge_accounts(call: Call, body: MergeAccounts) -> MergeView:
    """Merge another account of one's own into this one, as previewed."""
    return merging.merge_accounts(call, body)


@api.get("/v1/merges", **_MINE, returns=MergesView)
def list_merges(call: Call) -> MergesView:
    """List the accounts that came in, and how far they are."""
    return merging.list_merges(call)


@api.get("/v1/evidence-key", who=Who.GUEST, purpose="", returns=EvidenceKeyView, cache_s=3600)
def show_evidence_key(call: Call) -> EvidenceKeyView:
    """Publish the key that certificates are verified with."""
    return certificate.show_evidence_key(call)
