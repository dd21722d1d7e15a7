"""What an erasure keeps and counts is what it really cut and removed, whatever happens between its passes."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.community.tables import CommentRow
from chalicelib.foundation.gateways import objects
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.store.batch import put_rows
from chalicelib.foundation.store.keys import DataKeyRow
from chalicelib.foundation.store.planner import last_day, traverse
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.work.job import NotYet
from chalicelib.orders.tables import OrderRow
from chalicelib.rights import rules
from chalicelib.rights.errors import ErasureIncomplete
from chalicelib.rights.service import erasure, files, passes
from tests.support.cloud import TestCloud
from tests.support.killing import Killed, changes_something, killed_at
from tests.support.leaving import Left, leave
from tests.support.lives import make_account, system_call
from tests.support.people import Someone
from tests.support.permissions import running
from tests.support.planted import bare, stored_now

pytestmark = pytest.mark.usefixtures("counterparties")
SOMEBODY_ELSE = "another process"


def said(left: Left) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(left.certificate().statement)
    return found


def kept_of(left: Left, kind: str) -> tuple[int, str]:
    (line,) = [one for one in said(left)["kept"] if one["record"] == kind]
    return line["count"], line["until"]


def order(who: Someone, completed_at: datetime | None, state: str) -> OrderRow:
    row = stored_now(who, OrderRow, state=state, completed_at=completed_at).row
    assert isinstance(row, OrderRow)
    return row


def meanwhile(monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[], object]) -> None:
    """Have something happen right before a step, once."""
    real, done = erasure._DO[step], []

    def late(*given: Any) -> None:
        if not done:
            done.append(True)
            with running(SOMEBODY_ELSE):
                act()
        real(*given)

    monkeypatch.setitem(erasure._DO, step, late)


@pytest.mark.promise("K1.2", "K2.1")
@pytest.mark.parametrize("step", ["rows", "second", "standing"])
@pytest.mark.parametrize("others", [0, 1])
def test_money_that_came_late_keeps_its_order_and_the_key_to_it(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, step: str, others: int
):
    """A closed order goes; refunded after late money it must stay, though no plan has it."""
    who = make_account()
    before = system_call().now - timedelta(days=100)
    for _ in range(others):
        order(who, before, "received")
    late, again = order(who, None, "closed"), bare(who, OrderRow)
    again.pk, again.sk, again.state, again.completed_at = late.pk, late.sk, "refunded", system_call().now
    left = leave(who)
    meanwhile(monkeypatch, step, lambda: put_rows([again]))
    left.go_on()
    assert left.case().step == "done"
    row = get(OrderRow, late.pk, late.sk)
    assert row.person_id is None
    ends = last_day(row.completed_at.replace(year=row.completed_at.year + 3)).isoformat()
    assert kept_of(left, "order") == (1 + others, ends)
    assert said(left)["keys"]["trade"] == f"destroyed on {ends}"
    assert said(left)["done"]["order:cut"] == 1 + others
    key = get(DataKeyRow, who.keys["trade"], "KEY")
    assert key.due_at == rules.midnight(ends)
    keyring.forget()
    assert row.goods.reveal()


@pytest.mark.promise("K2.1")
def test_a_key_whose_orders_all_went_by_the_end_is_destroyed(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_account()
    row = order(who, system_call().now, "received")
    left = leave(who)
    meanwhile(
        monkeypatch,
        "rows",
        lambda: commit([update(row, [OrderRow.completed_at.remove(), OrderRow.state.set("closed")])]),
    )
    left.go_on()
    assert said(left)["keys"]["trade"] == "destroyed"
    assert "order" not in [one["record"] for one in said(left)["kept"]]
    assert get(DataKeyRow, who.keys["trade"], "KEY") is None


@pytest.mark.promise("J7.3", "J11.3", "K2.1")
def test_killed_before_any_write_the_certificate_counts_what_was_there(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch
):
    """Killed after a write is killed before the next; every job is killed before each in `test_every_job`."""
    monkeypatch.setattr(passes, "SAVE_EVERY", 20)
    number, died = 0, True
    while died:
        number += 4
        who = make_account()
        days = [system_call().now - timedelta(days=n) for n in (1, 1, 300)]
        for day in days:
            order(who, day, "received")
        put_rows([bare(who, CommentRow) for _ in range(40)])
        left = leave(who)
        with suppress(Killed), killed_at(number, "before", changes_something) as reached:
            left.go_on()
        died = reached()
        left.finish()
        done = said(left)["done"]
        assert (done["comment:delete"], done["order:cut"], done["profile:delete"]) == (40, 3, 1), number
        last = last_day(days[0].replace(year=days[0].year + 3)).isoformat()
        assert kept_of(left, "order") == (3, last), number
        assert said(left)["found_afterwards"] == 0
    assert number > 12


@pytest.mark.promise("J7.3")
def test_short_of_time_in_the_middle_of_a_pass_it_saves_and_stops(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_account()
    put_rows([bare(who, CommentRow) for _ in range(200)])
    left = leave(who)
    deadline, real = Deadline(3600), passes.execute

    def slow(*given: Any) -> Any:
        for dealt, fate in enumerate(real(*given)):
            if dealt == 60:
                monkeypatch.setattr(deadline, "passed", lambda: True)
            yield fate

    with monkeypatch.context() as patched:
        patched.setattr(passes, "execute", slow)
        with pytest.raises(NotYet):
            erasure.erase(system_call(), left.request_id, deadline)
    assert left.case().step == "rows"
    assert left.case().counts["comment:delete"] == 61
    assert 0 < sum(1 for _ in traverse(who.person_id, [CommentRow])) < 200
    assert left.finish().state == "done"
    assert said(left)["done"]["comment:delete"] >= 200


def test_a_case_is_saved_every_few_hundred_records(cloud: TestCloud, aws_calls: list[Any]):
    who = make_account()
    put_rows([bare(who, CommentRow) for _ in range(600)])
    left = leave(who)
    aws_calls.clear()
    left.go_on()
    deletes = sum(call.operation == "BatchWriteItem" for call in aws_calls)
    saves = sum(call.operation == "UpdateItem" and call.params["TableName"].endswith("-cases") for call in aws_calls)
    assert deletes >= 24
    assert saves <= len(rules.STEPS) + 3


@pytest.mark.promise("J3.2")
@pytest.mark.parametrize("put", ["put_object", "create_multipart_upload"])
def test_a_file_that_came_at_the_very_end_is_found_and_stops_the_certificate(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, put: str
):
    who = make_account()
    left = leave(who)
    key, act = files.new_file(who.ref), getattr(cloud.client("s3"), put)
    meanwhile(monkeypatch, "standing", lambda: act(Bucket=cloud.environment["BUCKET_EXPORTS"], Key=key))
    with pytest.raises(ErasureIncomplete):
        left.go_on()
    assert left.certificate().state == "running"
    objects.delete_all_versions("exports", key)
    assert left.finish().state == "done"
    assert said(left)["found_afterwards"] == 0
