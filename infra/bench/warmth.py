"""Warm requests against the budgets: CPU of the whole, CPU outside the SDK, tracing switched off."""

import sys
import tempfile
from pathlib import Path

import msgspec

from .budgets import Verdicts
from .known import Known
from .programs import Stand, output
from .recording import Recording
from .warm import Measured, Spent, Work

ONE = 1.25
"""The bound on routes that show or change one thing; lists have a higher one."""
_ROUNDS = 25
_MORE_ROUNDS = 75


def judge(verdicts: Verdicts, stand: Stand, recordings: dict[str, Recording], *, known: Known) -> None:
    """Judge every route that has a bound; what is over it is measured again, longer, before it counts."""
    bounds = {name: route.cpu for name, route in verdicts.budgets.routes.items() if route.cpu and name in recordings}
    measured = _measured(stand, Work([recordings[name] for name in bounds], known, _ROUNDS))
    over = [name for name, bound in bounds.items() if _ratio(measured.routes[name]) > bound]
    if over:
        again = _measured(stand, Work([recordings[name] for name in over], known, _MORE_ROUNDS))
        measured.routes.update(again.routes)
    for name, bound in bounds.items():
        verdicts.most(f"cpu {name}", _ratio(measured.routes[name]), bound, told="of the same calls by a bare client")
    _judge_outside(verdicts, measured, {name: recordings[name] for name in bounds})
    verdicts.ratio("tracing.off", measured.span_s / measured.get_item_s)


def _judge_outside(verdicts: Verdicts, measured: Measured, chosen: dict[str, Recording]) -> None:
    """Judge what is spent outside the SDK: whole where one thing is shown, else for each call that is made."""
    spent = {name: measured.routes[name].outside_s / measured.get_item_s for name in chosen}
    one = {name: spent[name] for name in chosen if name.startswith("GET ") and not is_list(verdicts, name)}
    each = {name: spent[name] / len(chosen[name].calls) for name in chosen if not is_list(verdicts, name)}
    lists = {name: spent[name] for name in chosen if is_list(verdicts, name)}
    for title, found in (("outside_sdk", one), ("outside_sdk_per_call", each), ("outside_sdk_list", lists)):
        worst = max(found, key=found.__getitem__)
        verdicts.ratio(f"request.{title}", found[worst], f"of one bare GetItem; most in {worst}")


def is_list(verdicts: Verdicts, name: str) -> bool:
    """Say whether a route shows many things, by the bound that it has."""
    return verdicts.budgets.routes[name].cpu > ONE


def _ratio(spent: Spent) -> float:
    return spent.whole_s / spent.bare_s


def _measured(stand: Stand, work: Work) -> Measured:
    with tempfile.NamedTemporaryFile(prefix="jule-bench-") as file:
        Path(file.name).write_bytes(msgspec.msgpack.encode(work))
        command = [sys.executable, "-m", "infra.bench.warm", file.name, str(stand.server.port)]
        printed = output(command, stand.env)
    return msgspec.json.decode(printed, type=Measured)
