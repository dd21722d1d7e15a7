"""Plans of an erasure: what a plan can't find but stays, what is stored of a plan, what a certificate says of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from ...foundation.audit.reading import count_about, kinds
from ...foundation.register import lookup
from ...foundation.register.periods import end_of
from ...foundation.store.declare import Ending
from ...foundation.store.planner import Fate, Line, kept_line, last_day, owned, personal, row_class
from ...foundation.store.row import Row
from ..tables import CancellationRow

Stored = dict[str, Any]
_Key = tuple[str, str, str]
NETWORK_LOG = "network_log"
"""How the lines of the functions' logs are named beside kinds of rows."""
_CUTTING = "cutting"
"""The verb of lines that a pass which is under way is about to cut."""


def remaining(reference: str, now: datetime) -> list[Line]:
    """Name what stays beside the person's own records.

    That is the evidence, cut loose, and the case of the request itself; and, until they end by themselves, what no
    traversal finds because it stands under no name of the person's: counters, codes, and the network log.

    Keeps: J7.2
    """
    evidence = [kept_line(row, now, count) for row, count in count_about(reference).items()]
    nameless = [_passing(row.row_kind, {said.item for _, said in personal(row)}, now) for row in _nameless()]
    logged = {item.id for item in lookup.items() if "logs" in item.held}
    return [*evidence, kept_line(CancellationRow, now, 1), *nameless, _passing(NETWORK_LOG, logged, now)]


def _passing(kind: str, items: set[str], now: datetime) -> Line:
    rules = {lookup.item(item).retention for item in items}
    ends, rule = max((end_of(lookup.retention(rule).period, now), rule) for rule in rules)
    return Line(kind, "cut", last_day(ends).isoformat(), rule, (), tuple(sorted(items)), None)


@cache
def _nameless() -> list[type[Row]]:
    """List the row classes that say something about people and do not say about whom."""
    known = {*owned().values(), *kinds().values(), CancellationRow}
    others = [row for row in map(row_class, lookup.rows()) if row not in known]
    return [row for row in others if personal(row)]


def stored(lines: list[Line]) -> list[Stored]:
    """Give what is stored of a plan: what its kinds declare anyway is left out, so that years of lines fit one item."""
    return [
        {"kind": li.kind, "verb": li.verb, "until": li.until, "retention": li.retention, "count": li.count}
        for li in lines
    ]


def begun(confirmed: list[Stored], found: list[Line]) -> list[Stored]:
    """Give what an erasure begins with: so many of each kind that go, as confirmed or as found now, if that is more.

    What stays is not taken over from a plan: it is noted when it is cut.
    """
    going = Counter[str]()
    for line in [*confirmed, *stored(found)]:
        if line["verb"] == "delete":
            going[line["kind"]] = max(going[line["kind"]], line["count"])
    return [{"kind": kind, "verb": "delete", "until": "", "retention": "", "count": n} for kind, n in going.items()]


def kept(lines: list[Stored]) -> list[Stored]:
    """Pick the lines of what is kept."""
    return [line for line in lines if line["verb"] in {"cut", _CUTTING}]


def gone(lines: list[Stored], counts: dict[str, int]) -> dict[str, int]:
    """Say how much of each kind there was, and is gone or cut loose.

    Counts are saved every few hundred records; what a killed process had removed since is known by what there was.
    """
    there = {f"{line['kind']}:{line['verb']}": line["count"] for line in lines if line["verb"] == "delete"}
    cut = Counter[str]()
    for line in kept(lines):
        cut[f"{line['kind']}:cut"] += line["count"]
    return {name: max(n, counts.get(name, 0)) for name, n in {**counts, **there, **cut}.items()}


class Cuts:
    """What is cut loose and kept, by kind, end and rule, across passes and across kills.

    Before a pass it is noted what the pass will cut; what is then left to cut after a kill tells what was cut.
    """

    def __init__(self, lines: list[Stored]) -> None:
        """Go on from what is stored."""
        self._others = [line for line in lines if line["verb"] == "delete"]
        self._cut = _counted(lines, "cut")
        self._ahead = _counted(lines, _CUTTING)

    def begin(self, fates: Iterable[Fate]) -> None:
        """Note what a pass is about to cut."""
        ahead = Counter(_key(fate) for fate in fates if fate.verb == "cut")
        self._cut += self._ahead - ahead
        self._ahead = ahead

    def add(self, fate: Fate) -> None:
        """Note what was cut, if it was."""
        if fate.verb == "cut":
            self._cut[_key(fate)] += 1
            self._ahead[_key(fate)] -= 1

    def end(self) -> None:
        """End a pass: what was ahead and is not cut by now is somebody else's, or gone."""
        self._ahead.clear()

    def lines(self) -> list[Stored]:
        """Give what is to be stored."""
        return [*self._others, *_lines(self._cut, "cut"), *_lines(self._ahead, _CUTTING)]


def certified(reference: str, lines: list[Stored], now: datetime) -> list[dict[str, Any]]:
    """Say what stays, by kind and rule: how many, which items, how long, until when at the latest, on which ground."""
    told = [*kept(lines), *stored(remaining(reference, now))]
    return [_told(kind, rule, told) for kind, rule in sorted({(line["kind"], line["retention"]) for line in told})]


def _key(fate: Fate) -> _Key:
    return fate.found.row.row_kind, fate.until.isoformat() if fate.until else "", fate.retention


def _counted(lines: list[Stored], verb: str) -> Counter[_Key]:
    return Counter({(li["kind"], li["until"], li["retention"]): li["count"] for li in lines if li["verb"] == verb})


def _lines(counts: Counter[_Key], verb: str) -> list[Stored]:
    return [
        {"kind": kind, "verb": verb, "until": until, "retention": rule, "count": count}
        for (kind, until, rule), count in sorted(counts.items())
        if count > 0
    ]


def _told(kind: str, rule: str, lines: list[Stored]) -> dict[str, Any]:
    same = [line for line in lines if (line["kind"], line["retention"]) == (kind, rule)]
    counted = [line["count"] for line in same if line["count"] is not None]
    return {
        "record": kind,
        "count": sum(counted) if counted else None,
        "items": _kept_items(kind),
        "period": lookup.retention(rule).title_en,
        "until": max(str(line["until"]) for line in same),
        "ground": lookup.retention(rule).ground_en,
    }


def _kept_items(kind: str) -> list[str]:
    if kind == NETWORK_LOG:
        return sorted(item.id for item in lookup.items() if "logs" in item.held)
    row = _row(kind)
    return sorted({said.item for _, said in personal(row) if said.ending is Ending.KEEP or row in _nameless()})


def _row(kind: str) -> type[Row]:
    known: dict[str, type[Row]] = {name: row for (_, name), row in owned().items()}
    known |= kinds()
    known |= {row.row_kind: row for row in _nameless()}
    known[CancellationRow.row_kind] = CancellationRow
    return known[kind]
