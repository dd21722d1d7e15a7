"""The checked-in budgets, and the verdict on what was measured."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

FILE = Path(__file__).with_name("budgets.toml")
OUTSIDE = 0.25
"""What a request may spend outside the SDKs, in bare GetItems, unless the file says why it is more."""


class Ratio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bound on one measurement; `least` where it is a lower one."""

    budget: float
    least: bool = False
    what: str = ""

    def kept_by(self, value: float) -> bool:
        """Say whether a value keeps it."""
        return value >= self.budget if self.least else value <= self.budget


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one request of a route may ask of AWS: these calls in this order, and these units.

    `floor` is the fewest calls that the verb itself needs (research/performance.md, section 4); standing, limits
    and the outbox come on top of it, one call each. `over` are calls beyond that, and `why` says what they are for.
    `cpu` bounds the CPU of the whole request by that of the same calls with a bare client, `outside` what it spends
    outside the SDKs by one bare GetItem. A route that calls has both, or says in `unbounded` why it can't be held
    against canned answers. Numbers and reasons: docs/decisions/0016 and 0017.
    """

    calls: str
    rcu: float
    wcu: int
    floor: int
    over: int = 0
    why: str = ""
    cpu: float = 0.0
    outside: float = OUTSIDE
    unbounded: str = ""


class Budgets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every budget."""

    ratios: dict[str, Ratio]
    routes: dict[str, Route]


class Line(msgspec.Struct, frozen=True):
    """One budget with what was measured."""

    name: str
    value: Any
    budget: Any
    ok: bool
    told: str = ""


class NoBudget(LookupError):
    """Something is measured that has no budget; names it."""


def budgets(file: Path = FILE) -> Budgets:
    """Read the budgets."""
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), type=Budgets)


class Verdicts:
    """Holds measurements against the budgets."""

    def __init__(self, known: Budgets) -> None:
        """Take the budgets; nothing is measured yet."""
        self.budgets = known
        self.lines: list[Line] = []

    def ratio(self, name: str, value: float, told: str = "") -> None:
        """Judge one measurement.

        Raises:
            NoBudget: nobody said how much it may be.
        """
        bound = self.budgets.ratios.get(name)
        if bound is None:
            raise NoBudget(name)
        self.lines.append(Line(name, round(value, 3), bound.budget, bound.kept_by(value), told or bound.what))

    def same(self, name: str, value: object, budget: object) -> None:
        """Judge what must be exactly as it is written down."""
        self.lines.append(Line(name, value, budget, value == budget))

    def most(self, name: str, value: float, budget: float, *, told: str = "") -> None:
        """Judge against a bound of the route at hand."""
        self.lines.append(Line(name, round(value, 3), budget, value <= budget, told))

    @property
    def over(self) -> list[Line]:
        """What does not keep its budget."""
        return [line for line in self.lines if not line.ok]

    def unmeasured(self) -> list[str]:
        """Name budgets that nothing was held against."""
        return sorted(self.budgets.ratios.keys() - {line.name for line in self.lines})
