"""Moving an account to another number: way in, profile, evidence, and word to the number that it had."""

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways import sms
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Failure, FieldError, InvalidInput, Unauthenticated
from chalicelib.foundation.standing.access import commit, next_session_epoch
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.sealed import Sealed

from ..contracts.codes import ChangeMobile
from ..contracts.sessions import TokensView
from ..errors import CodeInvalid, MobileTaken
from ..errors.minors import GuardiansNumber
from ..rules.numbers import mobile_of
from ..tables.codes import use_code
from ..tables.guardians import no_guardian
from ..tables.logins import closed, mobile_door, moved_in
from ..tables.profile import ProfileRow, profile_and_standing, set_mobile
from . import devices, sessions
from .codes import mobile_index, prove_code
from .mailing import order_mail
from .proven import number_voice

TOLD_FOR = "notice.service"
PURPOSE = "change_mobile"


class Move(msgspec.Struct, frozen=True):
    """The writes that move a number, and what lets the old one be told once they stand."""

    writes: list[Write]
    old_mobile: str
    under: Disclosure


def change_mobile(call: Call, command: ChangeMobile) -> TokensView:
    """Move the caller's account to another number; every other session ends, this one goes on under new tokens.

    Keeps: B1.4, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China, or the one it has.
        CodeInvalid: one of the codes is wrong; the error says which number's.
        MobileTaken: the new number, proved by its code, has an account.
        GuardiansNumber: the caller is under age, and a guardian answered by the new number.
    """
    to = mobile_of(command.mobile)
    profile, standing = profile_and_standing(call.who.person_id)
    if profile is None or standing is None:
        raise Unauthenticated
    old = profile.mobile.reveal()
    if to == old:
        raise InvalidInput((FieldError("/mobile", "unchanged"),))
    used = [
        _proved(call, to, command.code, pointer="/code"),
        _proved(call, old, command.old_code, pointer="/old_code"),
    ]
    move = moved(call, call.who, profile, to=to)
    unlike = refuse_guardians_number(call, to)
    token, renewal = devices.renewed(call, standing)
    ended = [next_session_epoch(call.who, standing), renewal, *devices.cleared(profile.pk, but=call.who.session_id)]
    commit(call, [*used, *unlike, *move.writes, *ended, order_mail(call, "mobile_changed")])
    tell_old_number(move)
    return sessions.tokens_view(call, call.who, session_epoch=standing.session_epoch + 1, refresh_token=token)


def moved(call: Call, who: Person, profile: ProfileRow, *, to: str, password: Sealed | None = None) -> Move:
    """Move an account to another number, for whoever has proved that it may be, in whichever way.

    The caller adds the proofs it uses up and the end of sessions, commits, and then has the old number told.

    Args:
        call: the request that does it.
        who: whose account it is.
        profile: of that person, just read.
        to: the new number (E.164), proved by a code.
        password: the digest of a new password, where one is set along with it.

    Keeps: B1.4

    Raises:
        Unauthenticated: the account has no way in by number.
    """
    old = profile.mobile.reveal()
    door = mobile_door(mobile_index(old))
    login = get(*door.key)
    if login is None or login.person_id != who.person_id:
        raise Unauthenticated
    under = disclose(sms.RECIPIENT, ("account.mobile",), purpose=TOLD_FOR, at=call.now)
    taken = MobileTaken((FieldError("/mobile", "taken"),))
    writes = [
        moved_in(login, mobile_door(mobile_index(to)), taken, password=password),
        closed(login),
        set_mobile(profile, ProfileRow.mobile.seal(who.keys, to)),
        disclosed(call, under, reference=who.ref),
        record(call, "person:mobile:changed", reference=who.ref),
        sessions.notice(call, who, "mobile_changed", session_id=""),
    ]
    return Move(writes, old, under)


def tell_old_number(move: Move) -> None:
    """Tell the number that the account had; where that can't be done, the inbox has it all the same.

    Keeps: B1.4
    """
    try:
        sms.send_moved(move.old_mobile, under=move.under)
    except Failure:
        return


def refuse_guardians_number(call: Call, to: str) -> list[Write]:
    """Let a minor's account move only to a number by which no guardian answered for it.

    Keeps: M2.1
    """
    if stage_of(call.who.minor, call.now) is None:
        return []
    return [no_guardian(call.who.person_id, number_voice(mobile_index(to)).ref, GuardiansNumber)]


def _proved(call: Call, mobile: str, code: str, *, pointer: str) -> Write:
    try:
        row = prove_code(call, PURPOSE, mobile_index(mobile), code=code)
    except CodeInvalid:
        raise CodeInvalid((FieldError(pointer, "code"),)) from None
    return use_code(row, CodeInvalid((FieldError(pointer, "code"),)))
