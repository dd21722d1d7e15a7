"""What a third party's server asks for: tokens for a code, tokens for a token, an end to a token.

Refusals are in the words of RFC 6749 section 5.2. Every token hangs on the `grant_id` of its link, and what stands
behind it is read each time: cut, withdrawn, frozen or gone, it is no good from that moment on.
"""

import secrets
from collections.abc import Sequence
from typing import NoReturn

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, Failure
from chalicelib.foundation.register.model import Client
from chalicelib.foundation.standing import minors
from chalicelib.foundation.standing.access import agreed, commit, person_of, reference
from chalicelib.foundation.standing.rows import ACTIVE
from chalicelib.foundation.store.write import Write

from ..contracts.outward import RevocationForm, TokenAnswer, TokenForm
from ..errors.outward import OutwardCodeUsed, OutwardRefused, OutwardTokenInvalid
from ..rules.outward import (
    ACCESS_LIFE,
    PURPOSE,
    REFRESH_LIFE,
    digest_of,
    is_secret_of,
    is_verified,
)
from ..tables.outward import (
    ACCESS,
    REFRESH,
    TOKEN,
    Behind,
    LinkRow,
    OutwardCodeRow,
    OutwardTokenRow,
    behind,
    code_of,
    drop_token,
    end_grant,
    granted,
    keep,
    token_of,
    use_code,
    use_token,
)
from .outward_asking import known


class Refused(Exception):
    """A refusal in the protocol's own word."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Held(msgspec.Struct, frozen=True):
    """A code or token that is good now, with its link and the call in its person's name."""

    call: Call
    link: LinkRow
    found: Behind


def authenticated(client_id: str, secret: str) -> Client:
    """Find the service that asks, by its secret where it has one.

    Raises:
        Refused: unknown, a wrong secret, or one where there is none.
    """
    client = known(client_id)
    if client is None or (not is_secret_of(client, secret) if client.confidential else bool(secret)):
        raise Refused("invalid_client")
    return client


def give_tokens(call: Call, client: Client, form: TokenForm) -> TokenAnswer:
    """Exchange a code or a refresh token; either works once, and one that comes back ends all that it gave.

    Keeps: B3.1

    Raises:
        Refused: not good, or not for this service.
    """
    if form.grant_type == "authorization_code":
        return _for_code(call, client, form)
    return _for_refresh(call, client, form)


def end_token(call: Call, client: Client, form: RevocationForm) -> None:
    """End a token of the service that asks (RFC 7009); a refresh token takes all of its link's with it."""
    row = token_of(digest_of(form.token))
    if row is None or row.client_id != client.id:
        return
    if row.use == REFRESH:
        _end(call, row)
    else:
        commit(call, [drop_token(row)])


def commit_held(call: Call, writes: Sequence[Write]) -> None:
    """Commit what only a living link allows; whatever else ended meanwhile, the token is no good.

    Raises:
        ConsentRequired: something that it stands on was withdrawn meanwhile.
        OutwardCodeUsed: what works once was used at the same moment.
        OutwardTokenInvalid: anything else has ended.
    """
    try:
        commit(call, writes)
    except (ConsentRequired, OutwardCodeUsed):
        raise
    except Failure as failure:
        if failure.retryable:
            raise
        raise OutwardTokenInvalid from None


def _for_code(call: Call, client: Client, form: TokenForm) -> TokenAnswer:
    row = code_of(digest_of(form.code))
    if row is None or row.client_id != client.id:
        raise Refused("invalid_grant")
    if row.redirect_uri != form.redirect_uri or not is_verified(row.challenge, form.code_verifier):
        raise Refused("invalid_grant")
    if row.used_at is not None:
        _refuse_reuse(call, row)
    held = held_by(call, row) if row.good_until > call.now else None
    if held is None:
        raise Refused("invalid_grant")
    return _issue(held, row, row.fields)


def _for_refresh(call: Call, client: Client, form: TokenForm) -> TokenAnswer:
    row = token_of(digest_of(form.refresh_token))
    if row is None or row.client_id != client.id or row.use != REFRESH:
        raise Refused("invalid_grant")
    if row.used_at is not None:
        _refuse_reuse(call, row)
    held = held_by(call, row) if row.expires_at > call.now else None
    if held is None:
        raise Refused("invalid_grant")
    if form.scope and not set(form.scope.split(" ")) <= set(row.fields.split(" ")):
        raise Refused("invalid_scope")
    return _issue(held, row, form.scope or row.fields)


def _issue(held: Held, source: OutwardCodeRow | OutwardTokenRow, scope: str) -> TokenAnswer:
    """Use a code or refresh token up and write its tokens, all or nothing."""
    call, link = held.call, held.link
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    kept = {name: getattr(source, name) for name in ("person_id", "epoch", "key_id", "client_id", "grant_id")}
    rows = [
        OutwardTokenRow(pk=digest_of(token), sk=TOKEN, use=use, fields=fields, expires_at=call.now + life, **kept)
        for token, use, fields, life in (
            (access, ACCESS, scope, ACCESS_LIFE),
            (refresh, REFRESH, source.fields, REFRESH_LIFE),
        )
    ]
    used = (
        use_code(source, call.now, OutwardCodeUsed)
        if isinstance(source, OutwardCodeRow)
        else use_token(source, call.now, OutwardCodeUsed)
    )
    writes = [
        used,
        *map(keep, rows),
        granted(link.person_id, link.client_id, str(link.grant_id), otherwise=OutwardTokenInvalid),
        agreed(call.who, PURPOSE),
    ]
    try:
        commit_held(call, writes)
    except OutwardCodeUsed:
        _refuse_reuse(call, source)
    except (OutwardTokenInvalid, ConsentRequired):
        raise Refused("invalid_grant") from None
    lasts_s = int(ACCESS_LIFE.total_seconds())
    return TokenAnswer(access_token=access, token_type="Bearer", expires_in=lasts_s, refresh_token=refresh, scope=scope)  # noqa: S106


def held_by(call: Call, row: OutwardCodeRow | OutwardTokenRow) -> Held | None:
    """Give what stands behind a code or token, where all of it still stands."""
    found = behind(row.person_id, row.client_id, row.key_id)
    standing, link = found.standing, found.link
    if standing is None or link is None or link.grant_id != row.grant_id:
        return None
    now = (standing.status, standing.epoch, standing.session_epoch)
    if now != (ACTIVE, row.epoch, link.session_epoch) or PURPOSE not in (standing.consents or ()):
        return None
    person = person_of(standing)
    if not minors.allow(person, PURPOSE, call.now):
        return None
    return Held(msgspec.structs.replace(call, person=person), link, found)


def _refuse_reuse(call: Call, row: OutwardCodeRow | OutwardTokenRow) -> NoReturn:
    """End all that a code or refresh token gave: somebody else has, or had, a copy (RFC 9700 section 4.14).

    Raises:
        Refused: always.
    """
    _end(call, row)
    raise Refused("invalid_grant")


def _end(call: Call, row: OutwardCodeRow | OutwardTokenRow) -> None:
    """End every token of a link, unless it has another grant already or is gone."""
    found = behind(row.person_id, row.client_id, row.key_id)
    if found.standing is None or found.link is None or found.link.grant_id != row.grant_id:
        return
    ended = record(call, "provider:link:ended", reference=reference(found.standing), actor=f"provider:{row.client_id}")
    try:
        commit(call, [end_grant(row.person_id, row.client_id, row.grant_id, otherwise=OutwardRefused), ended])
    except OutwardRefused:
        return
