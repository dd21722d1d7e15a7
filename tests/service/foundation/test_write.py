"""All or nothing, once, and a refusal that says why."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.exceptions import GetError

from chalicelib.foundation.kernel.errors import Busy, Failure, FieldError, Kind, NotFound
from chalicelib.foundation.store.attributes import Flag, Instant, Integer, Json, Text, Texts
from chalicelib.foundation.store.declare import KEY, STATE, TIME
from chalicelib.foundation.store.faults import is_outage
from chalicelib.foundation.store.row import Row, get
from chalicelib.foundation.store.write import (
    ConditionFailed,
    TooManyWrites,
    Unmet,
    check,
    commit,
    delete,
    put,
    put_new,
    update,
    update_now,
)
from tests.support.cloud import TestCloud
from tests.support.wire import Wire, answers, is_down, loses_answer, passes, refuses


class StockRow(Row, table="trade", kind="scratch_stock"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    left = Integer(STATE, null=True)
    at = Instant(TIME, null=True)
    on = Flag(STATE, null=True)
    tags = Texts(STATE, null=True)
    more = Json(STATE, null=True)


class SoldOut(Failure):
    code = "scratch.sold_out"
    kind = Kind.CONFLICT
    title_zh = "售罄"
    title_en = "Sold out"


def stock(name: str, left: int = 1) -> StockRow:
    return StockRow(pk=name, sk="STOCK", left=left)


def take(name: str, otherwise: Any = SoldOut) -> Any:
    return update((StockRow, name, "STOCK"), [StockRow.left.add(-1)], StockRow.left >= 1, otherwise=otherwise)


def left(name: str) -> int | None:
    row = get(StockRow, name, "STOCK")
    return row.left if row else None


def test_a_row_comes_back_as_it_was_put():
    at = datetime(2026, 2, 28, 12, 30, 15, 123000, tzinfo=UTC)
    commit([put(StockRow(pk="a", sk="STOCK", left=-(2**53) - 1, at=at, on=False, tags={"b", "a"}, more={"k": [1]}))])
    row = get(StockRow, "a", "STOCK")
    assert row is not None
    assert (row.left, row.at, row.on, row.tags, row.more) == (-(2**53) - 1, at, False, {"a", "b"}, {"k": [1]})
    assert row.kind == "scratch_stock"


def test_an_empty_set_is_stored_as_absent():
    commit([put(StockRow(pk="a", sk="STOCK", tags=set()))])
    row = get(StockRow, "a", "STOCK")
    assert row is not None
    assert row.tags is None


@pytest.mark.parametrize("wrong", [1.0, "1", True])
def test_a_number_that_is_no_whole_number_is_a_fault(wrong: object):
    with pytest.raises(TypeError):
        commit([put(StockRow(pk="a", sk="STOCK", left=wrong))])


def test_nothing_is_written_when_one_condition_fails(cloud: TestCloud):
    commit([put(stock("a")), put(stock("b", 0))])
    with pytest.raises(SoldOut):
        commit([take("a"), take("b"), put(stock("c"))])
    assert (left("a"), left("b"), left("c")) == (1, 0, None)


def test_the_first_failing_write_says_why():
    commit([put(stock("a", 0)), put(stock("b", 0))])
    with pytest.raises(NotFound):
        commit([put(stock("c")), take("b", NotFound), take("a", SoldOut)])
    refusal = SoldOut((FieldError("/lines/1", "sold_out"),))
    with pytest.raises(SoldOut) as caught:
        commit([put(stock("c")), take("b", refusal)])
    assert caught.value.errors == refusal.errors
    with pytest.raises(ConditionFailed):
        commit([put(stock("c")), take("b", None)])


def test_a_single_write_refuses_as_a_transaction_does():
    commit([put_new(stock("a", 0))])
    for write in (
        take("a"),
        put_new(stock("a"), SoldOut),
        delete((StockRow, "a", "STOCK"), StockRow.left == 5, SoldOut),
    ):
        with pytest.raises(SoldOut):
            commit([write])
    with pytest.raises(ConditionFailed):
        commit([put_new(stock("a"))])
    with pytest.raises(SoldOut):
        commit([check((StockRow, "a", "STOCK"), StockRow.left == 5, SoldOut)])
    assert left("a") == 0


def test_an_update_makes_no_row():
    with pytest.raises(SoldOut):
        commit([update((StockRow, "a", "STOCK"), [StockRow.left.set(3)], otherwise=SoldOut)])
    assert left("a") is None


def test_a_delete_may_come_twice():
    commit([put(stock("a"))])
    commit([delete((StockRow, "a", "STOCK"))])
    commit([delete((StockRow, "a", "STOCK"))])
    assert left("a") is None


def test_a_hundred_writes_go_and_one_more_is_refused(cloud: TestCloud):
    with pytest.raises(TooManyWrites):
        commit([put(stock(f"s{n}")) for n in range(101)])
    assert cloud.items("trade") == []
    commit([put(stock(f"s{n}")) for n in range(100)])
    assert len(cloud.items("trade")) == 100


def test_no_write_is_no_call(aws_calls: list[Any]):
    commit([])
    assert aws_calls == []


def test_one_write_goes_as_a_plain_call_and_several_as_one_transaction(aws_calls: list[Any]):
    commit([put(stock("a"))])
    commit([take("a"), put(stock("b"))])
    assert [call.operation for call in aws_calls] == ["PutItem", "TransactWriteItems"]


def cancelled(*codes: str) -> Any:
    return refuses("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


def test_a_conflict_is_tried_again_under_the_same_token(wire: Wire):
    commit([put(stock("a")), put(stock("b"))])
    wire.sent.clear()
    wire.plan("TransactWriteItems", *[cancelled("TransactionConflict", "None")] * 3)
    commit([take("a"), take("b")])
    assert (left("a"), left("b")) == (0, 0)
    tokens = {body["ClientRequestToken"] for body in wire.bodies("TransactWriteItems")}
    assert len(wire.bodies("TransactWriteItems")) == 4
    assert len(tokens) == 1


def test_a_conflict_on_a_single_write_is_tried_again(wire: Wire):
    wire.plan("PutItem", *[refuses("TransactionConflictException")] * 3)
    commit([put(stock("a"))])
    wire.plan("UpdateItem", *[refuses("TransactionConflictException")] * 3)
    assert update_now(take("a")).left == 0  # type: ignore[attr-defined]


TIMES_OUT = {
    "conflict": ("TransactionConflict", "None"),
    "throttled": ("ThrottlingError", "None"),
    "capacity": ("None", "ProvisionedThroughputExceeded"),
}


@pytest.mark.parametrize("codes", TIMES_OUT.values(), ids=TIMES_OUT)
def test_conflicts_and_throttling_without_end_are_told_as_busy(codes: tuple[str, str], wire: Wire, cloud: TestCloud):
    wire.always("TransactWriteItems", cancelled(*codes))
    with pytest.raises(Busy) as caught:
        commit([put(stock("a")), put(stock("b"))])
    assert caught.value.retry_after_s is not None
    assert 2 < len(wire.bodies("TransactWriteItems")) < 20
    assert cloud.items("trade") == []


def test_conflicts_without_end_on_a_single_write_are_told_as_busy(wire: Wire):
    wire.always("PutItem", refuses("TransactionConflictException"))
    with pytest.raises(Busy):
        commit([put(stock("a"))])
    wire.always("UpdateItem", refuses("TransactionConflictException"))
    with pytest.raises(Busy):
        update_now(take("a"))


def test_a_failed_condition_is_told_whatever_else_was_in_the_way(wire: Wire):
    wire.plan("TransactWriteItems", cancelled("TransactionConflict", "ConditionalCheckFailed"))
    with pytest.raises(SoldOut):
        commit([put(stock("a"), otherwise=NotFound), take("b")])


def test_a_transaction_that_can_never_go_is_a_fault_and_not_tried_again(wire: Wire):
    wire.always("TransactWriteItems", cancelled("ValidationError", "None"))
    with pytest.raises(Exception, match="TransactionCanceled") as caught:
        commit([put(stock("a")), put(stock("b"))])
    assert not is_outage(caught.value)
    assert len(wire.bodies("TransactWriteItems")) == 1


@pytest.mark.parametrize("tries", [1, 2])
def test_a_transaction_whose_answer_was_lost_is_applied_once(tries: int, wire: Wire):
    commit([put(stock("a", 10)), put(stock("b", 10))])
    wire.sent.clear()
    wire.plan("TransactWriteItems", *[loses_answer] * tries)
    commit([take("a"), take("b"), put_new(stock("c"), SoldOut)])
    assert (left("a"), left("b"), left("c")) == (9, 9, 1)
    sent = wire.bodies("TransactWriteItems")
    assert len(sent) == tries + 1
    assert len({body["ClientRequestToken"] for body in sent}) == 1


def test_a_transaction_that_is_still_in_progress_is_waited_for(wire: Wire):
    commit([put(stock("a", 10)), put(stock("b", 10))])
    wire.plan("TransactWriteItems", *[refuses("TransactionInProgressException")] * 3, passes)
    commit([take("a"), take("b")])
    assert left("a") == 9


def test_two_commits_of_the_same_writes_are_two():
    commit([put(stock("a", 10)), put(stock("b", 10))])
    writes = [take("a"), take("b")]
    commit(writes)
    commit(writes)
    assert left("a") == 8


def test_what_was_refused_shows_the_row_as_it_stands():
    commit([put(stock("a", 0))])
    with pytest.raises(Unmet) as caught:
        update_now(take("a"))
    assert isinstance(caught.value.found, StockRow)
    assert caught.value.found.left == 0
    with pytest.raises(Unmet) as caught:
        update_now(take("nobody"))
    assert caught.value.found is None


def test_the_last_one_is_sold_once_however_many_ask():
    commit([put(stock("a", 5)), put(stock("b", 100))])

    def buy(_: int) -> bool:
        try:
            commit([take("a"), take("b")])
        except SoldOut:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        sold = list(pool.map(buy, range(32)))
    assert (sold.count(True), left("a"), left("b")) == (5, 0, 95)


OUTAGES = {
    "down": is_down,
    "throttled": refuses("ThrottlingException"),
    "capacity": refuses("ProvisionedThroughputExceededException"),
    "limit": refuses("RequestLimitExceeded"),
    "broken": refuses("InternalServerError", 500),
    "unknown 503": refuses("SomethingNew", 503),
    "no words": answers({}, 502),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_told_from_a_fault_of_ours_on_every_path(fault: Any, wire: Wire):
    wire.always("*", fault)
    paths = [
        lambda: get(StockRow, "a", "STOCK"),
        lambda: list(StockRow.query("a")),
        lambda: commit([put(stock("a"))]),
        lambda: commit([put(stock("a")), put(stock("b"))]),
        lambda: update_now(take("a")),
    ]
    for path in paths:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever the SDK raises; told apart below
            path()
        assert is_outage(caught.value), path
    assert len(wire.sent) == 3 * len(paths)


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"])
def test_a_fault_of_ours_is_no_outage(code: str, wire: Wire):
    wire.always("*", refuses(code))
    with pytest.raises(GetError) as caught:
        get(StockRow, "a", "STOCK")
    assert not is_outage(caught.value)
    assert not is_outage(ValueError("Throttling"))
