"""Pure decisions about age and guardians: birthdays in China, whose word counts, what answers add up to."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from chalicelib.foundation.kernel.call import Minor
from chalicelib.foundation.standing.minors import DISPUTED, Stage

CHILD_YEARS: Final = 14
MINOR_YEARS: Final = 18
INVITED_FOR: Final = timedelta(days=7)
MOST_GUARDIANS: Final = 4
MOST_WARDS: Final = 20
RANK: Final = {"declared": 0, "guardian": 1, "staff": 2, "verified": 3}
"""Whose word on somebody's age outweighs whose."""
_CHINA: Final = timezone(timedelta(hours=8))


def birthday(born: date, years: int) -> datetime:
    """Give the midnight in China with which somebody turns so old.

    Whoever was born on 29 February turns it on 1 March of a year without one: rather a day late than a day early.

    Keeps: M1.2, M2.4
    """
    try:
        day = born.replace(year=born.year + years)
    except ValueError:
        day = date(born.year + years, 3, 1)
    return datetime(day.year, day.month, day.day, tzinfo=_CHINA).astimezone(UTC)


def minor_born(born: date, told_by: str) -> Minor:
    """Make what is known of somebody born on a day."""
    return Minor(birthday(born, CHILD_YEARS), birthday(born, MINOR_YEARS), told_by)


def settled(seen: Minor | None, said: Minor, *, identified: bool, now: datetime) -> Minor | None:
    """Decide what stands after somebody said how old a person is; None for nobody under age.

    A person's own word makes them younger and never older, and counts for nothing once the authority has spoken.

    Keeps: M1.2, M2.4
    """
    before = seen if seen is not None and now < seen.minor_until else None
    if identified and said.told_by != "verified":
        return before
    if before is not None and RANK[said.told_by] < RANK[before.told_by]:
        return before
    if said.told_by == "declared" and before is not None and said.minor_until <= before.minor_until:
        return before
    if now >= said.minor_until:
        return None
    kept = before or said
    return Minor(said.child_until, said.minor_until, said.told_by, kept.guarded, kept.limited)


def agreed_on(answers: Collection[str], stage: Stage) -> str:
    """Say what the answers of guardians for one age add up to: that age, `disputed`, or nothing.

    Keeps: M2.2
    """
    against = {"refused", "withdrawn"} & set(answers)
    if "agreed" not in answers:
        return ""
    return DISPUTED if against else stage


def next_birthday(minor: Minor, now: datetime) -> datetime:
    """Say when something changes next."""
    return minor.child_until if now < minor.child_until else minor.minor_until
