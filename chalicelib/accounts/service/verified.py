"""Whether an account is verified: all that other functions ever learn of it."""

from typing import Final

from chalicelib.foundation.kernel.call import Person
from chalicelib.foundation.store.row import get

from ..tables.verification import own_verification

PURPOSE: Final = "account.verification"


def is_verified(who: Person) -> bool:
    """Say yes or no, and nothing else: the identity is verified, and may still be used.

    Keeps: B7.2
    """
    if PURPOSE not in who.consents:
        return False
    row = get(*own_verification(who.person_id))
    return row is not None and row.number is not None
