"""Whose number it is that a code was read back from: for staff who must know whom they speak with, and no more."""

from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.standing.access import person_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write

from ..contracts.accounts import CodeSentView
from ..errors import CodeInvalid
from ..rules.numbers import mobile_of
from ..tables.codes import use_code
from ..tables.logins import admit, mobile_door
from .codes import mobile_index, prove_code, send_code_to
from .passwords import recognise
from .recovery import door_of

_PURPOSE = "identity"


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


def person_by_password(call: Call, account: str, password: str) -> tuple[Person, Write] | None:
    """Give whoever has this number or user name and knows the password, in whatever state, and what admits them.

    None when it is wrong, nobody is there, or a wait is on: the work is the same.
    """
    door = door_of(account)
    known = recognise(call, door, password)
    return None if known is None else (person_of(known.standing), admit(door, known.login))
