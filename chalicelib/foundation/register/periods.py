"""Arithmetic of retention periods: ISO 8601 durations added to a start."""

import re
from datetime import datetime, timedelta

_FORM = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_MONTHS = 12


def is_period(text: str) -> bool:
    """Whether the text is a duration that `end_of` understands, or ``none``."""
    return text == "none" or _FORM.fullmatch(text) is not None


def end_of(period: str, start_at: datetime) -> datetime:
    """Return when a period that began at ``start_at`` is over; ``none`` is over at once.

    A day that the last month lacks moves to the first of the next month, so that "at least three
    years" never falls short.
    """
    if period == "none":
        return start_at
    match = _FORM.fullmatch(period)
    if match is None:
        message = f"not a period: {period!r}"
        raise ValueError(message)
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    moved = _add_months(start_at, part["years"] * _MONTHS + part["months"])
    return moved + timedelta(days=part["days"], hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])


def _add_months(start_at: datetime, months: int) -> datetime:
    years, month = divmod(start_at.month - 1 + months, _MONTHS)
    try:
        return start_at.replace(year=start_at.year + years, month=month + 1)
    except ValueError:
        years, month = divmod(start_at.month + months, _MONTHS)
        return start_at.replace(year=start_at.year + years, month=month + 1, day=1)
