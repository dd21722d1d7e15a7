"""What grows with the number of rows or row classes, against the budgets."""

import statistics
import sys

import msgspec

from . import lives, rows
from .budgets import Verdicts
from .programs import Stand, output

COUNTS = (100, 500, 1000, 2000, 5000)
_NOTHING = {"asked": "DynamoDB_20120810.GetItem", "status": 200, "headers": {}, "body": "e30="}


def judge_rows(verdicts: Verdicts, stand: Stand) -> None:
    """Judge what each further row class costs."""
    stand.server.load("tape", msgspec.json.encode([_NOTHING]))
    command = [sys.executable, "-m", "infra.bench.rows"]
    spent = msgspec.json.decode(output(command, stand.env), type=rows.Spent)
    told = f"{spent.classes} classes"
    verdicts.ratio("row.cpu_ms", spent.cpu_ms, told)
    verdicts.ratio("row.rss_mb", spent.rss_mb, told)
    verdicts.ratio("row.clients", spent.clients, told)


def judge_lives(verdicts: Verdicts, stand: Stand) -> None:
    """Judge erasing and copying one person by the number of their rows."""
    counts = COUNTS
    for what in ("erase", "copy"):
        command = [sys.executable, "-m", "infra.bench.lives", what, str(stand.server.port), *map(str, counts)]
        printed = output(command, stand.env)
        spent = msgspec.json.decode(printed, type=lives.Spent)
        most = max(counts)
        verdicts.ratio(
            f"{what}.cpu",
            slope(spent.ours_s) / slope(spent.bare_s),
            f"for each row, up to {most}; {verdicts.budgets.ratios[f'{what}.cpu'].what}",
        )
        verdicts.ratio(f"{what}.linear", linearity(spent.ours_s), f"R² over {', '.join(map(str, counts))} rows")
        verdicts.ratio(f"{what}.memory_mb", spent.rose_mb, f"from {min(counts)} to {most} rows")


def linearity(by_count: dict[int, float]) -> float:
    """Give how well a line fits (the coefficient of determination): 1 when all points lie on one."""
    return statistics.correlation(list(by_count), list(by_count.values())) ** 2


def slope(by_count: dict[int, float]) -> float:
    """Give what each further one costs, by the line that fits best."""
    return statistics.linear_regression(list(by_count), list(by_count.values())).slope
