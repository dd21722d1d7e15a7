"""Binding a third party's account and cutting it again; what is bound; what becomes of it when consent goes."""

from typing import TYPE_CHECKING, cast

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, FieldError, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import agreed, commit
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, check

from ..contracts.bindings import AppleUnbound, BindApple, BindingListView, BindingView, BindWechat, Provider
from ..errors import BindingExists, BoundElsewhere, LastWayIn
from ..rules.bindings import PURPOSES, provider_for, refuse_last_way
from ..tables.bindings import (
    ROWS,
    AppleBindingRow,
    BindingRow,
    GuardRow,
    WechatBindingRow,
    bind,
    binding_key,
    binding_of,
    bindings_of,
    guards_of,
    keep_revocation,
    unbind,
)
from ..tables.logins import LoginRow, mobile_door
from ..tables.profile import own_profile
from . import sessions
from .codes import mobile_index
from .identities import Identity, at_apple, at_wechat
from .profile import WITHDRAWAL

if TYPE_CHECKING:
    from ..contracts.notices import NoticeEvent


def list_bindings(call: Call) -> BindingListView:
    """List what is bound, since when, and on which channel it was.

    Keeps: B4.3
    """
    rows = bindings_of(call.who.person_id)
    return BindingListView(data=[_view(row) for row in rows])


def bind_wechat(call: Call, command: BindWechat) -> BindingView:
    """Bind the WeChat that a log-in code belongs to; the one that is bound already changes nothing.

    Keeps: A4.1, B4.1

    Raises:
        ConsentRequired: its purpose was not agreed to, or was withdrawn up to this very moment.
        CodeInvalid, UserBlocked: WeChat does not take the code, or not this person.
        BoundElsewhere: to another account.
        BindingExists: another WeChat is bound.
    """
    _refuse_unless_agreed(call, "wechat")
    return _bound(call, at_wechat(call, command.code, purpose=call.purpose))


def bind_apple(call: Call, command: BindApple) -> BindingView:
    """Bind the Apple account that an authorization code belongs to.

    Keeps: A4.1, B4.1, K3.3

    Raises:
        ConsentRequired: its purpose was not agreed to, or was withdrawn up to this very moment.
        AppleCodeInvalid: Apple does not take the code, or it was asked for with another nonce.
        BoundElsewhere: to another account.
        BindingExists: another Apple account is bound.
    """
    _refuse_unless_agreed(call, "apple")
    return _bound(call, at_apple(call, command.code, command.nonce))


def unbind_provider(call: Call, provider: Provider) -> None:
    """Cut a binding, at once and whatever its purpose's consent; what was done by it stays.

    Keeps: B4.2

    Raises:
        NotFound: nothing of the kind is bound.
        LastWayIn: nothing else would be left to log in by.
    """
    rows = {row.provider: row for row in bindings_of(call.who.person_id)}
    if provider not in rows:
        raise NotFound
    commit(call, [*_cut(call, rows[provider]), _way_left(call, set(rows), provider)])


def apply_withdrawal(call: Call, purpose: str) -> None:
    """Cut the binding that only a withdrawn purpose allowed; what was bound after agreeing anew stays.

    A second run finds nothing to do. A right is not held up by what else there is to log in by.

    Keeps: B4.2, J6.1
    """
    provider = provider_for(purpose)
    row = binding_of(call.who.person_id, provider) if provider else None
    if row is None or (purpose in call.who.consents and row.bound_at > (call.announced_at or call.now)):
        return
    commit(call, _cut(call, row, actor="system"), legal_ground=WITHDRAWAL)


def cut_all(call: Call) -> list[Write]:
    """Cut every binding of somebody whose account is given back: whoever bound it may be whom it is taken from.

    Keeps: B6.5
    """
    return [write for row in bindings_of(call.who.person_id) for write in _cut(call, row)]


def _refuse_unless_agreed(call: Call, provider: Provider) -> None:
    """Stop before a code leaves for nothing; the transaction looks once more."""
    purpose = PURPOSES[provider]
    if purpose not in call.who.consents:
        raise ConsentRequired((FieldError(f"/purposes/{purpose}", "not_agreed"),))


def _bound(call: Call, found: Identity) -> BindingView:
    seen = binding_of(call.who.person_id, found.provider)
    if seen is not None:
        return _same(seen, found)
    row = _row(call, found)
    writes = [
        *bind(row, [(_guard(call, found, at), BoundElsewhere()) for at in range(len(found.places))], BindingExists),
        agreed(call.who, PURPOSES[found.provider]),
        record(call, f"person:{found.provider}:bound", subject_id=call.who.session_id),
        _notice(call, found.provider, "bound"),
    ]
    try:
        commit(call, writes)
    except (BoundElsewhere, BindingExists):
        seen = binding_of(call.who.person_id, found.provider)  # the same request may have come twice
        if seen is None:
            raise
        return _same(seen, found)
    return _view(row)


def _same(seen: BindingRow, found: Identity) -> BindingView:
    """Give the binding that is there already.

    Raises:
        BindingExists: it is of somebody else at that provider.
    """
    if not {place.index for place in found.places} & {place.index for place in guards_of(seen)}:
        raise BindingExists((FieldError(f"/{found.provider}", "other"),))
    return _view(seen)


def _row(call: Call, found: Identity) -> BindingRow:
    who = call.who
    row, pk, sk = binding_key(who.person_id, found.provider)
    made = row(pk=pk, sk=sk, person_id=pk, epoch=who.epoch, channel=call.channel, bound_at=call.now)
    first = found.places[0].index
    if isinstance(made, WechatBindingRow):
        made.openid, made.openid_index = WechatBindingRow.openid.seal(who.keys, found.ids[0]), first
        if len(found.ids) > 1:
            made.unionid = WechatBindingRow.unionid.seal(who.keys, found.ids[1])
            made.unionid_index = found.places[1].index
    elif isinstance(made, AppleBindingRow):
        made.subject, made.subject_index = AppleBindingRow.subject.seal(who.keys, found.ids[0]), first
        made.token = AppleBindingRow.token.seal(who.keys, found.token)
    return made


def _guard(call: Call, found: Identity, at: int) -> GuardRow:
    row, pk, sk = found.places[at].key
    return row(pk=pk, sk=sk, person_id=call.who.person_id, epoch=call.who.epoch, key_id=call.who.keys["main"])


def _cut(call: Call, row: BindingRow, *, actor: str = "self") -> list[Write]:
    """Cut a binding and say so; an authorization at Apple ends by a job, however often Apple must be asked."""
    said = "system" if actor == "system" else "person"
    writes = [
        *unbind(row),
        record(call, f"{said}:{row.provider}:unbound", subject_id=call.who.session_id, actor=actor),
        _notice(call, row.provider, "unbound"),
    ]
    if isinstance(row, AppleBindingRow):
        revocation_id = new_id("rev")
        writes += [
            keep_revocation(row, revocation_id),
            announce(call, "withdrawals", AppleUnbound(revocation_id=revocation_id)),
        ]
    return writes


def _way_left(call: Call, bound: set[str], provider: str) -> Write:
    """Let a binding be cut only while some other way in stands."""
    login = _login(call)
    refuse_last_way(bound, provider, password=login is not None)
    if login is not None:
        return check(login, LoginRow.person_id == call.who.person_id, LastWayIn)
    other = next(name for name in bound if name != provider)
    return check(binding_key(call.who.person_id, other), ROWS[other].person_id == call.who.person_id, LastWayIn)


def _login(call: Call) -> tuple[type[LoginRow], str, str] | None:
    profile = get(*own_profile(call.who.person_id))
    if profile is None:
        return None
    door = mobile_door(mobile_index(profile.mobile.reveal()))
    return None if get(*door.key) is None else door.key


def _notice(call: Call, provider: str, what: str) -> Write:
    event = cast("NoticeEvent", f"{provider}_{what}")
    return sessions.notice(call, call.who, event, session_id=call.who.session_id)


def _view(row: BindingRow) -> BindingView:
    return BindingView(provider=cast("Provider", row.provider), channel=row.channel, bound_at=row.bound_at)
