"""Links with third-party services, and the short-lived rows that lead to them, with every query and condition."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

import msgspec

from ...foundation.kernel.errors import Busy, Failure
from ...foundation.standing.access import SK as STANDING
from ...foundation.standing.rows import StandingRow
from ...foundation.store.attributes import Expiry, Instant, Integer, Sealed, Text
from ...foundation.store.declare import EPOCH, EXPIRY, FIRST_RANK, KEY, TIME, OnMerge, Personal, Technical
from ...foundation.store.keys import DataKeyRow
from ...foundation.store.row import Row, get, query, rows_by_key
from ...foundation.store.write import Write, check, delete, put, put_new, update
from ...foundation.vault.keyring import WrappedKey, learn
from .profile import ProfileRow, own_profile

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition

LINK = "LINK#"
REQUEST, CODE, TOKEN = "OUTWARD_REQUEST", "OUTWARD_CODE", "OUTWARD_TOKEN"
HANDOVER, PAGE = "handover", "page"
ACCESS, REFRESH = "access", "refresh"


class LinkRow(Row, table="people", kind="outward_link"):
    """That a third-party service may get some fields; its tokens hang on `grant_id`, and end with it or the row."""

    erase_rank = FIRST_RANK
    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    link_id = Text(Personal("link.connection"))
    client_id = Text(Personal("link.connection"))
    fields = Text(Personal("link.connection"))
    subject = Text(Personal("link.subject"))
    agreed_at = Instant(Personal("link.connection"))
    grant_id = Text(Technical("random; tokens of another one are no good"), null=True)
    session_epoch = Integer(Technical("of standing when agreed; a later one ends the tokens"))


class OutwardRequestRow(Row, table="ephemeral", kind="outward_request"):
    """A third party's request on its way: handed over to a web view, then on a page that waits for an answer."""

    erase_rank = FIRST_RANK
    on_merge = OnMerge.DROP

    pk = Text(Personal("link.token"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    key_id = Text(Technical("id of the data key that opens the device"))
    step = Text(Technical("handed over, or on a page"))
    session_id = Text(Personal("account.session"))
    session_epoch = Integer(Technical("of standing; a later one ends the page"))
    channel = Text(Personal("account.channel"))
    device = Sealed(Personal("account.device"), null=True)
    client_id = Text(Personal("link.connection"))
    fields = Text(Personal("link.connection"))
    redirect_uri = Text(Technical("one of those registered for the service"))
    state = Text(Technical("the service's own, given back as it came"), null=True)
    challenge = Text(Technical("digest of the service's own secret"))
    shown_at = Instant(TIME, null=True)
    expires_at = Expiry(EXPIRY)


class OutwardCodeRow(Row, table="ephemeral", kind="outward_code"):
    """An authorisation code by its digest; it stays a while after use, so that one that comes back is known."""

    erase_rank = FIRST_RANK
    on_merge = OnMerge.DROP

    pk = Text(Personal("link.token"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    key_id = Text(Technical("id of the data key that opens the profile"))
    client_id = Text(Personal("link.connection"))
    fields = Text(Personal("link.connection"))
    grant_id = Text(Technical("of the link that it leads to"))
    redirect_uri = Text(Technical("one of those registered for the service"))
    challenge = Text(Technical("digest of the service's own secret"))
    good_until = Instant(TIME)
    used_at = Instant(TIME, null=True)
    expires_at = Expiry(EXPIRY)


class OutwardTokenRow(Row, table="ephemeral", kind="outward_token"):
    """A token by its digest: `access`, or `refresh`, which stays after its one use, so that its return is known."""

    erase_rank = FIRST_RANK
    on_merge = OnMerge.DROP

    pk = Text(Personal("link.token"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    key_id = Text(Technical("id of the data key that opens the profile"))
    client_id = Text(Personal("link.connection"))
    fields = Text(Personal("link.connection"))
    grant_id = Text(Technical("of the link that it came by"))
    use = Text(Technical("access or refresh"))
    used_at = Instant(TIME, null=True)
    expires_at = Expiry(EXPIRY)


class Behind(msgspec.Struct, frozen=True):
    """What stands behind a token, as it is now."""

    standing: StandingRow | None
    link: LinkRow | None
    profile: ProfileRow | None


def link_key(person_id: str, client_id: str) -> tuple[type[LinkRow], str, str]:
    """Give the key of a person's link with a service."""
    return LinkRow, person_id, f"{LINK}{client_id}"


def behind(person_id: str, client_id: str, key_id: str) -> Behind:
    """Read standing, link and profile with the key that opens it, in one call."""
    keys: list[tuple[type[Row], str, str]] = [(StandingRow, person_id, STANDING), link_key(person_id, client_id)]
    *found, key = rows_by_key([*keys, own_profile(person_id), (DataKeyRow, key_id, "KEY")])
    if isinstance(key, DataKeyRow):
        learn(WrappedKey(key.pk, key.wrapped, key.wrapping_id))
    standing, link, profile = found
    return Behind(
        cast("StandingRow | None", standing), cast("LinkRow | None", link), cast("ProfileRow | None", profile)
    )


def links_of(person_id: str) -> list[LinkRow]:
    """Read every link of a person, latest agreed first."""
    rows, _ = query(LinkRow, person_id, LinkRow.sk.startswith(LINK), strong=True)
    return sorted(rows, key=lambda row: row.agreed_at, reverse=True)


def request_of(digest: str) -> OutwardRequestRow | None:
    """Read a request on its way."""
    return get(OutwardRequestRow, digest, REQUEST)


def code_of(digest: str) -> OutwardCodeRow | None:
    """Read a code."""
    return get(OutwardCodeRow, digest, CODE)


def token_of(digest: str) -> OutwardTokenRow | None:
    """Read a token."""
    return get(OutwardTokenRow, digest, TOKEN)


def keep(row: OutwardRequestRow | OutwardCodeRow | OutwardTokenRow) -> Write:
    """Write what was not there before."""
    return put_new(row)


def use_request(row: OutwardRequestRow, otherwise: type[Failure]) -> Write:
    """Use a request up in this step, within the transaction that it allows."""
    return delete(row, OutwardRequestRow.step == row.step, otherwise)


def use_code(row: OutwardCodeRow, now: datetime, otherwise: type[Failure]) -> Write:
    """Use a code up; a second use finds it used."""
    unused = OutwardCodeRow.used_at.does_not_exist() & (OutwardCodeRow.good_until > now)
    return update(row, [OutwardCodeRow.used_at.set(now)], unused, otherwise=otherwise)


def use_token(row: OutwardTokenRow, now: datetime, otherwise: type[Failure]) -> Write:
    """Use a refresh token up; a second use finds it used."""
    unused = OutwardTokenRow.used_at.does_not_exist() & (OutwardTokenRow.expires_at > now)
    return update(row, [OutwardTokenRow.used_at.set(now)], unused, otherwise=otherwise)


def drop_token(row: OutwardTokenRow) -> Write:
    """Remove one token."""
    return delete(row)


def put_link(row: LinkRow, seen: LinkRow | None) -> Write:
    """Write a link, only in place of the one that was read."""
    unchanged: Condition = LinkRow.kind.does_not_exist()
    if seen is not None:
        unchanged = _same(seen)
    return put(row, unchanged, Busy(retry_after_s=1))


def granted(person_id: str, client_id: str, grant_id: str, *, otherwise: type[Failure]) -> Write:
    """Let a transaction pass only while a link still has the grant that its tokens hang on."""
    return check(link_key(person_id, client_id), LinkRow.grant_id == grant_id, otherwise)


def end_grant(person_id: str, client_id: str, grant_id: str, *, otherwise: type[Failure]) -> Write:
    """End every token of a link; the link stays, for the person to see."""
    same: Condition = LinkRow.grant_id == grant_id
    return update(link_key(person_id, client_id), [LinkRow.grant_id.remove()], same, otherwise=otherwise)


def drop_link(row: LinkRow, otherwise: type[Failure]) -> Write:
    """Remove a link, and with it the worth of every token."""
    return delete(row, LinkRow.link_id == row.link_id, otherwise)


def still_linked(row: LinkRow) -> Write:
    """Let a transaction pass only while a link is still there."""
    return check(link_key(row.person_id, row.client_id), LinkRow.link_id == row.link_id, Busy(retry_after_s=1))


def _same(seen: LinkRow) -> "Condition":
    same: Condition = LinkRow.link_id == seen.link_id
    ended: Condition = LinkRow.grant_id.does_not_exist()
    granted_alike: Condition = LinkRow.grant_id == seen.grant_id
    unchanged: Condition = same & (ended if seen.grant_id is None else granted_alike)
    return unchanged
