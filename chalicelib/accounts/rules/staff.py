"""Pure decisions about staff: the second factor, waits, what opens personal data."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.clock import rfc3339

Ties = dict[str, str]
"""Until when somebody is too close to approve, by their reference in the evidence."""


class Colleague(NamedTuple):
    """Who held a member's invitations, and who noted their training, lately."""

    reference: str
    invited_by: Ties | None
    trained_by: Ties | None


STAFF_TRIES: Final = 5
STAFF_WAITS: Final = tuple(timedelta(minutes=m) for m in (15, 60, 240))
"""The wait after each round of failed tries; the last one repeats."""
INVITATION_LIFE: Final = timedelta(hours=24)
STEP_S: Final = 30
APPROVERS: Final[dict[str, frozenset[Role]]] = {
    "age": frozenset({Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    "guardians": frozenset({Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    "invitation": frozenset({Role.ADMINISTRATOR, Role.PRIVACY_OFFICER}),
    "look": frozenset({Role.PRIVACY_OFFICER}),
    "right": frozenset({Role.PRIVACY_OFFICER}),
    "identity": frozenset({Role.PRIVACY_OFFICER}),
    "roles": frozenset({Role.ADMINISTRATOR, Role.PRIVACY_OFFICER}),
}
"""Who may be the second person, by what is to be approved."""
GUARDED: Final = frozenset({Role.CUSTOMER_SERVICE, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR})
"""Roles that come to people's data or to staff: nobody is given one by one administrator alone."""
TIED_FOR: Final = timedelta(days=30)
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


def is_guarded(roles: Iterable[str]) -> bool:
    """Say whether these roles take a second person's approval.

    Keeps: K7.4
    """
    return not GUARDED.isdisjoint(roles)


def tied_to(ties: Ties | None, reference: str, now: datetime) -> Ties:
    """Note that somebody had another's way in or training in hand; what is over goes."""
    return {**_current(ties, now), reference: rfc3339(now + TIED_FOR)}


def are_related(one: Colleague, other: Colleague, now: datetime) -> bool:
    """Say whether one is too close to another to approve for them.

    One invited, reset or trained the other, or the same third person held the invitations of both.

    Keeps: K7.4
    """
    invited = [set(_current(who.invited_by, now)) for who in (one, other)]
    trained = [set(_current(who.trained_by, now)) for who in (one, other)]
    if invited[0] & invited[1]:
        return True
    return one.reference in invited[1] | trained[1] or other.reference in invited[0] | trained[0]


def _current(ties: Ties | None, now: datetime) -> Ties:
    return {reference: until for reference, until in (ties or {}).items() if until > rfc3339(now)}


def administrators_change(before: Iterable[str], after: Iterable[str]) -> int:
    """Say by how many a change of one member's roles changes the number of administrators."""
    return (Role.ADMINISTRATOR in set(after)) - (Role.ADMINISTRATOR in set(before))
