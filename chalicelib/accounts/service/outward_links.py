"""Links with third-party services: made by an answer on the consent page, listed, cut; what goes when consent goes."""

import secrets
from typing import TYPE_CHECKING

from chalicelib.consent import service as consent
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing.access import commit, load
from chalicelib.foundation.store.write import Write

from ..contracts.outward import Decision, LinkedField, LinkListView, LinkView
from ..errors.outward import OutwardPageGone
from ..rules.outward import CODE_LIFE, CODE_REMEMBERED, PURPOSE, back_to, digest_of, shown_text, text_name
from ..rules.outward_pages import parts_of
from ..tables.outward import (
    CODE,
    PAGE,
    LinkRow,
    OutwardCodeRow,
    OutwardRequestRow,
    drop_link,
    keep,
    link_key,
    links_of,
    put_link,
    still_linked,
    use_request,
)
from .outward_asking import asking, issuer, known, notice_text, opened
from .profile import WITHDRAWAL

if TYPE_CHECKING:
    from chalicelib.foundation.register.model import Client


def decide(call: Call, command: Decision) -> str:
    """Take the answer on a consent page; gives the address that the browser goes back to.

    The answer, the link and its one-time code are written together, and the page is used up by it.

    Keeps: A2.2, A2.3, A3.3, A4.1, B3.1

    Raises:
        OutwardPageGone: answered before, too old, never was, or whoever was asked is not logged in any more.
        StandingMoved: consents moved meanwhile.
    """
    open_ = opened(call, command.ticket, step=PAGE)
    page, call, seen = open_.row, open_.call, open_.behind.link
    client = known(page.client_id)
    if client is None:
        raise OutwardPageGone
    text = _text(page, client)
    used = use_request(page, OutwardPageGone)
    if command.answer == "refuse":
        commit(call, [used, *consent.refuse_writes(call, PURPOSE, client.id, text=text)])
        return back_to(page.redirect_uri, issuer(), error="access_denied", state=page.state)
    code, grant_id = secrets.token_urlsafe(32), new_id("grt")
    made = _link(call, page, seen, grant_id=grant_id)
    commit(
        call,
        [
            used,
            put_link(made, seen),
            keep(_code(call, page, code, grant_id=grant_id)),
            *consent.agree_writes(call, PURPOSE, client.id, text=text),
            *_without_ground(call, client.id),
            record(call, "person:link:agreed", subject_id=made.link_id),
        ],
    )
    return back_to(page.redirect_uri, issuer(), code=code, state=page.state)


def list_links(call: Call) -> LinkListView:
    """List the services that the account is linked with, what each gets, and whether its tokens still work.

    Keeps: B3.2
    """
    standing = load(call.who.person_id)
    alive = standing.session_epoch if standing is not None else -1
    return LinkListView(data=[_view(call, row, alive) for row in links_of(call.who.person_id)])


def cut_link(call: Call, link_id: str) -> None:
    """Cut a link: its tokens end with it, and so does the consent for that service.

    Keeps: B3.2, J6.1, J6.2

    Raises:
        NotFound: the caller has no such link.
    """
    links = links_of(call.who.person_id)
    row = next((row for row in links if row.link_id == link_id), None)
    if row is None:
        raise NotFound
    others = [other for other in links if other.link_id != link_id]
    withdrawn = consent.withdraw_writes(call, PURPOSE, row.client_id, last=not others)
    cut = record(call, "person:link:cut", subject_id=link_id)
    commit(call, [drop_link(row, NotFound), *map(still_linked, others[:1]), *withdrawn, cut])


def apply_withdrawal(call: Call, purpose: str) -> None:
    """Remove every link when the purpose of all of them was withdrawn; what was agreed to after that stays.

    Tokens ended with the withdrawal itself. A second run finds nothing to do.

    Keeps: B3.2, J6.1
    """
    if purpose != PURPOSE:
        return
    for row in links_of(call.who.person_id):
        if PURPOSE not in call.who.consents or row.agreed_at <= (call.announced_at or call.now):
            gone = record(call, "system:link:withdrawn", subject_id=row.link_id, actor="system")
            commit(call, [drop_link(row, NotFound), gone], legal_ground=WITHDRAWAL)


def _without_ground(call: Call, client_id: str) -> list[Write]:
    """Drop what a withdrawal that is still being carried out left, lest agreeing anew bring it back."""
    if PURPOSE in call.who.consents:
        return []
    return [drop_link(row, OutwardPageGone) for row in links_of(call.who.person_id) if row.client_id != client_id]


def _text(page: OutwardRequestRow, client: "Client") -> consent.TextShown:
    """Say what was shown; its name says for which fields, also once the link is gone."""
    fields = tuple(page.fields.split(" "))
    said = shown_text(parts_of(asking(client, fields), notice_text()))
    version = str(lookup.notice(PURPOSE).version)
    return consent.TextShown(text_name(client.id, fields), version, said, "zh-CN", page.shown_at)


def _link(call: Call, page: OutwardRequestRow, seen: LinkRow | None, *, grant_id: str) -> LinkRow:
    """Make a link; the id that the service knows the person by lasts as long as the link does."""
    _, pk, sk = link_key(call.who.person_id, page.client_id)
    return LinkRow(
        pk=pk,
        sk=sk,
        person_id=pk,
        epoch=call.who.epoch,
        link_id=new_id("lnk") if seen is None else seen.link_id,
        client_id=page.client_id,
        fields=page.fields,
        subject=new_id("sub") if seen is None else seen.subject,
        agreed_at=call.now,
        grant_id=grant_id,
        session_epoch=page.session_epoch,
    )


def _code(call: Call, page: OutwardRequestRow, code: str, *, grant_id: str) -> OutwardCodeRow:
    return OutwardCodeRow(
        pk=digest_of(code),
        sk=CODE,
        person_id=page.person_id,
        epoch=page.epoch,
        key_id=page.key_id,
        client_id=page.client_id,
        fields=page.fields,
        grant_id=grant_id,
        redirect_uri=page.redirect_uri,
        challenge=page.challenge,
        good_until=call.now + CODE_LIFE,
        expires_at=call.now + CODE_REMEMBERED,
    )


def _view(call: Call, row: LinkRow, session_epoch: int) -> LinkView:
    zh = call.language == "zh-CN"
    client = known(row.client_id)
    items = [lookup.item(field) for field in row.fields.split(" ")]
    alive = client is not None and row.grant_id is not None and row.session_epoch == session_epoch
    alive = alive and PURPOSE in call.who.consents
    return LinkView(
        link_id=row.link_id,
        service=row.client_id if client is None else (client.title if zh else client.title_en),
        fields=[LinkedField(item=item.id, title=item.title if zh else item.title_en) for item in items],
        rules="" if client is None else client.rules,
        contact="" if client is None else lookup.recipient(client.recipient).contact,
        agreed_at=row.agreed_at,
        state="active" if alive else "ended",
    )
