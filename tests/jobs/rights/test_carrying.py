"""A merge: everything of the two accounts is the one's afterwards, whatever kills it on the way."""

from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.rows import CLOSING, MERGING
from chalicelib.foundation.store import carry, planner
from chalicelib.foundation.store.declare import OnMerge
from chalicelib.foundation.store.outbox import OutboxRow, announce
from chalicelib.foundation.store.planner import Undeclared
from chalicelib.foundation.store.row import Row
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.work.job import NotYet
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.notifications.jobs import deliver_notice
from chalicelib.notifications.tables import InboxRow
from chalicelib.orders.tables import OrderRow, new_pointer, pointers
from chalicelib.rights.service import carrying, erasure, export
from chalicelib.rights.tables import MergeRow
from tests.support.cloud import TestCloud
from tests.support.edges import deliver
from tests.support.leaving import HOUR, Left, leave, raw, traces
from tests.support.lives import system_call
from tests.support.merging import Two, finish, held, two
from tests.support.people import make_person
from tests.support.planted import plant

pytestmark = pytest.mark.usefixtures("counterparties")
MOVING = [row for row in planner.ranked() if row.on_merge is OnMerge.MOVE and row is not MergeRow]
KINDS = tuple(row.row_kind for row in MOVING)


def rich() -> Two:
    """Two accounts with one row of every kind that moves, each."""
    both = two()
    for who in both:
        for row in MOVING:
            plant(who, row)
    return both


def together(both: Two) -> dict[str, Counter[str]]:
    """Say what both have, by kind."""
    one, other = (held(who.person_id, *KINDS) for who in both)
    return {kind: Counter(map(str, one.get(kind, []) + other.get(kind, []))) for kind in KINDS if kind != "outbox"}


@pytest.mark.promise("B4.4")
@pytest.mark.parametrize("row", planner.ranked(), ids=lambda row: row.row_kind)
def test_every_row_of_a_person_says_what_a_merge_does_to_it(row: type[Row]):
    assert isinstance(row.on_merge, OnMerge)


@pytest.mark.promise("B4.4")
def test_a_kind_that_does_not_say_it_is_never_lost_silently(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    both = two()
    monkeypatch.setattr(OrderRow, "on_merge", None)
    with pytest.raises(Undeclared):
        both.merge()


@pytest.mark.promise("B4.4")
def test_everything_that_moves_is_the_others_and_readable(cloud: TestCloud):
    both = rich()
    before = together(both)
    both.merged()
    assert together(both) == before
    assert held(both.goes.person_id, *KINDS) == {}
    assert both.state() == "moved"
    assert both.stays.standing().merge_id is None


@pytest.mark.promise("B4.4", "J3.2")
def test_nothing_is_left_under_the_other_account(cloud: TestCloud):
    both = rich()
    both.merged()
    assert traces(cloud, both.goes, both.goes.keys["trade"]) == []


@pytest.mark.promise("B4.4")
def test_orders_stand_in_the_list_of_the_account_that_stays(cloud: TestCloud):
    both = two()
    order = plant(both.goes, OrderRow).row
    assert isinstance(order, OrderRow)
    commit([new_pointer(order)])
    both.merged()
    assert [row.order_id for row in pointers(both.stays.person_id, 10, "")] == [order.pk]
    assert pointers(both.goes.person_id, 10, "") == []


@pytest.mark.promise("B4.4")
@pytest.mark.parametrize("at", [0, 1, len(MOVING) // 2, len(MOVING) - 1, len(MOVING)])
def test_a_merge_killed_anywhere_goes_on_and_loses_and_doubles_nothing(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, at: int
):
    both = rich()
    before = together(both)
    request_id = both.merge().request_id
    left = iter(range(at))
    true_commit = carrying.commit

    def dying(*given: object, **named: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        true_commit(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "commit", dying)
        with pytest.raises(KeyboardInterrupt):
            finish(request_id)
    finish_later(request_id)
    assert together(both) == before
    assert both.state() == "moved"


def finish_later(request_id: str) -> None:
    """Go on after the killed process's time is over."""
    now = system_call().now + timedelta(days=5)
    for _ in range(20):
        if Left(request_id, "").case().step == "done":
            return
        erasure.continue_erasures(system_call(now), HOUR)
        now += timedelta(days=1)
    raise AssertionError(Left(request_id, "").case().step)


def test_when_time_is_short_it_goes_on_later(cloud: TestCloud):
    both = rich()
    request_id = both.merge().request_id
    with pytest.raises(NotYet):
        carrying.carry_over(system_call(), Left(request_id, "").case(), Deadline(-1))
    finish(request_id)
    assert both.state() == "moved"


@pytest.mark.promise("B4.4")
def test_until_the_wait_is_over_nothing_moves_and_nobody_comes_in(cloud: TestCloud):
    both = rich()
    request_id = both.merge().request_id
    erasure.continue_erasures(system_call(), HOUR)
    assert both.goes.standing().status == MERGING
    assert Left(request_id, "").case().step == "entrances"
    assert held(both.goes.person_id, *KINDS) != {}


@pytest.mark.promise("B4.4", "J3.2")
def test_an_account_cancelled_while_another_comes_in_takes_both_along(cloud: TestCloud):
    both = two()
    plant(both.goes, OrderRow)
    request_id = both.merge().request_id
    left = leave(both.stays)
    assert both.stays.standing().status == CLOSING
    finish(request_id)
    left.finish()
    assert [t for who in both for t in traces(cloud, who)] == []


@pytest.mark.promise("B4.4", "J3.2")
def test_a_merged_account_that_is_cancelled_leaves_nothing_of_either(cloud: TestCloud):
    both = rich()
    both.merged()
    leave(both.stays, now=system_call().now).finish()
    assert [t for who in both for t in traces(cloud, who)] == []


@pytest.mark.promise("B4.4", "J2.1")
def test_a_copy_shows_what_is_on_record_about_both(cloud: TestCloud):
    both = two()
    commit([record(both.goes.call(), "person:post:published", subject_id="pst_of_the_other")])
    both.merged()
    files = list(export._files(both.stays.call()))
    assert any(b"pst_of_the_other" in content for _, content in files)


@pytest.mark.promise("B4.4")
def test_a_value_under_a_key_of_its_own_stays_as_it_is(cloud: TestCloud):
    stays, other, third = make_person(), make_person(), make_person()
    row = plant(other, OrderRow).row
    assert isinstance(row, OrderRow)
    row.goods = OrderRow.goods.seal(third.keys, "x")
    changed = carry._changed(row, carry.Into(stays.person_id, 1, stays.keys), frozenset(other.keys.values()))
    assert "goods" not in changed
    assert changed["amount_fen"].key_id == stays.keys["trade"]
    assert raw(cloud)


@pytest.mark.promise("B4.4")
def test_a_message_on_its_way_waits_and_is_the_others(cloud: TestCloud):
    both = two()
    ordered = announce(both.goes.call(), "notices", NoticeOrdered(template="copy_ready", subject_id=new_id("req")))
    commit([ordered])
    request_id = both.merge().request_id
    assert ordered.message is not None
    assert deliver(deliver_notice, ordered.message.body.decode()) == []
    sent = planner.read(planner.traverse(both.goes.person_id, [OutboxRow]))
    assert [row.done for row in sent if isinstance(row, OutboxRow)] == [False]
    finish(request_id)
    assert deliver(deliver_notice, ordered.message.body.decode()) == []
    inbox = [row.template for row in planner.read(planner.traverse(both.stays.person_id, [InboxRow]))]
    assert "copy_ready" in inbox
