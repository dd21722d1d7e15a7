"""Carrying out a plan: gone is gone, what stays is cut loose, and a kill in the middle is made good by the next run."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.erase import cut, execute
from chalicelib.foundation.store.planner import Fate, Found, Line, fates, plan, traverse
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, commit, delete, put
from tests.support.cloud import TestCloud
from tests.support.killing import MOMENTS, Killed, killed_at
from tests.support.people import Someone, make_person
from tests.support.scratch_rows import COMPLETED_AT, RANKED, DealRow, GuardRow, LineRow, PictureRow
from tests.support.wire import Wire, is_down, passes

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CANARY = "canary-7f3a"
pytestmark = pytest.mark.promise("J3.2")


class Objects:
    """Objects that can be removed, until somebody pulls the plug."""

    def __init__(self, dies_at: int = 0) -> None:
        self.removed: list[tuple[str, str]] = []
        self._dies_at = dies_at

    def __call__(self, bucket: str, key: str) -> None:
        if len(self.removed) + 1 == self._dies_at:
            raise Killed
        self.removed.append((bucket, key))


@pytest.fixture
def someone(monkeypatch: pytest.MonkeyPatch) -> Someone:
    monkeypatch.setattr(planner, "ranked", lambda: RANKED)
    monkeypatch.setattr(planner, "owned", lambda: {(row.table, row.row_kind): row for row in [*RANKED, StandingRow]})
    return make_person()


def fill(who: Someone, lines: int = 60, pictures: int = 3, deals: int = 3) -> None:
    rows: list[Any] = [GuardRow(pk=new_id("key"), sk="GUARD", person_id=who.person_id)]
    rows += [LineRow(pk="ord_1", sk=f"LINE#{n:03d}", person_id=who.person_id) for n in range(lines)]
    rows += [PictureRow(pk=f"med_{n}", sk="PICTURE", person_id=who.person_id) for n in range(pictures)]
    rows += [deal(who, pk=f"ord_{n}", completed_at=COMPLETED_AT) for n in range(deals)]
    commit([put(row) for row in rows])


def deal(who: Someone, **changes: Any) -> DealRow:
    given = {
        "sk": "DEAL",
        "person_id": who.person_id,
        "epoch": 1,
        "state": "done",
        "amount": DealRow.amount.seal(who.keys, "12300"),
        "recipient": DealRow.recipient.seal(who.keys, "王小明"),
        "note": DealRow.note.seal(who.keys, CANARY),
        **changes,
    }
    return DealRow(**given)


def erase(who: Someone, remove: Any) -> list[tuple[str, str]]:
    return [(fate.found.row.row_kind, fate.verb) for fate in execute(fates(who.person_id, NOW), remove)]


def planned(someone: Someone) -> list[Line]:
    """Preview what happens to all but standing, which is no scratch row."""
    return [line for line in plan(someone.person_id, NOW)[0] if line.kind != "standing"]


def test_what_is_done_is_what_the_plan_said(someone: Someone):
    fill(someone)
    lines = planned(someone)
    done = erase(someone, Objects())
    assert {(line.kind, line.verb): line.count for line in lines} == {one: done.count(one) for one in done}
    assert planned(someone) == []
    assert erase(someone, Objects()) == []


@pytest.mark.promise("J7.3", "K2.2")
def test_a_kept_row_is_cut_loose_and_keeps_what_was_declared_and_nothing_else(someone: Someone, cloud: TestCloud):
    commit([put(deal(someone, pk="ord_1", completed_at=COMPLETED_AT))])
    assert erase(someone, Objects()) == [("scratch_deal", "cut")]
    (item,) = cloud.items("trade")
    kept = {"pk", "sk", "kind", "state", "completed_at", "amount", "recipient", "due_shard", "due_at"}
    assert item.keys() == kept
    assert item["due_at"]["S"] == "2029-03-02T00:00:00.000Z"
    assert someone.person_id not in repr(item)
    row = get(DealRow, "ord_1", "DEAL")
    assert row is not None
    assert (row.amount.reveal(), row.person_id, row.epoch, row.note) == ("12300", None, None, None)
    assert list(traverse(someone.person_id, RANKED)) == []


@pytest.mark.promise("K1.2")
def test_the_end_of_a_kept_row_is_found_when_it_is_due_and_not_before(someone: Someone):
    commit([put(deal(someone, pk="ord_1", completed_at=COMPLETED_AT))])
    erase(someone, Objects())
    assert list(due("trade", datetime(2029, 3, 1, 23, 59, 59, tzinfo=UTC))) == []
    assert list(due("trade", datetime(2029, 3, 2, tzinfo=UTC))) == [("ord_1", "DEAL")]


def test_a_row_that_went_meanwhile_is_not_brought_back_by_cutting_it(someone: Someone, cloud: TestCloud):
    commit([put(deal(someone, pk="ord_1", completed_at=COMPLETED_AT))])
    (fate,) = fates(someone.person_id, NOW, [DealRow])
    commit([delete((DealRow, "ord_1", "DEAL"))])
    gone = Fate(Found(DealRow, "ord_2", "DEAL", someone.person_id), "cut", date(2029, 3, 2))
    assert list(execute([fate, gone], Objects())) == []
    with pytest.raises(ConditionFailed):
        commit([cut(fate)])
    assert cloud.items("trade") == []


def test_a_guard_or_a_kept_row_that_is_somebody_elses_by_now_stays(someone: Someone, cloud: TestCloud):
    commit([put(GuardRow(pk="key_1", sk="GUARD", person_id=someone.person_id))])
    commit([put(deal(someone, pk="ord_1", completed_at=COMPLETED_AT))])
    planned = list(fates(someone.person_id, NOW, [GuardRow, DealRow]))
    other = make_person()
    commit([put(GuardRow(pk="key_1", sk="GUARD", person_id=other.person_id))])
    commit([put(deal(other, pk="ord_1", completed_at=COMPLETED_AT))])
    assert list(execute(planned, Objects())) == []
    guard, kept = get(GuardRow, "key_1", "GUARD"), get(DealRow, "ord_1", "DEAL")
    assert guard is not None
    assert kept is not None
    assert guard.person_id == kept.person_id == other.person_id


def test_objects_go_before_the_row_that_leads_to_them(someone: Someone, cloud: TestCloud):
    fill(someone, lines=0, deals=0)
    seen: list[int] = []
    erase(someone, lambda _bucket, _key: seen.append(len(cloud.items("community"))))
    assert seen == [3] * 6
    assert cloud.items("community") == []


def left(cloud: TestCloud, who: Someone) -> list[str]:
    """Name what of a person is left outside standing and keys, raw."""
    items = [item for noun in ("people", "trade", "community") for item in cloud.items(noun)]
    return [i["kind"]["S"] for i in items if who.person_id in repr(i) and i["kind"]["S"] != "standing"]


@pytest.mark.parametrize("dies_at", range(1, 7))
def test_killed_while_objects_are_removed_the_next_run_leaves_nothing(dies_at: int, someone: Someone, cloud: TestCloud):
    fill(someone)
    first, second = Objects(dies_at), Objects()
    with pytest.raises(Killed):
        erase(someone, first)
    assert left(cloud, someone)
    erase(someone, second)
    assert left(cloud, someone) == []
    assert {key for _, key in first.removed + second.removed} == {
        f"med_{n}/{size}" for n in range(3) for size in ("large", "small")
    }
    assert CANARY not in repr(cloud.items("trade"))


def test_killed_at_any_call_the_next_run_leaves_nothing(someone: Someone, cloud: TestCloud):
    calls = 0
    for number in range(1, 40):
        came = False
        for moment in MOMENTS:
            fill(someone, lines=26, pictures=1, deals=1)
            with killed_at(number, moment) as came_to_it:
                try:
                    erase(someone, Objects())
                except Killed:
                    came = True
                assert came_to_it() == came
            erase(someone, Objects())
            assert left(cloud, someone) == []
            assert get(DealRow, "ord_0", "DEAL") is not None
        if not came:
            break
        calls = number
    assert calls >= 9


def test_stopped_after_a_few_items_the_rest_is_done_by_the_next_run(someone: Someone, cloud: TestCloud):
    fill(someone)
    running = execute(fates(someone.person_id, NOW), Objects())
    for _ in range(30):
        next(running)
    running.close()
    assert 0 < len(left(cloud, someone)) < 67
    erase(someone, Objects())
    assert left(cloud, someone) == []


def test_an_outage_in_the_middle_is_told_and_made_good_later(someone: Someone, cloud: TestCloud, wire: Wire):
    fill(someone)
    wire.plan("BatchWriteItem", passes, passes)
    wire.always("BatchWriteItem", is_down)
    with pytest.raises(Exception, match="Could not connect"):
        erase(someone, Objects())
    wire.restore()
    assert left(cloud, someone)
    erase(someone, Objects())
    assert left(cloud, someone) == []


def test_deletes_go_twenty_five_at_a_time(someone: Someone, aws_calls: list[Any]):
    commit([put(LineRow(pk="ord_1", sk=f"{n:03d}", person_id=someone.person_id)) for n in range(80)])
    aws_calls.clear()
    list(execute(fates(someone.person_id, NOW, [LineRow]), Objects()))
    assert [call.operation for call in aws_calls] == ["Query", *["BatchWriteItem"] * 4]
