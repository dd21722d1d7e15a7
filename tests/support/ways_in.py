"""The ways into an account that a code opens, tried below the edge."""

from datetime import datetime
from typing import Any

import msgspec

from chalicelib.accounts.contracts.accounts import CodePurpose, SendCode
from chalicelib.accounts.contracts.codes import (
    ChangeMobile,
    FreezeOwnAccount,
    LogInByCode,
    ResetPassword,
    ThawOwnAccount,
)
from chalicelib.accounts.service import by_code, codes, freezing, moving, sessions
from chalicelib.accounts.tables.codes import sent_key
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, delete
from chalicelib.foundation.web.limits import CounterRow

from .accounts import PASSWORD, Member, caller, guest
from .clocks import began
from .cloud import TestCloud
from .counterparties import Counterparties
from .passwords import NEXT

INVALID = "accounts.code_invalid"
FROZEN = "account.frozen"


def outcome(verb: Any, *given: Any) -> str:
    """Give `done`, or the code of the refusal."""
    try:
        verb(*given)
    except Failure as refused:
        return refused.code
    return "done"


def code_to(counterparties: Counterparties, mobile: str, purpose: CodePurpose, at: datetime | None = None) -> str:
    """Have a code sent to a number, and read it off the phone."""
    codes.send_code(guest(at or began()), SendCode(mobile=mobile, purpose=purpose))
    code = counterparties.sms(f"+86{mobile}")
    assert code is not None
    return code


def as_if_none_went(mobile: str, purpose: str, at: datetime) -> None:
    """Forget when codes went to a number, for this purpose and in general."""
    index = codes.mobile_index(f"+86{mobile}")
    total = (CounterRow, f"LIMIT#codes_{purpose}#{index}", f"86400#{int(at.timestamp()) // 86400}")
    commit([delete(sent_key(index)), delete(sent_key(index, f"{purpose}#{guest(at).address_hash}")), delete(total)])


def wrong(code: str) -> str:
    """Give another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def log_in(who: Member, code: str, at: datetime | None = None, **changes: Any) -> Member:
    """Log in by a code."""
    view = by_code.log_in_by_code(guest(at or began(), **changes), LogInByCode(mobile=who.mobile, code=code))
    return who.holding(msgspec.to_builtins(view))


def try_log_in(mobile: str, code: str, at: datetime | None = None) -> str:
    """Try to log in by a code."""
    return outcome(by_code.log_in_by_code, guest(at or began()), LogInByCode(mobile=mobile, code=code))


def try_reset(mobile: str, code: str, new: str = NEXT, at: datetime | None = None) -> str:
    """Try to reset a password."""
    asked = ResetPassword(mobile=mobile, code=code, new_password=new)
    return outcome(by_code.reset_password, guest(at or began(), purpose="account.security"), asked)


def try_freeze(mobile: str, code: str, at: datetime | None = None) -> str:
    """Try to freeze an account."""
    call = guest(at or began(), purpose="account.security")
    return outcome(freezing.freeze_own_account, call, FreezeOwnAccount(mobile=mobile, code=code))


def try_thaw(mobile: str, code: str, password: str = PASSWORD, at: datetime | None = None) -> str:
    """Try to thaw an account."""
    asked = ThawOwnAccount(mobile=mobile, code=code, password=password)
    return outcome(freezing.thaw_own_account, guest(at or began(), purpose="account.security"), asked)


def move(who: Member, mobile: str, codes_given: tuple[str, str], at: datetime | None = None) -> Member:
    """Change the number of somebody who has proved both."""
    asked = ChangeMobile(mobile=mobile, code=codes_given[0], old_code=codes_given[1])
    view = moving.change_mobile(caller(who, at or began(), purpose="account.security"), asked)
    return who.holding(msgspec.to_builtins(view))._replace(mobile=mobile)


def standing(who: Member) -> StandingRow:
    """Read somebody's standing as it is stored now."""
    row = access.load(who.person_id)
    assert row is not None
    return row


def alive(who: Member, at: datetime | None = None) -> set[str]:
    """Name the live sessions of somebody."""
    return {one.session_id for one in sessions.list_sessions(caller(who, at or began())).data}


def told(cloud: TestCloud, event: str) -> int:
    """Count the security notices of an event that were written."""
    bodies = [msgspec.json.decode(item["body"]["S"]) for item in cloud.items("outbox")]
    return [body["body"].get("event") for body in bodies].count(event)


def recorded(cloud: TestCloud, action: str) -> int:
    """Count the audit entries of an action."""
    return [item["action"]["S"] for item in cloud.items("evidence") if "action" in item].count(action)
