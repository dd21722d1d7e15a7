"""A unionid that WeChat tells only after the binding: kept at the next log-in, so every app of ours finds it.

WeChat gives none until an app is tied to our account at its open platform.
"""

from collections.abc import Sequence
from typing import Final

from chalicelib.foundation.kernel.call import Person
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.store.write import Write, put_new

from ..tables.bindings import GuardRow, Place, WechatBindingRow, add_unionid, binding_of
from .identities import Identity

MERGES: Final = "/v1/merges"
"""Where somebody whose WeChat opens two accounts can make one of them."""


class UnionidTaken(Busy):
    """Somebody bound this unionid at the same moment, or the binding is another now; looking once more tells."""


def learn(who: Person, found: Identity, guards: Sequence[GuardRow | None]) -> list[Write]:
    """Give what keeps the unionid of whoever comes in by their openid; nothing where it is known, or another's.

    Keeps: A5, B4.1
    """
    if len(guards) == 1 or guards[0] is None or guards[1] is not None:
        return []
    row = binding_of(who.person_id, found.provider)
    if not isinstance(row, WechatBindingRow) or row.unionid_index is not None:
        return []
    place: Place = found.places[1]
    kind, pk, sk = place.key
    guard = kind(pk=pk, sk=sk, person_id=who.person_id, epoch=who.epoch, key_id=who.keys["main"])
    sealed = WechatBindingRow.unionid.seal(who.keys, found.ids[1])
    return [put_new(guard, UnionidTaken), add_unionid(row, sealed, index=place.index, otherwise=UnionidTaken)]


def leads_elsewhere(guards: Sequence[GuardRow | None]) -> bool:
    """Say whether openid and unionid open accounts of different people; which other one is told to nobody."""
    return len({guard.person_id for guard in guards if guard is not None}) > 1
