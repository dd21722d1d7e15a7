"""Wire shapes of what is decided about a minor in a case."""

from datetime import date, datetime
from typing import Literal

from chalicelib.foundation.kernel.shapes import Command, View


class DecideGuardians(Command):
    """What is decided where guardians disagree."""

    outcome: Literal["consent_stands", "consent_ended"]


class CorrectAge(Command):
    """When somebody was really born."""

    birth_date: date


class GuardedView(View):
    """How it stands now; `minor_until` is null for whoever is of age."""

    case_id: str
    minor_until: datetime | None
    guarded: Literal["child", "teen", "disputed"] | None
