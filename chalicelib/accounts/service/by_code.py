"""Coming in by a code to the number: log-in, proving once more who is there, a new password for a forgotten one.

A wrong code takes the same single call whether the number has an account or not. A right one, for a number without
an account, answers like a wrong one: whoever holds the phone learns no more than that it opens nothing.
"""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, Unauthenticated
from chalicelib.foundation.standing.access import commit, load, next_session_epoch, person_of, refuse_unless_active
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.web import tokens

from ..contracts.codes import LogInByCode, ReauthenticateByCode, ResetPassword
from ..contracts.sessions import AccessView, TokensView
from ..errors import CodeInvalid, PasswordWeak
from ..rules.numbers import mobile_of
from ..rules.passwords import password_of
from ..tables.codes import CodeRow, use_code
from ..tables.logins import Door, LoginRow, mobile_door, name_door, replace_password, still_leads
from ..tables.profile import profile_and_standing
from . import devices, sessions
from .codes import give_back, mobile_index, prove_code
from .passwords import digest_of, name_index


class Holder(msgspec.Struct, frozen=True):
    """Who has proved a number by its code, and what to write so that it stays true."""

    door: Door
    login: LoginRow
    standing: StandingRow
    code: CodeRow


def holder_of(call: Call, purpose: str, mobile: str, *, code: str) -> Holder:
    """Find whose account a number opens, once its code is right.

    Keeps: B1.5, K4.3, K4.4

    Raises:
        CodeInvalid: the code is wrong, or the number has no account; it does not say which.
    """
    index = mobile_index(mobile)
    proved = prove_code(call, purpose, index, code=code)
    door = mobile_door(index)
    login = get(*door.key)
    standing = None if login is None else load(login.person_id, login.key_id)
    if login is None or standing is None:
        raise CodeInvalid
    return Holder(door, login, standing, proved)


def log_in_by_code(call: Call, command: LogInByCode) -> TokensView:
    """Log in by a code sent to the number.

    Keeps: A5, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: wrong, or no account has this number.
        AccountFrozen, AccountClosing: the code is right, but the account may not be used.
    """
    found = holder_of(call, "log_in", mobile_of(command.mobile), code=command.code)
    refuse_unless_active(found.standing.status)
    who = person_of(found.standing)
    session, view = sessions.begin(call, who, found.standing.session_epoch)
    call = msgspec.structs.replace(call, person=who)
    writes = [
        session,
        use_code(found.code, CodeInvalid),
        still_leads(found.door, found.login, CodeInvalid),
        record(call, "person:session:begun", subject_id=view.session_id),
        devices.arrived(call, who, view.session_id, session_epoch=found.standing.session_epoch),
    ]
    commit(call, writes)
    return view


def reauthenticate_by_code(call: Call, command: ReauthenticateByCode) -> AccessView:
    """Prove by a code to the account's own number that it is still the owner; good for five minutes.

    Keeps: K4.3

    Raises:
        CodeInvalid: wrong, used, expired, or tried too often.
    """
    profile, standing = profile_and_standing(call.who.person_id)
    if profile is None or standing is None:
        raise Unauthenticated
    proved = prove_code(call, "prove", mobile_index(profile.mobile.reveal()), code=command.code)
    commit(
        call,
        [use_code(proved, CodeInvalid), record(call, "person:identity:proved", subject_id=call.who.session_id)],
    )
    return AccessView(
        access_token=sessions.access_token(call, call.who, standing.session_epoch, proved_at=call.now),
        expires_in_s=int(tokens.LIFE.total_seconds()),
        reauthenticated_at=call.now,
    )


def reset_password(call: Call, command: ResetPassword) -> None:
    """Set a new password by number and code; every session ends, and the owner is told.

    A frozen account is thawed first: a code alone must not make the password that lifts the freeze.

    Keeps: B1.5, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China.
        PasswordWeak: against the rules; the code is not used up.
        CodeInvalid: wrong, or no account has this number.
        AccountFrozen, AccountClosing: the code is right, but the account may not be used.
    """
    mobile = mobile_of(command.mobile)
    password_of(command.new_password, user_name="", mobile=mobile, pointer="/new_password")
    found = holder_of(call, "reset_password", mobile, code=command.code)
    refuse_unless_active(found.standing.status)
    user_name, new = _new_password(found, mobile, command.new_password)
    who = person_of(found.standing)
    call = msgspec.structs.replace(call, person=who)
    sealed = LoginRow.password.seal(who.keys, digest_of(new))
    doors = (found.door, name_door(name_index(user_name)))
    commit(
        call,
        [
            use_code(found.code, CodeInvalid),
            *(replace_password(door, found.login, sealed) for door in doors),
            next_session_epoch(who, found.standing, otherwise=Busy),
            *devices.cleared(who.person_id),
            record(call, "person:password:reset"),
            sessions.notice(call, who, "password_reset", session_id=""),
        ],
    )


def _new_password(found: Holder, mobile: str, password: str) -> tuple[str, str]:
    """Hold a new password against the name that it must not be made of; a code that it wastes is given back."""
    profile, _ = profile_and_standing(found.login.person_id)
    if profile is None:
        raise CodeInvalid
    user_name = profile.user_name.reveal()
    try:
        return user_name, password_of(password, user_name=user_name, mobile=mobile, pointer="/new_password")
    except PasswordWeak:
        give_back(found.code)
        raise
