"""Freezing an account at once, and thawing it by proof."""

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing.access import (
    AccountClosing,
    AccountFrozen,
    commit,
    person_of,
    reference,
    refuse_unless_active,
)
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, StandingRow
from chalicelib.foundation.store.write import Write

from ..contracts.codes import FreezeAccount, ThawAccount
from ..errors import CodeInvalid, LoginFailed
from ..rules.freezing import FreezeGround, ground_of_freeze, owner_may_thaw
from ..rules.numbers import mobile_of
from ..tables.codes import use_code
from ..tables.freezing import freeze, thaw
from ..tables.logins import admit, mobile_door, still_leads
from . import devices, sessions
from .by_code import holder_of
from .codes import mobile_index, prove_code
from .passwords import recognise

LEGAL_GROUND = "freeze"
"""What is written for somebody who is not, or no longer, active."""


def freeze_account(call: Call, command: FreezeAccount) -> None:
    """Freeze the account of whoever proves its number; nobody need be logged in. What is frozen stays so.

    Keeps: K6.1

    Raises:
        InvalidInput: no mobile number of mainland China.
        CodeInvalid: wrong, or no account has this number.
        AccountClosing: it is being cancelled.
    """
    found = holder_of(call, "freeze", mobile_of(command.mobile), code=command.code)
    used = [use_code(found.code, CodeInvalid), still_leads(found.door, found.login, CodeInvalid)]
    call = msgspec.structs.replace(call, person=person_of(found.standing))
    commit(call, [*used, *frozen(call, found.standing, "owner")], legal_ground=LEGAL_GROUND)


def frozen(call: Call, standing: StandingRow, ground: FreezeGround, *, actor: str = "self") -> list[Write]:
    """Freeze somebody's account and end every session: writes for the transaction of whoever decides it.

    The weightier of two grounds holds; the caller commits them under `LEGAL_GROUND`.

    Args:
        call: the request that decides it.
        standing: of the person, just read.
        ground: why, from the closed list.
        actor: who, as audit entries name them; `self` or `staff:<role>`.

    Keeps: K6.1, K6.5

    Raises:
        AccountClosing: it is being cancelled.
    """
    if standing.status not in {ACTIVE, FROZEN}:
        raise AccountClosing
    before = standing.frozen_for if standing.status == ACTIVE else standing.frozen_for or "authority"
    source = "person" if actor == "self" else "staff"
    return [
        freeze(standing, ground_of_freeze(before, ground), call.now),
        *devices.cleared(standing.pk),
        record(call, f"{source}:account:frozen", reference=reference(standing), subject_id=ground, actor=actor),
        sessions.notice(call, person_of(standing), "account_frozen", session_id=""),
    ]


def thaw_account(call: Call, command: ThawAccount) -> None:
    """Lift a freeze of one's own by number, code and password; whoever is active already stays so.

    The sessions that the freeze has ended stay ended.

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
    door = mobile_door(index)
    known = recognise(call, door, command.password)
    if known is None:
        raise LoginFailed
    call = msgspec.structs.replace(call, person=person_of(known.standing))
    done = [use_code(code, CodeInvalid), admit(door, known.login)]
    if known.standing.status == FROZEN:
        if not owner_may_thaw(known.standing.frozen_for):
            raise AccountFrozen
        done += thawed(call, known.standing)
    else:
        refuse_unless_active(known.standing.status)
    commit(call, done, legal_ground=LEGAL_GROUND)


def thawed(call: Call, standing: StandingRow, *, actor: str = "self") -> list[Write]:
    """Thaw somebody's account: writes for the transaction of whoever has checked that it may be.

    Keeps: K6.4
    """
    source = "person" if actor == "self" else "staff"
    ground = standing.frozen_for or ""
    return [
        thaw(standing),
        record(call, f"{source}:account:thawed", reference=reference(standing), subject_id=ground, actor=actor),
        sessions.notice(call, person_of(standing), "account_thawed", session_id=""),
    ]
