"""The edge of the profile."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.route import Who

from ..contracts.profile import ProfileView, SetResidence
from ..service import profile

api = Api(__name__)


@api.get("/v1/profile", who=Who.PERSON, purpose="account.service", returns=ProfileView, with_key=True)
def show_profile(call: Call) -> Answer:
    """Show the caller's profile."""
    return _versioned(profile.show_profile(call))


@api.put(
    "/v1/profile/residence",
    who=Who.PERSON,
    purpose="account.membership",
    body=SetResidence,
    returns=ProfileView,
    errors=(ConsentRequired,),
    if_match=True,
    with_key=True,
)
def set_residence(call: Call, body: SetResidence, version: int) -> Answer:
    """State the place of residence."""
    return _versioned(profile.set_residence(call, body, version))


@api.delete(
    "/v1/profile/residence",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_residence(call: Call, version: int) -> Answer:
    """Remove the place of residence."""
    return _versioned(profile.remove_residence(call, version))


def _versioned(view: ProfileView) -> Answer:
    return Answer(view, version=view.version)
