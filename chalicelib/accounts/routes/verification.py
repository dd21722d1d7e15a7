"""The edge of real-name and real-person verification."""

from chalicelib.foundation.gateways.errors import IdentityLimited, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, InvalidInput
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.verification import FaceCheckView, VerificationView, VerifyFace, VerifyName
from ..errors import FaceNotBegun, VerificationFailed, VerifiedOtherwise
from ..errors.minors import FaceNeeded
from ..service import faces, verification

api = Api(__name__)


_ASKING = (ConsentRequired, ProviderRefused, ProviderUnavailable)
_TRIES = Limit("verification", 10, 86400, per="person")


@api.get("/v1/verification", who=Who.PERSON, purpose="account.service", returns=VerificationView, with_key=True)
def show_verification(call: Call) -> VerificationView:
    """Show whether the caller's identity is verified, and what is held about it."""
    return verification.show_verification(call)


@api.post(
    "/v1/verification/name",
    who=Who.PERSON,
    purpose="account.verification",
    body=VerifyName,
    returns=VerificationView,
    errors=(InvalidInput, FaceNeeded, VerificationFailed, VerifiedOtherwise, IdentityLimited, *_ASKING),
    recent=True,
    with_key=True,
    limits=(_TRIES,),
)
def verify_name(call: Call, body: VerifyName) -> VerificationView:
    """Have name and identity number compared by the authority."""
    return verification.verify_name(call, body)


@api.post(
    "/v1/verification/face",
    who=Who.PERSON,
    purpose="account.verification",
    body=VerifyFace,
    returns=FaceCheckView,
    status=201,
    errors=(InvalidInput, VerifiedOtherwise, *_ASKING),
    recent=True,
    with_key=True,
    limits=(_TRIES,),
)
def begin_face(call: Call, body: VerifyFace) -> FaceCheckView:
    """Begin a check of the face on the authority's provider's own page."""
    return faces.begin_face(call, body)


@api.post(
    "/v1/verification/face/result",
    who=Who.PERSON,
    purpose="account.verification",
    returns=VerificationView,
    errors=(FaceNotBegun, VerificationFailed, *_ASKING),
    with_key=True,
    limits=(Limit("face_result", 60, 3600, per="person"),),
)
def settle_face(call: Call) -> VerificationView:
    """Fetch the outcome of the caller's face check."""
    return faces.settle_face(call)
