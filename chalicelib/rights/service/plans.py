"""Plans of an erasure: what a plan can't find but stays, what is stored of a plan, what a certificate says of it."""

from datetime import datetime
from typing import Any

from ...foundation.audit.reading import count_about, kinds
from ...foundation.register import lookup
from ...foundation.store.declare import Ending
from ...foundation.store.planner import Line, kept_line, owned, personal
from ...foundation.store.row import Row
from ..tables import CancellationRow

Stored = dict[str, Any]


def remaining(reference: str, now: datetime) -> list[Line]:
    """Name what stays beside the person's own records: the evidence, cut loose, and the case of the request itself.

    Keeps: J7.2
    """
    evidence = [kept_line(row, now, count) for row, count in count_about(reference).items()]
    return [*evidence, kept_line(CancellationRow, now, 1)]


def stored(lines: list[Line]) -> list[Stored]:
    """Give what is stored of a plan: what its kinds declare anyway is left out, so that years of lines fit one item."""
    return [
        {"kind": li.kind, "verb": li.verb, "until": li.until, "retention": li.retention, "count": li.count}
        for li in lines
    ]


def kept(lines: list[Stored]) -> list[Stored]:
    """Pick the lines of what is kept."""
    return [line for line in lines if line["verb"] == "cut"]


def certified(reference: str, lines: list[Stored], now: datetime) -> list[dict[str, Any]]:
    """Say what stays, by kind and rule: how many, which items, until when at the latest, on which ground."""
    told = [*kept(lines), *stored(remaining(reference, now))]
    return [_told(kind, rule, told) for kind, rule in sorted({(line["kind"], line["retention"]) for line in told})]


def _told(kind: str, rule: str, lines: list[Stored]) -> dict[str, Any]:
    same = [line for line in lines if (line["kind"], line["retention"]) == (kind, rule)]
    return {
        "record": kind,
        "count": sum(line["count"] for line in same),
        "items": _kept_items(kind),
        "until": max(str(line["until"]) for line in same),
        "ground": lookup.retention(rule).ground_en,
    }


def _kept_items(kind: str) -> list[str]:
    return sorted({said.item for _, said in personal(_row(kind)) if said.ending is Ending.KEEP})


def _row(kind: str) -> type[Row]:
    known: dict[str, type[Row]] = {name: row for (_, name), row in owned().items()}
    known |= kinds()
    known[CancellationRow.row_kind] = CancellationRow
    return known[kind]
