"""Freezing one's own account at once, and thawing it by proof."""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing.access import AccountClosing, commit, freeze, person_of, refuse_unless_active, thaw
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, OWN_FREEZE, StandingRow
from chalicelib.foundation.store.write import Write

from ..contracts.codes import FreezeOwnAccount, ThawOwnAccount
from ..errors import CodeInvalid, LoginFailed
from ..rules.numbers import mobile_of
from ..tables.codes import use_code
from ..tables.logins import admit, mobile_door, still_leads
from . import devices, sessions
from .by_code import holder_of
from .codes import mobile_index, prove_code
from .passwords import recognise

_GROUND = "freeze"
"""What is written for somebody who is not, or no longer, active."""


def freeze_own_account(call: Call, command: FreezeOwnAccount) -> None:
    """Freeze the account of whoever proves its number; nobody need be logged in.

    What is frozen stays frozen by whoever froze it, so nobody turns a freeze of staff into one that they lift.

    Keeps: K6.1, K6.5

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: wrong, or no account has this number.
        AccountClosing: it is being cancelled.
    """
    found = holder_of(call, "freeze", mobile_of(command.mobile), code=command.code)
    if found.standing.status not in {ACTIVE, FROZEN}:
        raise AccountClosing
    call = msgspec.structs.replace(call, person=person_of(found.standing))
    done = [use_code(found.code, CodeInvalid), still_leads(found.door, found.login, CodeInvalid)]
    if found.standing.status == ACTIVE:
        done += _frozen(call, found.standing)
    commit(call, done, legal_ground=_GROUND)


def thaw_own_account(call: Call, command: ThawOwnAccount) -> None:
    """Lift a freeze of one's own by number, code and password; whoever is active already stays so.

    Keeps: K6.4, K6.5

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: the code is wrong.
        LoginFailed: no account has this number, the password is wrong, a wait is on, or staff froze it; it does not
            say which.
        AccountClosing: it is being cancelled.
    """
    index = mobile_index(mobile_of(command.mobile))
    code = prove_code(call, "thaw", index, code=command.code)
    door = mobile_door(index)
    known = recognise(call, door, command.password)
    if known is None:
        raise LoginFailed
    call = msgspec.structs.replace(call, person=person_of(known.standing))
    done = [use_code(code, CodeInvalid), admit(door, known.login)]
    if known.standing.status == FROZEN:
        if known.standing.frozen_by != OWN_FREEZE:
            raise LoginFailed
        done += _thawed(call, known.standing)
    else:
        refuse_unless_active(known.standing.status)
    commit(call, done, legal_ground=_GROUND)


def _frozen(call: Call, standing: StandingRow) -> list[Write]:
    return [
        freeze(standing, OWN_FREEZE, otherwise=Busy),
        *devices.cleared(standing.pk),
        record(call, "person:account:frozen"),
        sessions.notice(call, call.who, "owner_froze", session_id=""),
    ]


def _thawed(call: Call, standing: StandingRow) -> list[Write]:
    return [
        thaw(standing, otherwise=Busy),
        record(call, "person:account:thawed"),
        sessions.notice(call, call.who, "owner_thawed", session_id=""),
    ]
