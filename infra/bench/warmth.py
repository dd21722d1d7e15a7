"""Warm requests against the budgets: CPU of the whole, CPU outside the SDKs, traces switched off."""

import sys
import tempfile
from pathlib import Path

import msgspec

from .budgets import Route, Verdicts
from .known import Known
from .programs import Stand, output
from .recording import Recording
from .warm import Measured, Spent, Work

_ROUNDS = 25
_MORE_ROUNDS = 75


def judge(verdicts: Verdicts, stand: Stand, recordings: dict[str, Recording], *, known: Known) -> None:
    """Judge every route that has bounds; what is over one is measured again, longer, before it counts."""
    bounds = {name: route for name, route in verdicts.budgets.routes.items() if route.cpu and name in recordings}
    measured = _measured(stand, Work([recordings[name] for name in bounds], known, _ROUNDS))
    over = [name for name, route in bounds.items() if is_over(measured.routes[name], route)]
    if over:
        again = _measured(stand, Work([recordings[name] for name in over], known, _MORE_ROUNDS))
        measured.routes.update(again.routes)
    for name, route in bounds.items():
        spent = measured.routes[name]
        verdicts.most(f"cpu {name}", spent.whole, route.cpu, told="of the same calls by a bare client")
        verdicts.most(f"outside {name}", spent.outside, route.outside, told="outside the SDKs, of one bare GetItem")
    verdicts.ratio("tracing.off", measured.traced)


def is_over(spent: Spent, route: Route) -> bool:
    """Say whether a route spends more than one of its bounds."""
    return spent.whole > route.cpu or spent.outside > route.outside


def _measured(stand: Stand, work: Work) -> Measured:
    with tempfile.NamedTemporaryFile(prefix="jule-bench-") as file:
        Path(file.name).write_bytes(msgspec.msgpack.encode(work))
        command = [sys.executable, "-m", "infra.bench.warm", file.name, str(stand.server.port)]
        printed = output(command, stand.env)
    return msgspec.json.decode(printed, type=Measured)
