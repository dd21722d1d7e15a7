"""Third parties' accounts that may log in, with every query and condition on them.

A binding stands under its person; beside it stands a guard for each of its blind indexes, by which a log-in finds the
person, and which keeps an identity from being bound twice.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from ...foundation.kernel.errors import Busy, Failure, NotFound
from ...foundation.store.attributes import Instant, Integer, Sealed, Text
from ...foundation.store.carry import Into, carry
from ...foundation.store.declare import EPOCH, GUARD_RANK, KEY, OnMerge, Personal, Technical
from ...foundation.store.row import Row, get, rows_by_key
from ...foundation.store.write import Refusal, Write, check, delete, put, put_new, update
from ...foundation.vault.sealed import Sealed as SealedValue

GUARD = "GUARD"
_SK = "BINDING#"
_REVOCATION = "REVOCATION#"


class BindingRow(Row):
    """What is bound, since when. The guards' keys stand here too: they can't be computed once the key is gone."""

    on_merge = OnMerge.IF_AGREED

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    channel = Text(Personal("account.binding"))
    bound_at = Instant(Personal("account.binding"))

    @property
    def provider(self) -> str:
        """Name whose account it is."""
        return str(self.sk).removeprefix(_SK)


class WechatBindingRow(BindingRow, table="people", kind="wechat_binding"):
    """A bound WeChat."""

    openid = Sealed(Personal("account.wechat_id"))
    unionid = Sealed(Personal("account.wechat_id"), null=True)
    openid_index = Text(Personal("account.wechat_index"))
    unionid_index = Text(Personal("account.wechat_index"), null=True)


class AppleBindingRow(BindingRow, table="people", kind="apple_binding"):
    """A bound Apple account, with the token that ends the authorization one day."""

    subject = Sealed(Personal("account.apple_id"))
    subject_index = Text(Personal("account.apple_index"))
    token = Sealed(Personal("account.apple_token"))


class GuardRow(Row):
    """That an identity is bound, and to whom."""

    on_merge = OnMerge.IF_AGREED

    erase_rank = GUARD_RANK

    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    key_id = Text(Technical("id of the data key that a session is sealed under"))


class WechatGuardRow(GuardRow, table="people", kind="wechat_guard"):
    """That an id within WeChat is bound."""

    pk = Text(Personal("account.wechat_index"), hash_key=True)


class AppleGuardRow(GuardRow, table="people", kind="apple_guard"):
    """That a user of Apple is bound."""

    pk = Text(Personal("account.apple_index"), hash_key=True)


class AppleRevocationRow(Row, table="people", kind="apple_revocation"):
    """An authorization that is to end at Apple, and has ended here already."""

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    token = Sealed(Personal("account.apple_token"))


class Place(msgspec.Struct, frozen=True):
    """Where a guard stands."""

    row: type[GuardRow]
    index: str

    @property
    def key(self) -> tuple[type[GuardRow], str, str]:
        """The row's key."""
        return self.row, f"{self.row.row_kind.upper()}#{self.index}", GUARD


ROWS: Final[dict[str, type[BindingRow]]] = {"wechat": WechatBindingRow, "apple": AppleBindingRow}


def wechat_guard(index: str) -> Place:
    """Name the guard of an id within WeChat."""
    return Place(WechatGuardRow, index)


def apple_guard(index: str) -> Place:
    """Name the guard of a user of Apple."""
    return Place(AppleGuardRow, index)


def guards_of(row: BindingRow) -> list[Place]:
    """Give the places of a binding's guards."""
    if isinstance(row, WechatBindingRow):
        return [wechat_guard(index) for index in (row.openid_index, row.unionid_index) if index]
    return [apple_guard(row.subject_index)] if isinstance(row, AppleBindingRow) else []


def binding_key(person_id: str, provider: str) -> tuple[type[BindingRow], str, str]:
    """Give the key of a person's binding."""
    return ROWS[provider], person_id, f"{_SK}{provider}"


def binding_of(person_id: str, provider: str) -> BindingRow | None:
    """Read a person's binding."""
    return get(*binding_key(person_id, provider))


def bindings_of(*person_ids: str) -> list[BindingRow]:
    """Read all bindings of a person, or of several, in one call."""
    found = rows_by_key([binding_key(person_id, provider) for person_id in person_ids for provider in ROWS])
    return [row for row in found if isinstance(row, BindingRow)]


def guards_at(places: Sequence[Place]) -> list[GuardRow | None]:
    """Read the guards of an identity's indexes in one call."""
    return [row if isinstance(row, GuardRow) else None for row in rows_by_key([place.key for place in places])]


def add_unionid(row: WechatBindingRow, unionid: SealedValue, *, index: str, otherwise: Refusal) -> Write:
    """Add a unionid to a binding that is as it was read and has none."""
    actions = [WechatBindingRow.unionid.set(unionid), WechatBindingRow.unionid_index.set(index)]
    same = (WechatBindingRow.openid_index == row.openid_index) & (WechatBindingRow.bound_at == row.bound_at)
    none = WechatBindingRow.unionid_index.does_not_exist()
    return update(binding_key(row.pk, row.provider), actions, same & none, otherwise=otherwise)


def bind(binding: BindingRow, guards: Sequence[tuple[GuardRow, Failure]], otherwise: type[Failure]) -> list[Write]:
    """Bind, only where neither the person nor the identity has such a binding."""
    return [*(put_new(guard, taken) for guard, taken in guards), put_new(binding, otherwise)]


def hand_over(row: BindingRow, into: Into, key_ids: frozenset[str]) -> list[Write]:
    """Make a binding another account's, with its guards: only the one that was read, and only where it has none."""
    theirs = {"person_id": into.person_id, "epoch": into.epoch, "key_id": into.keys["main"]}
    guards = [
        update(
            place.key,
            [place.row.get_attributes()[name].set(value) for name, value in theirs.items()],
            place.row.person_id == row.person_id,
        )
        for place in guards_of(row)
    ]
    return [*carry(row, into, key_ids), *guards]


def unbind(row: BindingRow) -> list[Write]:
    """Cut a binding: the one that was read, with its guards."""
    kind = type(row)
    mine = [delete(place.key, place.row.person_id == row.person_id, Busy(retry_after_s=1)) for place in guards_of(row)]
    return [delete(binding_key(row.pk, row.provider), kind.bound_at == row.bound_at, NotFound), *mine]


def still_bound(place: Place, seen: GuardRow, otherwise: type[Failure]) -> Write:
    """Let a log-in pass only while the identity is bound to whom it was when it was looked up."""
    same = (place.row.person_id == seen.person_id) & (place.row.epoch == seen.epoch)
    return check(place.key, same, otherwise)


def renew_token(person_id: str, token: SealedValue, otherwise: type[Failure]) -> Write:
    """Keep the newest token of an authorization: an older one may have ended with what it was for."""
    return update(binding_key(person_id, "apple"), [AppleBindingRow.token.set(token)], otherwise=otherwise)


def keep_revocation(row: AppleBindingRow, revocation_id: str) -> Write:
    """Keep the token of an authorization until it has ended at Apple."""
    return put(
        AppleRevocationRow(
            pk=row.pk, sk=f"{_REVOCATION}{revocation_id}", person_id=row.person_id, epoch=row.epoch, token=row.token
        )
    )


def revocation_of(person_id: str, revocation_id: str) -> AppleRevocationRow | None:
    """Read an authorization that is to end at Apple."""
    return get(AppleRevocationRow, person_id, f"{_REVOCATION}{revocation_id}")


def drop_revocation(row: AppleRevocationRow) -> Write:
    """Forget an authorization that has ended."""
    return delete((AppleRevocationRow, row.pk, row.sk))
