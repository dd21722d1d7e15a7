"""Passwords tried from outside, and what is stored of them."""

from datetime import datetime

import argon2

from chalicelib.accounts.contracts.sessions import LogIn
from chalicelib.accounts.service import logging_in, passwords
from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.tables.logins import LoginRow, mobile_door, name_door
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.store.write import commit, update

from .accounts import PASSWORD, Member, caller, guest
from .clocks import began

WRONG = "somebody else's guess"
NEXT = "回首向来萧瑟处 9"
FAILED = "accounts.login_failed"


def try_in(login: str, password: str = PASSWORD, at: datetime | None = None) -> str:
    """Try to log in; gives `in`, or the code of the refusal."""
    try:
        logging_in.log_in(guest(at or began()), LogIn(login=login, password=password))
    except Failure as refused:
        return refused.code
    return "in"


def logins(who: Member) -> list[LoginRow]:
    """Read both ways in of somebody."""
    doors = (
        mobile_door(mobile_index(f"+86{who.mobile}")),
        name_door(passwords.name_index(who.user_name)),
    )
    return [door.row.get(*door.key[1:]) for door in doors]


def weaken(who: Member) -> None:
    """Have their password kept by a digest of older strength."""
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    keys = caller(who, began()).who.keys
    for row in logins(who):
        sealed = type(row).password.seal(keys, weaker.hash(PASSWORD))
        commit([update(row, [type(row).password.set(sealed)])])
