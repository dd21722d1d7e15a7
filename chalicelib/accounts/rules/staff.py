"""Pure decisions about staff: the second factor, waits, what opens personal data."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from chalicelib.foundation.kernel.call import Role

STAFF_TRIES: Final = 5
STAFF_WAITS: Final = tuple(timedelta(minutes=m) for m in (15, 60, 240))
"""The wait after each round of failed tries; the last one repeats."""
INVITATION_LIFE: Final = timedelta(hours=24)
STEP_S: Final = 30
APPROVERS: Final[dict[str, frozenset[Role]]] = {
    "age": frozenset({Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    "guardians": frozenset({Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    "look": frozenset({Role.PRIVACY_OFFICER}),
    "roles": frozenset({Role.ADMINISTRATOR, Role.PRIVACY_OFFICER}),
}
"""Who may be the second person, by what is to be approved."""
_DRIFT: Final = (-1, 0, 1)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Say at which step of its clock a second factor shows this code, one step of drift allowed; None for never.

    Keeps: K4.3
    """
    import pyotp

    shown, at = pyotp.HOTP(secret), int(now.timestamp()) // STEP_S
    found = None
    for step in (at + drift for drift in _DRIFT):
        if hmac.compare_digest(shown.at(step), code):
            found = step
    return found


def staff_may_try_again(tried_at: datetime, rounds: int, now: datetime) -> bool:
    """Say whether the wait after a round of failed log-ins is over."""
    return now >= tried_at + STAFF_WAITS[min(rounds, len(STAFF_WAITS) - 1)]


def administrators_change(before: Iterable[str], after: Iterable[str]) -> int:
    """Say by how many a change of one member's roles changes the number of administrators."""
    return (Role.ADMINISTRATOR in set(after)) - (Role.ADMINISTRATOR in set(before))
