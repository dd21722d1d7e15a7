"""Limits against abuse: counted under names that name nobody, and that nobody can tie to an address tomorrow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import TooMany
from chalicelib.foundation.web import limits
from chalicelib.foundation.web.limits import Limit, address_hash, spend
from tests.support.clocks import Hands, began
from tests.support.cloud import TestCloud
from tests.support.people import make_person
from tests.support.scratch_api import Gateway, Scratch
from tests.support.wire import Wire, is_down

FEW = ("GET", "/v1/scratch/few")
ADDRESS = "203.0.113.77"


def noon() -> datetime:
    """Give a noon to come: what expires after it is not cleared away while a test runs."""
    return (began() + timedelta(days=1)).replace(hour=12, minute=0, second=0)


def test_a_window_holds_so_many_and_says_what_is_left(ask: Gateway, hands: Hands):
    hands.to(noon())
    left = []
    for _ in range(3):
        reply = ask(*FEW)
        assert reply.status == 200
        assert reply.headers["RateLimit-Policy"] == '"few";q=3;w=60'
        left.append(reply.headers["RateLimit"].split(";")[:2])
    assert left == [['"few"', f"r={n}"] for n in (2, 1, 0)]
    over = ask(*FEW)
    assert (over.status, over.code, over.json["retryable"]) == (429, "rate.limited", True)
    assert over.headers["RateLimit"].startswith('"few";r=0;t=')
    assert 0 < int(over.headers["Retry-After"]) <= 60
    hands.by(seconds=int(over.headers["Retry-After"]))
    assert ask(*FEW).status == 200


def test_nothing_runs_for_whoever_is_over(scratch: Scratch, ask: Gateway, hands: Hands):
    hands.to(noon())
    for _ in range(5):
        ask(*FEW)
    assert len(scratch.calls) == 3


def test_another_address_has_a_window_of_its_own(ask: Gateway, hands: Hands):
    hands.to(noon())
    for _ in range(4):
        ask(*FEW)
    assert ask(*FEW).status == 429
    ask.address = "203.0.113.8"
    assert ask(*FEW).status == 200


def test_a_person_is_counted_wherever_they_come_from(ask: Gateway, hands: Hands):
    hands.to(noon())
    someone, other = make_person(now=noon()), make_person(now=noon())
    statuses = []
    for number in range(3):
        ask.address = f"203.0.113.{number}"
        statuses.append(ask("GET", "/v1/scratch/mine", who=someone).status)
    assert statuses == [200, 200, 429]
    assert ask("GET", "/v1/scratch/mine", who=other).status == 200


def test_who_is_over_is_told_by_person_and_not_before_they_are_known(ask: Gateway):
    assert [ask("GET", "/v1/scratch/mine").status for _ in range(4)] == [401] * 4


def test_at_once_no_more_get_through_than_may():
    limit = Limit("race", 5, 3600)

    def use(_: int) -> bool:
        try:
            spend(limit, "k", noon()).refuse_when_over()
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(use, range(32))).count(True) == 5


@pytest.mark.promise("A1.4")
def test_nothing_stored_about_a_guest_holds_an_address_or_leads_to_one(ask: Gateway, cloud: TestCloud, hands: Hands):
    hands.to(noon())
    ask.address = ADDRESS
    headers = {"X-Device": "canary-device", "User-Agent": "canary-agent", "X-Forwarded-For": ADDRESS}
    for _ in range(4):
        ask(*FEW, headers=headers)
    stored = [item for noun in ("people", "ephemeral", "outbox", "evidence", "cases") for item in cloud.items(noun)]
    assert sorted(item["kind"]["S"] for item in stored) == ["counter", "day_key"]
    assert ADDRESS not in repr(stored)
    assert "canary" not in repr(stored)
    (counter,) = (item for item in stored if item["kind"]["S"] == "counter")
    assert counter.keys() == {"pk", "sk", "kind", "used", "expires_at"}
    assert int(counter["expires_at"]["N"]) - noon().timestamp() <= 180


@pytest.mark.promise("A1.4")
def test_tomorrow_the_same_address_has_another_name_and_yesterdays_key_goes(cloud: TestCloud, hands: Hands):
    hands.to(noon())
    today = address_hash(ADDRESS, clock.now())
    assert address_hash(ADDRESS, clock.now() + timedelta(hours=11)) == today
    tomorrow = address_hash(ADDRESS, clock.now() + timedelta(days=1))
    assert tomorrow != today
    (item,) = [item for item in cloud.items("ephemeral") if item["kind"]["S"] == "day_key"]
    day = datetime.fromisoformat(item["pk"]["S"].removeprefix("DAYKEY#")).replace(tzinfo=UTC)
    assert day.date() == (clock.now() + timedelta(days=1)).date()
    gone_at = datetime.fromtimestamp(int(item["expires_at"]["N"]), tz=UTC)
    assert timedelta(days=1) <= gone_at - day <= timedelta(days=3)
    limits.forget_day_keys()
    assert address_hash(ADDRESS, clock.now()) != today


@pytest.mark.promise("A1.4")
def test_with_the_key_gone_yesterdays_name_can_not_be_made_again(cloud: TestCloud):
    """DynamoDB drops the key when its time to live is over; here the test does."""
    before = address_hash(ADDRESS, noon())
    key = {"pk": {"S": "DAYKEY#2026-03-01"}, "sk": {"S": "DAYKEY"}}
    cloud.client("dynamodb").delete_item(TableName="jule-test-ephemeral", Key=key)
    address_hash(ADDRESS, noon() + timedelta(days=1))
    assert address_hash(ADDRESS, noon()) != before
    live = cloud.client("dynamodb").describe_time_to_live(TableName="jule-test-ephemeral")["TimeToLiveDescription"]
    assert live == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


def test_processes_agree_on_the_key_of_the_day(cloud: TestCloud):
    def in_a_new_process(_: int) -> str:
        limits.forget_day_keys()
        return address_hash(ADDRESS, noon())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(in_a_new_process, range(16)))) == 1
    assert len(cloud.items("ephemeral")) == 1


def test_the_key_of_the_day_is_read_once_a_process(aws_calls: list[Any]):
    address_hash(ADDRESS, noon())
    aws_calls.clear()
    for number in range(5):
        address_hash(f"203.0.113.{number}", noon())
    assert aws_calls == []


ALIKE = [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
    ("2001:db8:1:2::1", "2001:0DB8:0001:0002::2", True),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ("203.0.113.1", "203.0.113.2", False),
    ("::ffff:203.0.113.1", "203.0.113.1", True),
    ("::ffff:203.0.113.1", "::ffff:203.0.113.2", False),
    ("", "not an address", True),
]


@pytest.mark.parametrize(("one", "other", "alike"), ALIKE)
def test_addresses_of_one_household_are_one(one: str, other: str, alike: bool):  # noqa: FBT001 - value under test
    assert (address_hash(one, noon()) == address_hash(other, noon())) is alike


def test_with_the_store_down_a_limit_lets_nobody_through_unseen(ask: Gateway, scratch: Scratch, wire: Wire):
    wire.always("*", is_down)
    assert ask(*FEW).code == "service.unavailable"
    assert scratch.calls == []
