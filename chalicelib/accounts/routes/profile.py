"""The edge of the profile."""

from chalicelib.foundation.gateways.errors import MailUndeliverable, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, InvalidInput
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who
from chalicelib.media.errors import MediaUnusable

from ..contracts.accounts import CodeSentView
from ..contracts.profile import (
    ProfileView,
    SendEmailCode,
    SetAvatar,
    SetBirthDate,
    SetEmail,
    SetGender,
    SetNickname,
    SetResidence,
)
from ..contracts.visibility import SetVisibility, VisibilityView
from ..errors import CodeInvalid, CodesPaused, NicknameRefused, NicknameTaken, NicknameTooSoon
from ..service import email, profile, visibility

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
    return _versioned(profile.remove_field(call, "residence", version))


@api.put(
    "/v1/profile/gender",
    who=Who.PERSON,
    purpose="account.membership",
    body=SetGender,
    returns=ProfileView,
    errors=(ConsentRequired,),
    if_match=True,
    with_key=True,
)
def set_gender(call: Call, body: SetGender, version: int) -> Answer:
    """State the gender."""
    return _versioned(profile.set_gender(call, body, version))


@api.delete(
    "/v1/profile/gender",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_gender(call: Call, version: int) -> Answer:
    """Remove the gender."""
    return _versioned(profile.remove_field(call, "gender", version))


@api.put(
    "/v1/profile/birth-date",
    who=Who.PERSON,
    purpose="account.membership",
    body=SetBirthDate,
    returns=ProfileView,
    errors=(ConsentRequired, InvalidInput),
    if_match=True,
    with_key=True,
)
def set_birth_date(call: Call, body: SetBirthDate, version: int) -> Answer:
    """State the date of birth."""
    return _versioned(profile.set_birth_date(call, body, version))


@api.delete(
    "/v1/profile/birth-date",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_birth_date(call: Call, version: int) -> Answer:
    """Remove the date of birth."""
    return _versioned(profile.remove_field(call, "birth_date", version))


@api.put(
    "/v1/profile/nickname",
    who=Who.PERSON,
    purpose="account.public_profile",
    body=SetNickname,
    returns=ProfileView,
    errors=(ConsentRequired, NicknameRefused, NicknameTaken, NicknameTooSoon),
    if_match=True,
    with_key=True,
)
def set_nickname(call: Call, body: SetNickname, version: int) -> Answer:
    """Choose the name that others see."""
    return _versioned(profile.set_nickname(call, body, version))


@api.delete(
    "/v1/profile/nickname",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_nickname(call: Call, version: int) -> Answer:
    """Remove the nickname."""
    return _versioned(profile.remove_field(call, "nickname", version))


@api.put(
    "/v1/profile/avatar",
    who=Who.PERSON,
    purpose="account.public_profile",
    body=SetAvatar,
    returns=ProfileView,
    errors=(ConsentRequired, MediaUnusable),
    if_match=True,
    with_key=True,
)
def set_avatar(call: Call, body: SetAvatar, version: int) -> Answer:
    """Choose the picture that others see."""
    return _versioned(profile.set_avatar(call, body, version))


@api.delete(
    "/v1/profile/avatar",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    if_match=True,
    with_key=True,
)
def remove_avatar(call: Call, version: int) -> Answer:
    """Remove the avatar."""
    return _versioned(profile.remove_field(call, "avatar", version))


@api.post(
    "/v1/profile/email/codes",
    who=Who.PERSON,
    purpose="account.email",
    body=SendEmailCode,
    returns=CodeSentView,
    status=202,
    errors=(InvalidInput, CodesPaused, MailUndeliverable, ProviderRefused, ProviderUnavailable),
    limits=(Limit("email_codes", 10, 3600, per="person"),),
)
def send_email_code(call: Call, body: SendEmailCode) -> CodeSentView:
    """Send a one-time code by e-mail."""
    return email.send_code(call, body)


@api.put(
    "/v1/profile/email",
    who=Who.PERSON,
    purpose="account.email",
    body=SetEmail,
    returns=ProfileView,
    errors=(ConsentRequired, InvalidInput, CodeInvalid),
    recent=True,
    if_match=True,
    with_key=True,
)
def set_email(call: Call, body: SetEmail, version: int) -> Answer:
    """Leave an e-mail address, proved by its code."""
    return _versioned(email.set_email(call, body, version))


@api.delete(
    "/v1/profile/email",
    who=Who.PERSON,
    purpose="account.service",
    returns=ProfileView,
    recent=True,
    if_match=True,
    with_key=True,
)
def remove_email(call: Call, version: int) -> Answer:
    """Remove the e-mail address."""
    return _versioned(profile.remove_field(call, "email", version))


@api.get("/v1/profile/visibility", who=Who.PERSON, purpose="account.service", returns=VisibilityView)
def show_visibility(call: Call) -> Answer:
    """Show what others see of the caller on a page of their own."""
    return _versioned(visibility.show_visibility(call))


@api.put(
    "/v1/profile/visibility",
    who=Who.PERSON,
    purpose="account.public_page",
    body=SetVisibility,
    returns=VisibilityView,
    errors=(ConsentRequired,),
    if_match=True,
)
def set_visibility(call: Call, body: SetVisibility, version: int) -> Answer:
    """Open a page of one's own, or change what it shows."""
    return _versioned(visibility.set_visibility(call, body, version))


@api.delete("/v1/profile/visibility", who=Who.PERSON, purpose="account.service", returns=VisibilityView, if_match=True)
def close_page(call: Call, version: int) -> Answer:
    """Take one's page away, with every choice about it."""
    return _versioned(visibility.close_page(call, version))


def _versioned(view: ProfileView | VisibilityView) -> Answer:
    return Answer(view, version=view.version)
