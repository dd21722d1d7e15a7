"""Freezing one's account at once, and thawing it by proof."""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen, person_of, refuse_unless_active
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, OWNER, StandingRow
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

LEGAL_GROUND = "freeze"
"""What is written for somebody who is not, or no longer, active."""


def freeze_own_account(call: Call, command: FreezeOwnAccount) -> None:
    """Freeze the account of whoever proves its number; nobody need be logged in. What is frozen stays as it is.

    Keeps: K6.1, K6.5

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: wrong, or no account has this number.
        AccountClosing: it is being cancelled.
    """
    found = holder_of(call, "freeze", mobile_of(command.mobile), code=command.code)
    used = [use_code(found.code, CodeInvalid), still_leads(found.door, found.login, CodeInvalid)]
    call = msgspec.structs.replace(call, person=person_of(found.standing))
    if found.standing.status not in {ACTIVE, FROZEN}:
        raise AccountClosing
    frozen = _frozen(call, found.standing) if found.standing.status == ACTIVE else []
    access.commit(call, [*used, *frozen], legal_ground=LEGAL_GROUND)


def thaw_own_account(call: Call, command: ThawOwnAccount) -> None:
    """Lift a freeze of one's own by number, code and password; whoever is active already stays so.

    The sessions that the freeze has ended stay ended. Tries are counted apart from those at log-in, for
    whoever has read the code: strangers who guess at the number don't keep its owner out.

    Keeps: K6.4, K6.5

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: the code is wrong.
        LoginFailed: no account has this number, the password is wrong, or a wait is on; it does not say which.
        AccountFrozen: all is right, but the freeze is not the owner's own: customer service can help.
        AccountClosing: it is being cancelled.
    """
    index = mobile_index(mobile_of(command.mobile))
    code = prove_code(call, "thaw", index, code=command.code)
    door = mobile_door(index, own=True)
    known = recognise(call, door, command.password)
    if known is None:
        raise LoginFailed
    call = msgspec.structs.replace(call, person=person_of(known.standing))
    done = [use_code(code, CodeInvalid), admit(door, known.login)]
    if known.standing.status == FROZEN:
        if known.standing.frozen_by != OWNER:
            raise AccountFrozen
        done += _thawed(call, known.standing)
    else:
        refuse_unless_active(known.standing.status)
    access.commit(call, done, legal_ground=LEGAL_GROUND)


def _frozen(call: Call, standing: StandingRow) -> list[Write]:
    return [
        access.freeze(standing, OWNER, call.now, otherwise=Busy),
        *devices.cleared(standing.pk),
        record(call, "person:account:frozen"),
        sessions.notice(call, call.who, "frozen_by_code", session_id=""),
    ]


def _thawed(call: Call, standing: StandingRow) -> list[Write]:
    return [
        access.thaw(standing, otherwise=Busy),
        record(call, "person:account:thawed"),
        sessions.notice(call, call.who, "thawed_by_code", session_id=""),
    ]
