"""Every period of the register has a machine that ends it: a sweep, a time to live, a log's own end, or an act.

What has none yet is named here with the reason, so that it is seen.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.rights.service import retention
from infra.tree import ROOT

MACHINES: dict[str, tuple[str, ...]] = {
    "account.life": ("act chalicelib.rights.service.erasure:erase",),
    "profile.life": (
        "act chalicelib.accounts.service.profile:remove_field",
        "act chalicelib.accounts.service.profile:apply_withdrawal",
    ),
    "binding.life": (
        "act chalicelib.accounts.service.bindings:unbind_provider",
        "act chalicelib.accounts.service.bindings:apply_withdrawal",
    ),
    "link.life": (
        "act chalicelib.accounts.service.outward_links:cut_link",
        "act chalicelib.rights.service.erasure:erase",
    ),
    "content.life": (
        "act chalicelib.community.service.publishing:remove_post",
        "act chalicelib.community.service.publishing:remove_comment",
        "act chalicelib.community.service.publishing:remove_places",
        "sweep uploads",
    ),
    "passing": ("never stored",),
    "session.life": ("ttl",),
    "code.life": ("ttl",),
    "rate.window": ("ttl",),
    "quarantine": ("sweep uploads", "lifecycle QuarantineBucket"),
    "trade.legal": ("sweep kept_records", "sweep keys", "schedule close_unpaid"),
    "trade.delivery": ("schedule close_unpaid", "act chalicelib.rights.service.erasure:erase"),
    "inbox.life": ("sweep inbox",),
    "report.life": ("sweep reports",),
    "last_notice": ("schedule continue_erasures",),
    "request.life": ("sweep copies", "sweep cases"),
    "export.copy": ("sweep copies", "lifecycle ExportsBucket"),
    "network.log": ("logs",),
    "staff.life": ("sweep staff",),
    "case.life": ("sweep support", "act chalicelib.rights.service.erasure:erase"),
    "staff.entrance": (
        "act chalicelib.accounts.service.staff_enrolment:complete_enrolment",
        "act chalicelib.accounts.service.staff_members:reset_member",
        "act chalicelib.accounts.service.staff_members:leave_member",
    ),
    "staff.session": ("ttl",),
    "minor.age": (
        "act chalicelib.accounts.service.growing_up:celebrate_birthdays",
        "act chalicelib.rights.service.erasure:erase",
        "sweep birthdays",
        "sweep guardians",
    ),
    "minor.waiting": ("ttl",),
    "recovery.waiting": ("sweep recoveries",),
    "verification.life": ("act chalicelib.accounts.service.verification:apply_withdrawal",),
    "verification.pending": ("ttl",),
    "verification.record": ("sweep verifications",),
}
NONE_YET = {
    "consent.proof": "evidence is pruned by whole sealed days, which issue 7 builds; no entry is three years old",
    "evidence.life": "the same",
}
ENDLESS = [one.id for one in lookup.retentions() if one.period == "none"]
TIMED = [one.id for one in lookup.retentions() if one.period != "none"]


def rows_of(rule: str) -> list[Any]:
    """List the row classes that hold an item kept under a rule."""
    items = {one.id for one in lookup.items() if one.retention == rule}
    return [row for row in lookup.rows() if items & {attribute.item for attribute in row.attributes}]


def swept(name: str, _rule: str, _resources: dict[str, Any]) -> bool:
    return name in retention._SWEEPS


def scheduled(name: str, _rule: str, resources: dict[str, Any]) -> bool:
    functions = {one["Properties"].get("FunctionName", {}).get("Fn::Sub", "") for one in resources.values()}
    policy = ROOT / "policies" / "iam" / f"{name}.json"
    events = json.dumps([one for one in resources.values() if one["Type"] == "AWS::Serverless::Function"])
    return f"jule-${{Stage}}-{name}" in functions and policy.exists() and "Schedule" in events


def lives(_name: str, rule: str, resources: dict[str, Any]) -> bool:
    """Tell whether all that is kept under a rule lies in tables with a time to live, in rows that have one."""
    having = {
        one["Properties"]["TableName"]["Fn::Sub"].rpartition("-")[2]
        for one in resources.values()
        if one["Type"] == "AWS::DynamoDB::Table" and "TimeToLiveSpecification" in one["Properties"]
    }
    rows = rows_of(rule)
    timed = [row for row in rows if any(attribute.name == "expires_at" for attribute in row.attributes)]
    return bool(timed) and all(row in timed and row.table in having for row in rows)


def forgotten(name: str, rule: str, resources: dict[str, Any]) -> bool:
    rules = resources[name]["Properties"]["LifecycleConfiguration"]["Rules"]
    allowed = max(1, lookup_days(rule))
    return any(one.get("ExpirationInDays", 9999) <= allowed + 1 for one in rules)


def lookup_days(rule: str) -> int:
    """Give a period in whole days."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return (end_of(lookup.retention(rule).period, start) - start).days


def logged(_name: str, rule: str, resources: dict[str, Any]) -> bool:
    groups = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Logs::LogGroup"]
    return bool(groups) and all(one["RetentionInDays"] <= lookup_days(rule) for one in groups)


def acts(name: str, _rule: str, _resources: dict[str, Any]) -> bool:
    module, _, function = name.partition(":")
    return callable(getattr(import_module(module), function, None))


def unstored(_name: str, rule: str, _resources: dict[str, Any]) -> bool:
    return rows_of(rule) == []


CHECKS: dict[str, Callable[[str, str, dict[str, Any]], bool]] = {
    "sweep": swept,
    "schedule": scheduled,
    "ttl": lives,
    "lifecycle": forgotten,
    "logs": logged,
    "act": acts,
    "never": unstored,
}


@pytest.mark.promise("K1.2")
def test_every_period_has_a_machine_or_a_reason_why_not_yet():
    assert MACHINES.keys() | NONE_YET.keys() == {one.id for one in lookup.retentions()}
    assert not MACHINES.keys() & NONE_YET.keys()
    assert set(retention._SWEEPS) == {
        name.removeprefix("sweep ") for several in MACHINES.values() for name in several if name.startswith("sweep ")
    }


@pytest.mark.promise("K1.2")
@pytest.mark.parametrize("rule", MACHINES)
def test_its_machines_are_there(resources: dict[str, Any], rule: str):
    for machine in MACHINES[rule]:
        kind, _, name = machine.partition(" ")
        assert CHECKS[kind](name, rule, resources), machine


@pytest.mark.parametrize("rule", [rule for rule in TIMED if rule not in NONE_YET])
def test_what_ends_with_time_is_ended_by_a_clock(rule: str):
    clocks = {machine.partition(" ")[0] for machine in MACHINES[rule]} - {"act", "never"}
    assert clocks, rule


@pytest.mark.parametrize("rule", ENDLESS)
def test_what_ends_with_an_event_is_ended_by_an_act(rule: str):
    assert {machine.partition(" ")[0] for machine in MACHINES[rule]} & {"act", "never"}, rule
