"""A put that goes by itself, and the SDK's own repeat of it."""

import pytest

from chalicelib.foundation.store.attributes import Integer, Text, Texts
from chalicelib.foundation.store.declare import KEY, STATE
from chalicelib.foundation.store.row import Row, get
from chalicelib.foundation.store.write import ConditionFailed, commit, put, put_new
from tests.support.wire import Wire, is_down, loses_answer


class MarkRow(Row, table="trade", kind="scratch_mark"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    number = Integer(STATE)
    tags = Texts(STATE, null=True)


def mark(number: int) -> MarkRow:
    return MarkRow(pk="a", sk="MARK", number=number, tags={"c", "a", "b"})


@pytest.mark.parametrize("tries", [1, 2])
def test_a_put_whose_answer_was_lost_is_not_refused_for_its_own_row(tries: int, wire: Wire):
    wire.plan("PutItem", *[loses_answer] * tries)
    commit([put_new(mark(1))])
    assert len(wire.bodies("PutItem")) == tries + 1
    row = get(MarkRow, "a", "MARK")
    assert row is not None
    assert row.number == 1


def test_a_put_that_finds_another_row_after_a_lost_answer_is_refused(wire: Wire):
    commit([put(mark(1))])
    wire.plan("PutItem", is_down)
    with pytest.raises(ConditionFailed):
        commit([put_new(mark(2))])


def test_the_same_row_put_before_by_somebody_is_refused_where_nothing_was_repeated(wire: Wire):
    commit([put_new(mark(1))])
    with pytest.raises(ConditionFailed):
        commit([put_new(mark(1))])
    assert len(wire.bodies("PutItem")) == 2
