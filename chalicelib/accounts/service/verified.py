"""Whether an account is verified: all that other functions ever learn of it."""

from typing import Final

from chalicelib.foundation.kernel.call import Person

PURPOSE: Final = "account.verification"


def is_verified(who: Person) -> bool:
    """Say yes or no, and nothing else: the identity is verified, and may still be used.

    Keeps: B7.2
    """
    return who.identified and PURPOSE in who.consents
