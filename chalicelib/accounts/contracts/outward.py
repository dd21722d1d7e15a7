"""Wire shapes of log-in elsewhere with an account of ours; what third parties send and get is as the protocol says."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

OneTime = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Word = Annotated[str, msgspec.Meta(max_length=128)]
Words = Annotated[str, msgspec.Meta(max_length=1024)]


class AuthorizationQuery(msgspec.Struct, frozen=True):
    """An authorisation request (RFC 6749, 7636), or a hand-over in its place; what it does not know is left alone.

    It is no longer than an address may be: at most 4096 characters in all.
    """

    response_type: Word = ""
    client_id: Word = ""
    redirect_uri: Words = ""
    scope: Words = ""
    state: Words = ""
    code_challenge: Word = ""
    code_challenge_method: Word = ""
    handover: Word = ""


class HandOver(Command):
    """Hand the person over to the consent page; `request` is the query of the address that the third party opened."""

    request: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class HandoverView(View):
    """Where a web view shows the consent page: an address that opens once, within a minute."""

    page: str
    expires_in_s: int


class Decision(Command):
    """What was answered on the consent page."""

    ticket: OneTime
    answer: Literal["agree", "refuse"]


class TokenForm(msgspec.Struct, frozen=True):
    """A request for tokens (RFC 6749 sections 4.1.3 and 6, RFC 7636 section 4.5)."""

    grant_type: Literal["authorization_code", "refresh_token"]
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str = ""
    refresh_token: str = ""
    scope: str = ""
    client_id: str = ""
    client_secret: str = ""


class RevocationForm(msgspec.Struct, frozen=True):
    """A request to end a token (RFC 7009)."""

    token: str
    token_type_hint: str = ""
    client_id: str = ""
    client_secret: str = ""


class TokenEnded(View):
    """That a token has ended; there is nothing to tell of it."""


class TokenAnswer(View):
    """Tokens for a third party, as RFC 6749 section 5.1 has them; the refresh token works once."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str


class ProtocolError(msgspec.Struct, frozen=True, omit_defaults=True):
    """A refusal as RFC 6749 section 5.2 has it."""

    error: str
    error_description: str = ""


class UserInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a third party gets: an id of its own, and the agreed fields that are filled in."""

    sub: str
    name: str | None = None
    nickname: str | None = None
    picture: str | None = None
    locale: str | None = None


class ServerMetadata(View):
    """What RFC 8414 has a client find out by itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool


class LinkedField(View):
    """One data item that a service gets."""

    item: str
    title: str


class LinkView(View):
    """One third-party service with which the account is linked; `ended` where its tokens have ended already."""

    link_id: str
    service: str
    fields: list[LinkedField]
    rules: str
    contact: str
    agreed_at: datetime
    state: Literal["active", "ended"]


class LinkListView(View):
    """Every link, latest first."""

    data: list[LinkView]
