"""A third party's request, until somebody answers it: checked, handed over to a web view, put on the consent page."""

import secrets
from urllib.parse import parse_qs

import msgspec

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.errors import FieldError, Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Client, NoticeText
from chalicelib.foundation.standing import minors
from chalicelib.foundation.standing.access import commit, load, person_of
from chalicelib.foundation.standing.rows import ACTIVE

from ..contracts.outward import AuthorizationQuery, HandOver, HandoverView
from ..errors.outward import OutwardPageGone, OutwardRequestRefused
from ..rules import outward_pages as pages
from ..rules.outward import (
    HANDOVER_LIFE,
    PAGE_LIFE,
    PURPOSE,
    SUBJECT,
    back_to,
    client_named,
    digest_of,
    fault_of,
    fields_asked,
    host_of,
)
from ..tables.outward import HANDOVER, PAGE, REQUEST, Behind, OutwardRequestRow, behind, keep, request_of, use_request


class Shown(msgspec.Struct, frozen=True):
    """What a browser gets: a page, whose form may lead to an address; or an address to go on to."""

    html: str = ""
    leads_to: str = ""
    go_to: str = ""


class Opened(msgspec.Struct, frozen=True):
    """A request on its way, the call in the name of its person, and what stands behind it now."""

    row: OutwardRequestRow
    call: Call
    behind: Behind


def issuer() -> str:
    """Give our own name in the protocol, which is the address of the API."""
    return config().setting("PUBLIC_BASE_URL")


def known(client_id: str) -> Client | None:
    """Find a registered service; samples are not served in production."""
    return client_named(client_id, samples=config().stage != "prod")


def show_request(asked: AuthorizationQuery) -> Shown:
    """Answer a third party's request that a browser opened, where nobody knows whose browser it is.

    Nothing leads to an address that is not registered for the service, character by character.

    Keeps: B3.1

    Raises:
        OutwardPageGone: no such service, or not that address.
    """
    client = known(asked.client_id)
    if client is None or asked.redirect_uri not in client.redirect_uris:
        raise OutwardPageGone
    fault = fault_of(asked, client)
    if fault:
        return Shown(go_to=back_to(asked.redirect_uri, issuer(), error=fault, state=asked.state))
    return Shown(html=pages.guest_page(client.title))


def hand_over(call: Call, command: HandOver) -> HandoverView:
    """Give the app an address that opens the consent page for its person, once and within a minute.

    Keeps: B3.1, M2.1

    Raises:
        GuardianConsentRequired: under age, and no guardian's agreement reaches this.
        OutwardRequestRefused: the request is not one that may be put before anybody.
        Unauthenticated: the session has ended meanwhile.
    """
    minors.refuse(call.who, PURPOSE, call.now)
    asked = _read(command.request)
    client = known(asked.client_id)
    if client is None or asked.redirect_uri not in client.redirect_uris:
        raise OutwardRequestRefused((FieldError("/request", "client"),))
    fault = fault_of(asked, client)
    if fault:
        raise OutwardRequestRefused((FieldError("/request", fault),))
    standing = load(call.who.person_id)
    if standing is None or standing.epoch != call.who.epoch:
        raise Unauthenticated
    code = secrets.token_urlsafe(32)
    row = _row(call, asked, client, session_epoch=standing.session_epoch)
    row.pk = digest_of(code)
    commit(call, [keep(row)])
    page = f"{issuer()}/v1/oauth/authorize?handover={code}"
    return HandoverView(page=page, expires_in_s=int(HANDOVER_LIFE.total_seconds()))


def show_page(call: Call, code: str) -> Shown:
    """Show the consent page to whom it was handed over; the way to it is used up.

    Keeps: A3.1, A4.1, B3.1

    Raises:
        OutwardPageGone: used, too old, never was, or the session that asked has ended.
    """
    open_ = opened(call, code, step=HANDOVER)
    found, call, profile = open_.row, open_.call, open_.behind.profile
    client = known(found.client_id)
    if client is None or profile is None:
        raise OutwardPageGone
    ticket = secrets.token_urlsafe(32)
    kept = {name: getattr(found, name) for name in _CARRIED}
    page = OutwardRequestRow(pk=digest_of(ticket), sk=REQUEST, step=PAGE, **kept)
    page.shown_at, page.expires_at = call.now, call.now + PAGE_LIFE
    commit(call, [use_request(found, OutwardPageGone), keep(page)])
    whom = pages.Whom(profile.user_name.reveal(), host_of(found.redirect_uri), ticket)
    html = pages.consent_page(asking(client, tuple(found.fields.split(" "))), notice_text(), whom)
    return Shown(html=html, leads_to=found.redirect_uri)


def opened(call: Call, code: str, *, step: str) -> Opened:
    """Find a request on its way and whose it is, as they stand now.

    Raises:
        OutwardPageGone: used, too old, never was, or whoever asked is not logged in, or not free to answer, any more.
    """
    row = request_of(digest_of(code))
    if row is None or row.step != step or row.expires_at <= call.now:
        raise OutwardPageGone
    found = behind(row.person_id, row.client_id, row.key_id)
    standing = found.standing
    if (
        standing is None
        or (standing.epoch, standing.session_epoch) != (row.epoch, row.session_epoch)
        or standing.status != ACTIVE
        or row.session_id in (standing.ended or {})
    ):
        raise OutwardPageGone
    person = person_of(standing, session_id=row.session_id)
    if not minors.allow(person, PURPOSE, call.now):
        raise OutwardPageGone
    device = "" if row.device is None else row.device.reveal()
    return Opened(row, msgspec.structs.replace(call, person=person, channel=row.channel, device=device), found)


def asking(client: Client, fields: tuple[str, ...]) -> pages.Asking:
    """Say who asks for what."""
    titles = tuple(lookup.item(field).title for field in fields)
    return pages.Asking(client.title, client.use, titles, client.rules, lookup.item(SUBJECT).title)


def notice_text() -> NoticeText:
    """Give the published words of the consent page."""
    return lookup.notice(PURPOSE).texts["zh-CN"]


_CARRIED = (
    *("person_id", "epoch", "key_id", "session_id", "session_epoch", "channel", "device", "client_id", "fields"),
    *("redirect_uri", "state", "challenge"),
)


def _read(request: str) -> AuthorizationQuery:
    try:
        given = parse_qs(request, keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise OutwardRequestRefused((FieldError("/request", "format"),)) from None
    named = {name: values for name, values in given.items() if name in AuthorizationQuery.__struct_fields__}
    if "handover" in named or any(len(values) != 1 for values in named.values()):
        raise OutwardRequestRefused((FieldError("/request", "repeated"),))
    return AuthorizationQuery(**{name: values[0] for name, values in named.items()})


def _row(call: Call, asked: AuthorizationQuery, client: Client, *, session_epoch: int) -> OutwardRequestRow:
    who = call.who
    return OutwardRequestRow(
        sk=REQUEST,
        person_id=who.person_id,
        epoch=who.epoch,
        key_id=who.keys["main"],
        step=HANDOVER,
        session_id=who.session_id,
        session_epoch=session_epoch,
        channel=call.channel,
        device=OutwardRequestRow.device.seal(who.keys, call.device) if call.device else None,
        client_id=client.id,
        fields=" ".join(fields_asked(asked.scope, client)),
        redirect_uri=asked.redirect_uri,
        state=asked.state,
        challenge=asked.code_challenge,
        expires_at=call.now + HANDOVER_LIFE,
    )
