"""Routes of rights."""

from typing import Any

from ...accounts.contracts.guardians import AgeView, WardView
from ...accounts.contracts.profile import ProfileView
from ...accounts.errors import GuardiansDisagree, NicknameRefused, NicknameTaken, NicknameTooSoon
from ...consent.errors import StandingMoved
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import NotFound
from ...foundation.web.answer import Answer, VersionStale
from ...foundation.web.endpoint import Api
from ...foundation.web.limits import Limit
from ...foundation.web.route import Who
from ..contracts import (
    AskCertificate,
    CancelAccount,
    CancellationPreview,
    CancellationView,
    CertificateView,
    CorrectWard,
    CorrectWardAge,
    EvidenceKeyView,
    LimitWard,
    MergeAccounts,
    MergePreview,
    MergesView,
    MergeView,
    PreviewMerge,
    RecordsQuery,
    RequestsView,
    RequestView,
    WardHeldView,
    WardRecordsView,
)
from ..errors import (
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
from ..service import cancellation, certificate, copies, merging, wards

api = Api(__name__)
_WARD = "/v1/wards/{child_id}"
_GUARDIAN: dict[str, Any] = {
    "who": Who.PERSON,
    "purpose": "minor.protection",
    "limits": (Limit("wards", 120, 3600, per="person"),),
}
_OVER_WARD = {**_GUARDIAN, "recent": True}
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


@api.get(_WARD, **_GUARDIAN, returns=WardHeldView)
def see_ward(call: Call, child_id: str) -> WardHeldView:
    """See what is held about a ward."""
    return wards.see_ward(call, child_id)


@api.get(f"{_WARD}/records", **_GUARDIAN, query=RecordsQuery, returns=WardRecordsView)
def list_ward_records(call: Call, child_id: str, asked: RecordsQuery) -> WardRecordsView:
    """See the records of one kind about a ward."""
    return wards.list_ward_records(call, child_id, asked.kind)


@api.put(
    f"{_WARD}/profile",
    **_OVER_WARD,
    body=CorrectWard,
    returns=ProfileView,
    errors=(GuardiansDisagree, NicknameRefused, NicknameTaken, NicknameTooSoon, VersionStale),
)
def correct_ward(call: Call, child_id: str, body: CorrectWard) -> ProfileView:
    """Put right what a ward's profile says."""
    return wards.correct_ward(call, child_id, body)


@api.put(f"{_WARD}/age", **_OVER_WARD, body=CorrectWardAge, returns=AgeView, errors=(GuardiansDisagree,))
def correct_ward_age(call: Call, child_id: str, body: CorrectWardAge) -> AgeView:
    """Put a ward's age right."""
    return wards.correct_ward_age(call, child_id, body)


@api.delete(f"{_WARD}/profile/{{field}}", **_OVER_WARD, returns=ProfileView, errors=(GuardiansDisagree, VersionStale))
def remove_ward_field(call: Call, child_id: str, field: str) -> ProfileView:
    """Remove an optional field of a ward."""
    return wards.remove_ward_field(call, child_id, field)


@api.delete(f"{_WARD}/posts/{{post_id}}", **_OVER_WARD, returns=None, status=204, errors=(GuardiansDisagree,))
def remove_ward_post(call: Call, child_id: str, post_id: str) -> None:
    """Take a ward's post away."""
    wards.remove_ward_post(call, child_id, post_id)


@api.put(f"{_WARD}/limits", **_OVER_WARD, body=LimitWard, returns=WardView, errors=(GuardiansDisagree,))
def limit_ward(call: Call, child_id: str, body: LimitWard) -> WardView:
    """Close purposes for a ward, and open all others again."""
    return wards.limit_ward(call, child_id, body)


@api.get(f"{_WARD}/cancellation", **_GUARDIAN, returns=CancellationPreview, errors=(GuardiansDisagree,))
def preview_ward_cancellation(call: Call, child_id: str) -> CancellationPreview:
    """Preview what cancelling a ward's account would do."""
    return wards.preview_ward_cancellation(call, child_id)


@api.post(
    f"{_WARD}/cancellation",
    **_OVER_WARD,
    body=CancelAccount,
    returns=CancellationView,
    status=202,
    errors=(GuardiansDisagree, CancellationBlocked, PlanChanged, ReceiptUsed),
)
def cancel_ward(call: Call, child_id: str, body: CancelAccount) -> CancellationView:
    """Cancel a ward's account as previewed."""
    return wards.cancel_ward(call, child_id, body)
