"""The budget file says what each route's calls are for, and a verdict is strict in both directions."""

import json
from pathlib import Path

import pytest

import app
from chalicelib.foundation.web.route import REGISTERED
from infra.bench import __main__ as bench
from infra.bench import calls, warmth
from infra.bench.budgets import OUTSIDE, Budgets, NoBudget, Ratio, Route, Verdicts, budgets
from infra.bench.recording import Made, Recording
from infra.bench.warm import Spent

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
    bounds = {name: ratio.budget for name, ratio in known.ratios.items()}
    assert bounds["cold.first_item"] == 0.90
    assert bounds["cold.further_domain_ms"] == 1.0
    assert bounds["tracing.off"] == 0.05
    assert (bounds["row.cpu_ms"], bounds["row.rss_mb"], bounds["row.clients"]) == (2.0, 0.5, 0.0)
    assert bounds["erase.cpu"] == bounds["copy.cpu"] == 1.15
    assert bounds["package.mb"] == 10.0
    assert (bounds["password.least"], bounds["password.most"]) == (1.0, 2.5)


OF_STAFF = ("/v1/staff/", "/v1/desk/", "/v1/on-behalf/")
"""Where a few staff call, and nobody waits for it in a shop."""
ELSEWHERE = ("/v1/oauth/", "/v1/links")
"""Log-in at third parties: once for each of them, or their server waits, and not a person."""
OF_MINORS = ("/v1/guardianships", "/v1/wards", "/v1/verification")
"""What a minor, a guardian, or whoever is verified calls now and then."""
OF_RECOVERY = ("/v1/recovery",)
"""One account in a great many is ever asked back."""
HELD_ELSEWHERE = {  # argon2, which password.most bounds; and what asks a provider besides AWS
    "POST /v1/accounts",
    "PUT /v1/accounts/password",
    "POST /v1/accounts/password/reset",
    "POST /v1/accounts/thaw",
    "POST /v1/handovers",
    "POST /v1/accounts/me/codes",
    "PUT /v1/accounts/mobile",
    "POST /v1/sessions",
    "POST /v1/sessions/reauthentication",
    "POST /v1/accounts/codes",
    "POST /v1/orders/{order_id}/payments",
    "POST /v1/orders/{order_id}/payments/sync",
    "POST /v1/accounts/wechat",
    "POST /v1/accounts/wechat/proofs",
    "POST /v1/profile/email/codes",
    "PUT /v1/bindings/apple",
    "PUT /v1/bindings/wechat",
    "POST /v1/sessions/apple",
    "POST /v1/sessions/wechat",
}
LISTS = {
    "GET /v1/activity",
    "GET /v1/me",
    "GET /v1/people/{public_id}/comments",
    "GET /v1/people/{public_id}/posts",
    "GET /v1/cases",
    "GET /v1/cases/{case_id}",
    "GET /v1/looks",
    "GET /v1/consents/history",
    "GET /v1/inbox",
    "GET /v1/orders",
    "GET /v1/posts",
    "GET /v1/posts/{post_id}/comments",
    "GET /v1/products",
}
FIELDS = ("avatar", "birth-date", "email", "gender", "nickname", "residence", "visibility")
MORE_OUTSIDE = {  # docs/decisions/0016
    "DELETE /v1/bindings/apple",
    "DELETE /v1/bindings/wechat",
    "DELETE /v1/consents/{purpose}",
    "GET /v1/activity",
    "GET /v1/cancellation",
    "GET /v1/me",
    "GET /v1/orders",
    "GET /v1/people/{public_id}/comments",
    "GET /v1/people/{public_id}/posts",
    "POST /v1/accounts/freeze",
    "POST /v1/cancellation",
    "POST /v1/cases",
    "POST /v1/cases/{case_id}/messages",
    "POST /v1/consents",
    "POST /v1/merges",
    "POST /v1/merges/preview",
    "POST /v1/orders",
    "POST /v1/orders/{order_id}/cancel",
    "POST /v1/orders/{order_id}/hide",
    "POST /v1/orders/{order_id}/receive",
    "POST /v1/payments/wechat/notifications",
    "POST /v1/posts",
    "POST /v1/posts/{post_id}/comments",
    "POST /v1/reports/fraud/mine",
    "POST /v1/requests/copies",
    "POST /v1/sessions/by-code",
    "POST /v1/sessions/end-others",
    "POST /v1/sessions/reauthentication/by-code",
} | {f"{method} /v1/profile/{field}" for method in ("PUT", "DELETE") for field in FIELDS}


def test_every_route_that_asks_aws_is_bounded_or_named_here(known: Budgets) -> None:
    asking = {name for name, route in known.routes.items() if route.calls}
    apart = OF_STAFF + OF_MINORS + OF_RECOVERY + ELSEWHERE
    elsewhere = HELD_ELSEWHERE | {name for name in asking if name.split(" ")[1].startswith(apart)}
    assert {name for name in asking if known.routes[name].unbounded} == elsewhere
    for name, route in known.routes.items():
        bound = 1.45 if name in LISTS else 1.25
        assert route.cpu == (bound if name in asking - elsewhere else 0.0), name


def test_what_is_spent_outside_the_sdks_is_the_designs_bound_or_named_here(known: Budgets) -> None:
    assert OUTSIDE == 0.25
    assert {name for name, route in known.routes.items() if route.outside != OUTSIDE} == MORE_OUTSIDE
    assert max(route.outside for route in known.routes.values()) <= 0.75


@pytest.mark.parametrize(("whole", "outside", "over"), [(1.25, 0.25, False), (1.26, 0.0, True), (0.9, 0.26, True)])
def test_a_route_is_measured_again_when_either_bound_is_passed(whole: float, outside: float, *, over: bool) -> None:
    assert warmth.is_over(Spent(whole, outside), Route("GetItem", 0.5, 0, 1, cpu=1.25)) is over


def test_the_result_for_machines_is_a_list_of_name_value_budget_and_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "RESULT", tmp_path / "build" / "bench.json")
    verdicts = Verdicts(Budgets({"copy.cpu": Ratio(1.15)}, {}))
    verdicts.ratio("copy.cpu", 1.2)
    verdicts.same("calls GET /v1/x", "GetItem", "GetItem")
    bench.write(verdicts)
    assert json.loads(bench.RESULT.read_bytes()) == [
        {"name": "copy.cpu", "value": 1.2, "budget": 1.15, "ok": False},
        {"name": "calls GET /v1/x", "value": "GetItem", "budget": "GetItem", "ok": True},
    ]


def test_a_bound_holds_what_was_measured_and_not_what_is_printed() -> None:
    verdicts = Verdicts(Budgets({"password.least": Ratio(1.0, least=True)}, {}))
    verdicts.ratio("password.least", 0.9999)
    assert [(line.value, line.ok) for line in verdicts.lines] == [(1.0, False)]


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
