"""Whose number it is that a code was read back from: for staff who must know whom they speak with, and no more."""

import hmac
from typing import Final

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import sms
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.kernel.ids import is_id
from chalicelib.foundation.standing.access import commit, person_of
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.web.limits import Limit, spend

from ..contracts.accounts import CodeSentView
from ..errors import CodeInvalid
from ..errors.desk import IdentityUnproved
from ..rules.identities import number_of, real_name_of
from ..rules.numbers import mobile_of
from ..tables.codes import use_code
from ..tables.logins import admit, mobile_door
from .codes import mobile_index, prove_code, send_code_to
from .passwords import recognise
from .profile import mobile_of as mobile_by_id
from .recovery import LEGAL_GROUND, account_at, door_of
from .verified import is_verified

_PURPOSE: Final = "identity"
_TOLD_FOR: Final = "notice.service"
_PER_ACCOUNT: Final = Limit("identity_account", 5, 86400)
_PER_NUMBER: Final = Limit("identity_number", 5, 86400)


def send_identity_code(call: Call, number: str) -> CodeSentView:
    """Send a code to a number, whether or not an account has it.

    Raises:
        InvalidInput: no mobile number of mainland China.
        TooMany: too soon, or too often for this number.
        CodesPaused: today's budget of messages is used up.
    """
    return send_code_to(call, mobile_of(number), _PURPOSE)


def person_by_code(call: Call, number: str, code: str) -> tuple[str, Write]:
    """Name the person whose account's number the code proves, and give what uses the code up.

    That no account has the number looks like a wrong code, also to staff.

    Raises:
        CodeInvalid: wrong, unknown, expired, used, tried too often, or nobody's.
    """
    index = mobile_index(mobile_of(number))
    row = prove_code(call, _PURPOSE, index, code=code)
    login = get(*mobile_door(index).key)
    if login is None:
        raise CodeInvalid
    return login.person_id, use_code(row, CodeInvalid)


def person_by_identity(call: Call, account: str, *, name: str, number: str) -> Person:
    """Give the owner of an account, frozen or not, whose verified identity is this name and number.

    Nothing of it is kept. The try is counted first, for the account and for the number; no account, no verified
    identity and another one give the same answer, after the same calls.

    Keeps: E1.1, K4.3

    Raises:
        InvalidInput: no such name or number can exist.
        TooMany: too many tries on this account or this number today.
        IdentityUnproved: it is not theirs, as far as we know.
    """
    said, told = real_name_of(name), number_of(number, call.now.date())
    door = door_of(account)
    spend(_PER_ACCOUNT, blind("desk_tries", door.index), call.now).refuse_when_over()
    spend(_PER_NUMBER, blind("desk_tries", told), call.now).refuse_when_over()
    found = account_at(door)
    row = found.held.verification
    seen = None if found.standing is None else person_of(found.standing)
    whose = seen if seen is not None and seen.status in {ACTIVE, FROZEN} and is_verified(seen) else None
    known_name = "" if whose is None or row is None or row.name is None else row.name.reveal()
    known_index = "" if whose is None or row is None else row.identity_index or ""
    same_name = hmac.compare_digest(known_name.encode(), said.encode())
    same_number = hmac.compare_digest(known_index, blind("identity", told))
    if whose is None or not same_name or not same_number:
        raise IdentityUnproved
    return whose


def tell_number(call: Call) -> None:
    """Tell the number that an account has that customer service was shown who its owner is.

    Keeps: G1.2, I2.3
    """
    if call.person is None:
        return
    mobile = mobile_by_id(call.who.person_id)
    if mobile is None:
        return
    under = disclose(sms.RECIPIENT, ("account.mobile",), purpose=_TOLD_FOR, at=call.now)
    commit(call, [disclosed(call, under)], legal_ground=LEGAL_GROUND)
    try:
        sms.send_checked(mobile, under=under)
    except Failure:
        return  # the inbox has it, and asking a provider twice might say it twice


def person_called(account: str) -> str | None:
    """Name the person behind a number, a user name or an account's id; of nobody, nothing."""
    if is_id("per", account):
        return account
    login = get(*door_of(account).key)
    return None if login is None else login.person_id


def person_by_password(call: Call, account: str, password: str) -> tuple[Person, Write] | None:
    """Give whoever has this number or user name and knows the password, in whatever state, and what admits them.

    None when it is wrong, nobody is there, or a wait is on: the work is the same.
    """
    door = door_of(account)
    known = recognise(call, door, password)
    return None if known is None else (person_of(known.standing), admit(door, known.login))
