"""Calls and capacity of every route against the budget file: any change must be made there too."""

from chalicelib.foundation.web.route import REGISTERED, Who

from . import capacity
from .budgets import Route, Verdicts
from .recording import Recording


def judge(verdicts: Verdicts, recordings: dict[str, Recording]) -> None:
    """Judge calls, read units and write units of each route; a route on one side only is over budget."""
    known, routes = capacity.indexes(), verdicts.budgets.routes
    for name in sorted(routes.keys() | recordings.keys() | registered(), key=_by_path):
        recording, budget = recordings.get(name), routes.get(name)
        if recording is None or budget is None:
            verdicts.same(f"calls {name}", "not measured" if recording is None else "no budget", "both")
            continue
        verdicts.same(f"calls {name}", " ".join(recording.sequence), budget.calls)
        verdicts.same(f"accounted for {name}", accounted_for(name, budget), len(budget.calls.split()))
        verdicts.same(f"rcu {name}", capacity.read_units(recording.calls), budget.rcu)
        verdicts.same(f"wcu {name}", capacity.write_units(recording.calls, known), budget.wcu)


def registered() -> set[str]:
    """Name every route of the API."""
    return {f"{method} {path}" for method, path in REGISTERED}


def accounted_for(name: str, budget: Route) -> int:
    """Add up what a route's calls are made of: its floor, standing, limits, the outbox, and what is over."""
    method, _, path = name.partition(" ")
    route = REGISTERED[method, path]
    sent = budget.calls.split().count("SendMessageBatch")
    return budget.floor + budget.over + (route.who in {Who.PERSON, Who.STAFF}) + len(route.limits) + sent


def _by_path(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return path, method
