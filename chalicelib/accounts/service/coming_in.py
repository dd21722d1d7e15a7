"""Coming in by a bound WeChat or Apple account."""

import msgspec

from chalicelib.consent.service import agreed_now
from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired
from chalicelib.foundation.standing.access import agreed, commit, load, person_of, refuse_unless_active

from ..contracts.bindings import AppleLogIn, WechatLogIn
from ..contracts.sessions import TokensView, WechatTokensView
from ..errors import NotBound
from ..rules.bindings import PURPOSES
from ..tables.bindings import AppleBindingRow, GuardRow, guards_at, renew_token, still_bound
from . import devices, sessions
from .identities import TO_APPLE, Identity, at_apple, at_wechat
from .unionids import MERGES, UnionidTaken, leads_elsewhere, learn


def log_in_by_wechat(call: Call, command: WechatLogIn) -> WechatTokensView:
    """Log in whoever bound this WeChat, by its id there alone: a number, even one that WeChat verified, is no way in.

    A unionid that WeChat tells for the first time is kept with it. Where another account has that, both stay as they
    are, the openid's is come into, and the answer says where to merge, and not with whom.

    Keeps: A5, B4.1

    Raises:
        CodeInvalid, UserBlocked: WeChat does not take the code, or not this person.
        NotBound: nobody bound it, or consent was withdrawn.
        AccountFrozen, AccountClosing: it is bound, but the account may not be used.
    """
    who = at_wechat(call, command.code, purpose=call.purpose)
    try:
        view, guards = _log_in(call, who)
    except UnionidTaken:
        view, guards = _log_in(call, who)
    merge_at = MERGES if leads_elsewhere(guards) else None
    return WechatTokensView(**msgspec.structs.asdict(view), merge_at=merge_at)


def log_in_by_apple(call: Call, command: AppleLogIn) -> TokensView:
    """Log in whoever bound this Apple account.

    Keeps: A5, B4.1, K3.3

    Raises:
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: another notice than the published one.
        AppleCodeInvalid: Apple does not take the code, or it was asked for with another nonce.
        NotBound: nobody bound it, or consent was withdrawn.
        AccountFrozen, AccountClosing: it is bound, but the account may not be used.
    """
    shown = agreed_now(call, TO_APPLE, PURPOSES["apple"], shown=command.notice)
    view, _ = _log_in(call, at_apple(call, command.code, command.nonce, agreed=shown))
    return view


def _log_in(call: Call, who: Identity) -> tuple[TokensView, list[GuardRow | None]]:
    guards = guards_at(who.places)
    bound = [(place, guard) for place, guard in zip(who.places, guards, strict=True) if guard is not None]
    if not bound:
        raise NotBound
    place, guard = bound[0]
    standing = load(guard.person_id, guard.key_id)
    if standing is None:
        raise NotBound
    refuse_unless_active(standing.status)
    person, purpose = person_of(standing), PURPOSES[who.provider]
    if purpose not in person.consents or guard.epoch != person.epoch:
        raise NotBound
    session, view = sessions.begin(call, person, standing.session_epoch)
    call = msgspec.structs.replace(call, person=person)
    writes = [
        session,
        still_bound(place, guard, NotBound),
        agreed(person, purpose),
        disclosed(call, who.under),
        record(call, f"person:session:begun_by_{who.provider}", subject_id=view.session_id),
        devices.arrived(call, person, view.session_id, session_epoch=standing.session_epoch),
        *learn(person, who, guards),
    ]
    if who.token:
        writes.append(renew_token(person.person_id, AppleBindingRow.token.seal(person.keys, who.token), NotBound))
    try:
        commit(call, writes)
    except ConsentRequired:
        raise NotBound from None
    return view, guards
