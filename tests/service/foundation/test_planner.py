"""What we hold about a person, and what becomes of each piece: one answer, the same each time it is asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.erase import plain, values_of
from chalicelib.foundation.store.outbox import OutboxRow
from chalicelib.foundation.store.planner import (
    Fate,
    Found,
    Line,
    Undeclared,
    fate_of,
    fates,
    plan,
    plan_hash,
    read,
    survey,
    traverse,
)
from chalicelib.foundation.store.write import commit, put
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.scratch_rows import COMPLETED_AT, RANKED, DealRow, GuardRow, LineRow, PictureRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def person_id() -> str:
    return new_id("per")


@pytest.fixture(autouse=True)
def _scratch_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "ranked", lambda: RANKED)
    monkeypatch.setattr(planner, "owned", lambda: {(row.table, row.row_kind): row for row in [*RANKED, OutboxRow]})


def fill(person_id: str, deals: int = 2, state: str = "done") -> None:
    rows: list[Any] = [GuardRow(pk=new_id("key"), sk="GUARD", person_id=person_id)]
    rows += [PictureRow(pk=new_id("med"), sk="PICTURE", person_id=person_id)]
    for n in range(deals):
        number = new_id("ord")
        rows += [LineRow(pk=number, sk=f"LINE#{line}", person_id=person_id) for line in range(2)]
        rows += [deal(person_id, pk=number, state=state, completed_at=COMPLETED_AT + timedelta(hours=n))]
    commit([put(row) for row in rows])


def deal(person_id: str, **changes: Any) -> DealRow:
    return DealRow(
        **{"pk": new_id("ord"), "sk": "DEAL", "person_id": person_id, "epoch": 1, "state": "done", **changes}
    )


@pytest.mark.promise("J1.1", "J3.2")
def test_every_row_of_a_person_is_found_children_first_and_nobody_elses(person_id: str):
    fill(person_id)
    fill(new_id("per"))
    found = list(traverse(person_id))
    assert [one.row for one in found] == [GuardRow, *[LineRow] * 4, PictureRow, *[DealRow] * 2]
    assert len({(one.pk, one.sk) for one in found}) == 8
    assert list(traverse(new_id("per"))) == []


@pytest.mark.promise("J7.1")
def test_a_survey_finds_the_same_with_one_query_a_table(
    person_id: str, aws_calls: list[Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(planner, "PAGE", 3)
    fill(person_id)
    fill(new_id("per"))
    in_order = set(traverse(person_id))
    aws_calls.clear()
    found = list(survey(person_id))
    assert len(found) == len(in_order) == 8
    assert set(found) == in_order
    tables = [call.params["TableName"].rpartition("-")[2] for call in aws_calls]
    assert sorted(set(tables)) == ["community", "outbox", "people", "trade"]
    assert [tables.count(name) for name in ("community", "outbox", "people")] == [1, 1, 1]
    assert list(survey(new_id("per"))) == []


def test_a_survey_leaves_out_nothing_that_it_does_not_know(person_id: str, monkeypatch: pytest.MonkeyPatch):
    fill(person_id)
    later = planner.owned()
    monkeypatch.setattr(planner, "owned", lambda: {place: row for place, row in later.items() if row is not LineRow})
    with pytest.raises(Undeclared):
        plan(person_id, NOW)


def test_the_real_order_puts_children_before_what_leads_to_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    ranks = [row.erase_rank for row in planner.ranked()]
    assert ranks == sorted(ranks, reverse=True)
    assert planner.ranked()[-1].row_kind == "standing"


def test_what_does_not_fit_one_page_of_a_megabyte_is_found_all_the_same(
    person_id: str, cloud: TestCloud, aws_calls: list[Any]
):
    client, count = cloud.client("dynamodb"), 700
    for start in range(0, count, 25):
        rows = [
            LineRow(pk=f"{n:04d}".ljust(1900, "x"), sk="LINE", person_id=person_id) for n in range(start, start + 25)
        ]
        client.batch_write_item(
            RequestItems={"jule-test-trade": [{"PutRequest": {"Item": r.serialize()}} for r in rows]}
        )
    aws_calls.clear()
    assert len({one.pk for one in traverse(person_id, [LineRow])}) == count
    assert len(aws_calls) >= 2


def test_rows_are_read_a_hundred_at_a_time_and_what_went_meanwhile_is_left_out(person_id: str, aws_calls: list[Any]):
    commit([put(LineRow(pk="o", sk=f"{n:03d}", person_id=person_id)) for n in range(90)])
    found = [*traverse(person_id, [LineRow]), *(Found(LineRow, "o", f"gone{n}", person_id) for n in range(20))]
    aws_calls.clear()
    assert len(list(read(iter(found)))) == 90
    assert [call.operation for call in aws_calls] == ["BatchGetItem"] * 2


def test_only_rows_that_have_a_say_are_read(person_id: str, aws_calls: list[Any]):
    fill(person_id)
    aws_calls.clear()
    assert all(fate.verb == "delete" for fate in fates(person_id, NOW, [GuardRow, LineRow]))
    assert [call.operation for call in aws_calls] == ["Query"] * 2
    assert [planner.must_be_read(row) for row in RANKED] == [False, False, True, True]


ENDS = [
    (datetime(2026, 3, 1, 20, 0, tzinfo=UTC), date(2029, 3, 2)),
    (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), date(2029, 3, 1)),
    (datetime(2026, 3, 1, 0, 0, 0, 1000, tzinfo=UTC), date(2029, 3, 2)),
    (datetime(2026, 3, 1, 23, 59, 59, 999000, tzinfo=UTC), date(2029, 3, 2)),
    (datetime(2028, 2, 29, 0, 0, tzinfo=UTC), date(2031, 3, 1)),
    (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2031, 3, 2)),
    (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), date(2029, 1, 1)),
]


@pytest.mark.promise("K2.1")
@pytest.mark.parametrize(("completed_at", "until"), ENDS)
def test_what_is_kept_is_kept_three_years_rounded_up_to_whole_days(completed_at: datetime, until: date):
    row = deal("per_1", completed_at=completed_at)
    fate = fate_of(row, completed_at)
    assert (fate.verb, fate.until, fate.retention) == ("cut", until, "trade.legal")
    assert datetime.combine(until, datetime.min.time(), tzinfo=UTC) >= completed_at + timedelta(days=3 * 365)


@pytest.mark.promise("K1.2", "K2.1")
def test_what_is_kept_goes_the_moment_its_time_is_over_and_not_before():
    row, over_at = deal("per_1", completed_at=COMPLETED_AT), datetime(2029, 3, 1, 20, 0, tzinfo=UTC)
    assert fate_of(row, over_at - timedelta(milliseconds=1)).verb == "cut"
    assert fate_of(row, over_at) == Fate(Found(DealRow, row.pk, "DEAL", "per_1"), "delete")
    assert fate_of(deal("per_1"), NOW).verb == "delete"


@pytest.mark.promise("J7.1", "J7.2")
def test_a_plan_says_what_goes_what_stays_until_when_and_what_blocks(person_id: str):
    fill(person_id, deals=2)
    commit([put(deal(person_id, state="open"))])
    lines, blocks = plan(person_id, NOW)
    assert blocks == ["scratch.open"]
    assert lines == [
        Line("scratch_deal", "cut", "2029-03-02", "trade.legal", ("account.person_id", "post.text"), KEPT, 2),
        Line("scratch_deal", "delete", "", "", tuple(sorted({"account.person_id", "post.text", *KEPT})), (), 1),
        Line("scratch_guard", "delete", "", "", ("account.mobile_index", "account.person_id"), (), 1),
        Line("scratch_line", "delete", "", "", ("account.person_id", "order.number"), (), 4),
        Line("scratch_picture", "delete", "", "", ("account.person_id",), (), 1),
    ]


KEPT = ("order.amount", "order.number", "order.recipient")


@pytest.mark.promise("J7.3")
def test_a_plan_has_the_same_hash_until_something_in_it_changes(person_id: str, monkeypatch: pytest.MonkeyPatch):
    fill(person_id, deals=3)
    first = plan_hash(plan(person_id, NOW)[0])
    monkeypatch.setattr(planner, "ranked", lambda: RANKED[::-1])
    assert plan_hash(plan(person_id, NOW + timedelta(days=1))[0]) == first
    commit([put(deal(person_id, completed_at=COMPLETED_AT))])
    assert plan_hash(plan(person_id, NOW)[0]) != first
    assert plan_hash(plan(person_id, NOW + timedelta(days=4000))[0]) != first


def test_passing_things_are_told_but_the_hash_does_not_hang_on_them(person_id: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(planner, "ranked", lambda: [*RANKED, OutboxRow])
    fill(person_id)
    before = plan_hash(plan(person_id, NOW)[0])
    commit([put(OutboxRow(pk="m", sk="MESSAGE", person_id=person_id, queue="q", body="{}", at=NOW))])
    lines, _ = plan(person_id, NOW)
    assert [line.count for line in lines if line.kind == "outbox"] == [1]
    assert plan_hash(lines) == before


def test_what_changed_hands_since_the_index_was_read_is_somebody_elses(person_id: str):
    fill(person_id)
    found = list(traverse(person_id, [GuardRow, DealRow]))
    commit([put(GuardRow(pk=found[0].pk, sk="GUARD", person_id=new_id("per")))])
    assert [type(row) for row in read(iter(found))] == [DealRow, DealRow]


@pytest.mark.promise("J2.1")
def test_a_copy_shows_a_persons_own_values_opened_and_nobody_elses():
    someone: Someone = make_person()
    row = deal(
        someone.person_id,
        completed_at=COMPLETED_AT,
        amount=DealRow.amount.seal(someone.keys, "12300"),
        recipient=DealRow.recipient.seal(someone.keys, "王小明"),
        note=DealRow.note.seal(someone.keys, "送到门口"),
    )
    commit([put(row)])
    (found,) = read(traverse(someone.person_id, [DealRow]))
    shown, at = values_of(found), {"completed_at": "2026-03-01T20:00:00.000Z"}
    assert shown == {"pk": row.pk, "person_id": someone.person_id, "amount": "12300", "note": "送到门口", **at}


def test_plain_values_are_what_json_can_say():
    assert plain(COMPLETED_AT) == "2026-03-01T20:00:00.000Z"
    assert plain({"b", "a"}) == ["a", "b"]
    assert plain(b"ab") == "YWI="
    assert plain(3) == 3
