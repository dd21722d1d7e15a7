"""The budget file says what each route's calls are for, and a verdict is strict in both directions."""

import pytest

import app
from chalicelib.foundation.web.route import REGISTERED
from infra.bench import calls
from infra.bench.budgets import Budgets, NoBudget, Ratio, Route, Verdicts, budgets
from infra.bench.recording import Made, Recording

SHOWN = "GET /v1/products/{product_id}"


@pytest.fixture(scope="module")
def known() -> Budgets:
    assert app.app.routes
    return budgets()


def test_every_route_of_the_api_has_a_budget_and_nothing_else_has_one(known: Budgets) -> None:
    assert set(known.routes) == {f"{method} {path}" for method, path in REGISTERED}


def test_each_call_of_a_route_is_accounted_for(known: Budgets) -> None:
    for name, route in known.routes.items():
        assert len(route.calls.split()) == calls.accounted_for(name, route), name


def test_whatever_is_over_the_floor_says_why(known: Budgets) -> None:
    for name, route in known.routes.items():
        assert bool(route.over) == bool(route.why), name


def test_no_request_may_take_more_than_the_design_allows(known: Budgets) -> None:
    assert {route.cpu for route in known.routes.values()} <= {0.0, 1.25, 1.45}
    bounds = {name: ratio.budget for name, ratio in known.ratios.items()}
    assert bounds["cold.first_item"] == 0.90
    assert bounds["cold.further_domain_ms"] == 1.0
    assert bounds["request.outside_sdk"] == 0.25
    assert (bounds["row.cpu_ms"], bounds["row.rss_mb"], bounds["row.clients"]) == (2.0, 0.5, 0.0)
    assert bounds["erase.cpu"] == bounds["copy.cpu"] == 1.15
    assert bounds["package.mb"] == 10.0
    assert (bounds["password.least"], bounds["password.most"]) == (1.0, 2.5)


def test_a_ratio_is_judged_from_its_own_side() -> None:
    verdicts = Verdicts(Budgets({"up": Ratio(1.0), "down": Ratio(1.0, least=True)}, {}))
    for name, value in (("up", 1.0), ("down", 1.0), ("up", 1.1), ("down", 0.9)):
        verdicts.ratio(name, value)
    assert [line.ok for line in verdicts.lines] == [True, True, False, False]
    assert len(verdicts.over) == 2
    assert verdicts.unmeasured() == []


def test_what_nobody_gave_a_budget_is_not_passed_over() -> None:
    with pytest.raises(NoBudget):
        Verdicts(Budgets({}, {})).ratio("new", 0.0)


def test_a_budget_that_nothing_was_held_against_is_named() -> None:
    assert Verdicts(Budgets({"forgotten": Ratio(1.0)}, {})).unmeasured() == ["forgotten"]


def over(route: Route, *operations: str) -> set[str]:
    """Judge one route alone by what it asked; gives what is over."""
    verdicts = Verdicts(Budgets({}, {SHOWN: route}))
    made = [Made("dynamodb", operation, {"TableName": "jule-x-catalog"}) for operation in operations]
    calls.judge(verdicts, {SHOWN: Recording(SHOWN, {}, made)})
    return {line.name.removesuffix(f" {SHOWN}") for line in verdicts.over if SHOWN in line.name}


def test_a_route_that_asks_otherwise_is_over_until_the_file_says_so() -> None:
    one = Route("GetItem", rcu=0.5, wcu=0, floor=1)
    assert over(one, "GetItem") == set()
    assert over(one, "GetItem", "GetItem") == {"calls", "rcu"}
    assert over(Route("GetItem GetItem", rcu=1.0, wcu=0, floor=2), "GetItem") == {"calls", "rcu"}
    assert over(Route("GetItem", rcu=0.5, wcu=1, floor=1), "GetItem") == {"wcu"}
    assert over(Route("GetItem", rcu=0.5, wcu=0, floor=2), "GetItem") == {"accounted for"}


def test_a_route_on_one_side_only_is_over() -> None:
    verdicts = Verdicts(Budgets({}, {"GET /v1/nowhere": Route("", 0.0, 0, 0)}))
    calls.judge(verdicts, {})
    told = {line.name: line.value for line in verdicts.over}
    assert told["calls GET /v1/nowhere"] == "not measured"
    assert told[f"calls {SHOWN}"] == "not measured"
    calls.judge(verdicts, {SHOWN: Recording(SHOWN, {})})
    assert "no budget" in [line.value for line in verdicts.over]
