"""The edge of log-in elsewhere: pages for people, the protocol for third parties, links for the person."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, Failure, FieldError, NotFound
from chalicelib.foundation.web import decode
from chalicelib.foundation.web.answer import SECURITY_HEADERS, Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.problem import STATUS
from chalicelib.foundation.web.route import Raw, Who

from ..contracts.outward import (
    AuthorizationQuery,
    Decision,
    HandOver,
    HandoverView,
    LinkListView,
    ProtocolError,
    RevocationForm,
    ServerMetadata,
    TokenAnswer,
    TokenEnded,
    TokenForm,
    UserInfo,
)
from ..errors.outward import (
    OutwardClientUnknown,
    OutwardPageGone,
    OutwardRefused,
    OutwardRequestRefused,
    OutwardTokenInvalid,
)
from ..rules.outward import origin_of
from ..rules.outward_pages import refusal_page
from ..service import outward_asking, outward_info, outward_links, outward_metadata, outward_tokens

api = Api(__name__)
PURPOSE = "account.outward_login"
_PAGE: dict[str, Any] = {
    "who": Who.GUEST,
    "returns": None,
    "html": True,
    "redirects": True,
    "refused": lambda failure: refusal_page(later=failure.retryable),
    "navigated": True,
    "errors": (OutwardPageGone,),
    "limits": (Limit("oauth-page", 120, 60),),
}
_PROTOCOL: dict[str, Any] = {
    "who": Who.PROVIDER,
    "purpose": PURPOSE,
    "refuses": ProtocolError,
    "limits": (Limit("oauth", 1200, 60),),
}
_REFUSALS = (OutwardRefused, OutwardClientUnknown)
_OF_LINKS: dict[str, Any] = {"who": Who.PERSON, "purpose": "account.security"}


@api.get("/v1/oauth/authorize", purpose="", query=AuthorizationQuery, **_PAGE)
def show_authorization(call: Call, asked: AuthorizationQuery) -> Answer:
    """Show the consent page to whom the app handed it over; to others, where to open it."""
    if asked.handover:
        return _shown(outward_asking.show_page(call, asked.handover))
    return _shown(outward_asking.show_request(asked))


@api.post("/v1/oauth/authorize", purpose=PURPOSE, form=Decision, status=303, **_PAGE)
def decide_authorization(call: Call, body: Decision) -> Answer:
    """Take the answer that a consent page sends."""
    return Answer(status=303, location=outward_links.decide(call, body))


@api.post(
    "/v1/oauth/handovers",
    who=Who.PERSON,
    purpose="account.service",
    body=HandOver,
    returns=HandoverView,
    status=201,
    with_key=True,
    on_record=True,
    errors=(OutwardRequestRefused,),
    limits=(Limit("handover", 30, 600, per="person"),),
)
def hand_over(call: Call, body: HandOver) -> HandoverView:
    """Get an address that opens the consent page for the caller, once and within a minute."""
    return outward_asking.hand_over(call, body)


@api.post("/v1/oauth/token", form=TokenForm, returns=TokenAnswer, errors=_REFUSALS, **_PROTOCOL)
def give_tokens(call: Call, raw: Raw) -> Answer:
    """Exchange a code, or a refresh token, for tokens (RFC 6749)."""
    try:
        form = _form(raw, TokenForm)
        client = outward_tokens.authenticated(*_who(raw, form))
        return Answer(outward_tokens.give_tokens(call, client, form), headers=_UNCACHED)
    except outward_tokens.Refused as refused:
        return _refused(refused.error, raw)


@api.post(
    "/v1/oauth/revoke",
    form=RevocationForm,
    returns=TokenEnded,
    errors=_REFUSALS,
    **{**_PROTOCOL, "purpose": "account.security"},
)
def end_token(call: Call, raw: Raw) -> Answer:
    """End a token (RFC 7009); one that is not good already is no error."""
    try:
        form = _form(raw, RevocationForm)
        outward_tokens.end_token(call, outward_tokens.authenticated(*_who(raw, form)), form)
    except outward_tokens.Refused as refused:
        return _refused(refused.error, raw)
    return Answer(TokenEnded(), headers=_UNCACHED)


@api.get("/v1/oauth/userinfo", returns=UserInfo, errors=(OutwardTokenInvalid,), **_PROTOCOL)
def show_user_info(call: Call, raw: Raw) -> Answer:
    """Give a third party the agreed fields, to a token that it has for them."""
    scheme, _, token = raw.headers.get("authorization", "").partition(" ")
    try:
        return Answer(outward_info.user_info(call, token if scheme.lower() == "bearer" else ""))
    except OutwardTokenInvalid as invalid:
        why = ', error="invalid_token"' if token else ""  # who brought none is told only how (RFC 6750 section 3.1)
        asked = {"WWW-Authenticate": f'Bearer realm="jule"{why}'}
        return Answer(ProtocolError("invalid_token"), status=STATUS[invalid.kind], code=invalid.code, headers=asked)


@api.get("/v1/oauth/metadata", who=Who.GUEST, purpose="", returns=ServerMetadata, cache_s=300)
def show_metadata(call: Call) -> ServerMetadata:
    """Show what a client finds out by itself (RFC 8414)."""
    return outward_metadata.metadata(call)


@api.get("/v1/links", returns=LinkListView, **_OF_LINKS)
def list_links(call: Call) -> LinkListView:
    """List the third-party services that the account is linked with."""
    return outward_links.list_links(call)


@api.delete("/v1/links/{link_id}", returns=None, status=204, errors=(NotFound,), **_OF_LINKS)
def cut_link(call: Call, link_id: str) -> None:
    """Cut a link; the service's tokens end at once."""
    outward_links.cut_link(call, link_id)


_UNCACHED = {"Pragma": "no-cache"}
_FRAMED = {"X-Frame-Options": "DENY"}


def _shown(shown: outward_asking.Shown) -> Answer:
    if shown.go_to:
        return Answer(status=303, location=shown.go_to)
    there = f" {origin_of(shown.leads_to)}" if shown.leads_to else ""
    policy = f"{SECURITY_HEADERS['Content-Security-Policy']}; base-uri 'none'; form-action 'self'{there}"
    return Answer(html=shown.html, language="zh-CN", headers={"Content-Security-Policy": policy, **_FRAMED})


def _refused(error: str, raw: Raw) -> Answer:
    """Refuse as RFC 6749 section 5.2 has it."""
    headers = dict(_UNCACHED)
    if error != "invalid_client":
        return Answer(ProtocolError(error), status=400, code=OutwardRefused.code, headers=headers)
    if raw.headers.get("authorization"):
        headers["WWW-Authenticate"] = 'Basic realm="jule"'
    return Answer(ProtocolError(error), status=401, code=OutwardClientUnknown.code, headers=headers)


def _form(raw: Raw, into: Any) -> Any:  # noqa: ANN401 - the shape that was asked for
    """Read a form; what is no form is refused in the protocol's words.

    Raises:
        Refused: of another shape, or a field came twice.
    """
    try:
        return decode.form(raw.body, raw.headers.get("content-type", ""), into)
    except Busy:
        raise
    except Failure as failure:
        told = failure.errors[0] if failure.errors else FieldError("", "")
        other = told.pointer == "/grant_type" and told.code != "required"
        raise outward_tokens.Refused("unsupported_grant_type" if other else "invalid_request") from None


def _who(raw: Raw, form: TokenForm | RevocationForm) -> tuple[str, str]:
    """Read who asks, and the secret, from the header or the body, and never from both.

    Raises:
        Refused: a header that is none, or both ways at once.
    """
    header = raw.headers.get("authorization", "")
    if not header:
        return form.client_id, form.client_secret
    scheme, _, packed = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise outward_tokens.Refused("invalid_client") from None
    name = unquote_plus(name)
    if scheme.lower() != "basic" or not colon or form.client_secret or form.client_id not in {"", name}:
        raise outward_tokens.Refused("invalid_client")
    return name, unquote_plus(secret)
