"""Coming in by password: log-in, proving once more who is there, changing the password."""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import FieldError, InvalidInput, Unauthenticated
from chalicelib.foundation.standing.access import commit, next_session_epoch, person_of, refuse_unless_active
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.web import tokens

from ..contracts.sessions import AccessView, ChangePassword, LogIn, Reauthenticate, TokensView
from ..errors import LoginFailed, PasswordWeak, PasswordWrong
from ..rules.numbers import mobile_of
from ..rules.passwords import password_of, plain_password
from ..tables.logins import Door, LoginRow, admit, mobile_door, name_door, replace_password
from ..tables.profile import ProfileRow, profile_and_standing
from . import devices, sessions
from .codes import mobile_index
from .passwords import Known, digest_of, name_index, recognise


def log_in(call: Call, command: LogIn) -> TokensView:
    """Log in by mobile number or user name.

    Keeps: A5.1, K4.3

    Raises:
        LoginFailed: no such account, wrong password, or a wait; it does not say which.
        AccountFrozen, AccountClosing: the password is right, but the account may not be used.
    """
    door = _door(command.login)
    known = recognise(call, door, command.password)
    if known is None:
        raise LoginFailed
    refuse_unless_active(known.standing.status)
    who = person_of(known.standing)
    session, view = sessions.begin(call, who, known.standing.session_epoch)
    call = msgspec.structs.replace(call, person=who)
    writes = [
        session,
        *_admitted(call, door, known, password=command.password),
        record(call, "person:session:begun", subject_id=view.session_id),
        devices.arrived(call, who, view.session_id, session_epoch=known.standing.session_epoch),
    ]
    commit(call, writes)
    return view


def reauthenticate(call: Call, command: Reauthenticate) -> AccessView:
    """Prove by password that it is still the owner; opens sensitive acts for five minutes.

    Keeps: K4.3

    Raises:
        PasswordWrong: wrong, or a wait is on.
    """
    profile, _ = _own(call)
    door = mobile_door(mobile_index(profile.mobile.reveal()), own=True)
    known = _recognised(call, door, command.password)
    proved = record(call, "person:identity:proved", subject_id=call.who.session_id)
    commit(call, [admit(door, known.login), proved])
    return AccessView(
        access_token=sessions.access_token(call, call.who, known.standing.session_epoch, proved_at=call.now),
        expires_in_s=int(tokens.LIFE.total_seconds()),
        reauthenticated_at=call.now,
    )


def change_password(call: Call, command: ChangePassword) -> TokensView:
    """Replace the password; every other session ends, this one goes on under new tokens.

    Keeps: K4.3

    Raises:
        PasswordWrong: the current one is wrong, or a wait is on.
        PasswordWeak: the new one is against the rules, or the same.
    """
    profile, standing = _own(call)
    mobile, user_name = profile.mobile.reveal(), profile.user_name.reveal()
    new = password_of(command.new_password, user_name=user_name, mobile=mobile, pointer="/new_password")
    if new == plain_password(command.current_password):
        raise PasswordWeak((FieldError("/new_password", "unchanged"),))
    door = mobile_door(mobile_index(mobile), own=True)
    known = _recognised(call, door, command.current_password)
    who, token, renewed = call.who, *devices.renewed(call, standing)
    doors = (door, name_door(name_index(user_name)))
    commit(
        call,
        [
            *_replaced(call, doors, known, digest=digest_of(new)),
            next_session_epoch(who, standing),
            renewed,
            *_others(call),
            record(call, "person:password:changed"),
            sessions.notice(call, who, "password_changed", session_id=who.session_id),
        ],
    )
    return sessions.tokens_view(call, who, session_epoch=standing.session_epoch + 1, refresh_token=token)


def _door(login: str) -> Door:
    """Take what was typed for a number where it is one, else for a name; a name is never only digits."""
    try:
        return mobile_door(mobile_index(mobile_of(login)))
    except InvalidInput:
        return name_door(name_index(login))


def _own(call: Call) -> tuple[ProfileRow, StandingRow]:
    profile, standing = profile_and_standing(call.who.person_id)
    if profile is None or standing is None:
        raise Unauthenticated
    return profile, standing


def _recognised(call: Call, door: Door, password: str) -> Known:
    known = recognise(call, door, password)
    if known is None or known.login.person_id != call.who.person_id:
        raise PasswordWrong
    return known


def _admitted(call: Call, door: Door, known: Known, *, password: str) -> list[Write]:
    """Forget failures; where the digest is of an older strength, make both anew while the password is at hand."""
    if not known.digest_is_old:
        return [admit(door, known.login)]
    profile, _ = _own(call)
    mobile = mobile_door(mobile_index(profile.mobile.reveal()))
    name = name_door(name_index(profile.user_name.reveal()))
    return _replaced(call, (mobile, name), known, digest=digest_of(plain_password(password)))


def _replaced(call: Call, doors: tuple[Door, ...], known: Known, *, digest: str) -> list[Write]:
    sealed = LoginRow.password.seal(call.who.keys, digest)
    return [replace_password(door, known.login, sealed) for door in doors]


def _others(call: Call) -> list[Write]:
    return devices.cleared(call.who.person_id, but=call.who.session_id)
