"""Nicknames and the guards of how they look: nobody has a name that the eye takes for somebody else's."""

from typing import Final

import msgspec

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.blind import blind

from ..errors import NicknameTaken
from ..tables.names import leave_name, take_name
from ..tables.profile import ProfileRow


class Named(msgspec.Struct, frozen=True):
    """What goes with another nickname: the index of its look where a guard holds it, and that the wait begins anew."""

    look: str = ""
    renamed: bool = False


AS_BEFORE: Final = Named()
_LETTERS: Final = 6


def pseudonym_of(person_id: str) -> str:
    """Give what others see of whoever has no nickname: always the same, and nothing that one logs in with.

    Keeps: B2.5
    """
    return f"玩家{blind('pseudonym', person_id)[:_LETTERS]}"


def name_taken(call: Call, row: ProfileRow, nickname: str) -> tuple[str, list[Write]]:
    """Take a nickname's look in place of the one before; gives its index where it is not the user name's own.

    Keeps: B2.7
    """
    from .passwords import look_index

    look = look_index(nickname)
    if look == look_index(row.user_name.reveal()):
        return "", name_left(row)
    taken = take_name(look, call.who, otherwise=NicknameTaken((FieldError("/nickname", "taken"),)))
    return look, [taken, *([] if look == row.nickname_look else name_left(row))]


def name_left(row: ProfileRow) -> list[Write]:
    """Leave the nickname of a profile to others."""
    return [leave_name(row.nickname_look, row.pk)] if row.nickname_look else []
