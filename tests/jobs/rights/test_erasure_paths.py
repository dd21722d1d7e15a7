"""What an erasure meets on its way: another worker, something still open, a silent provider, what came late."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.tables.logins import MobileLoginRow, mobile_door
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, put, update
from chalicelib.foundation.vault import keyring
from chalicelib.media.rules import original_key, picture_keys
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.orders.tables import OrderRow
from chalicelib.rights import rules
from chalicelib.rights.errors import ErasureIncomplete
from chalicelib.rights.jobs import continue_erasures, erase_person
from chalicelib.rights.service import erasure, passes
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import deliver
from tests.support.leaving import HOUR, leave, traces
from tests.support.lives import MOBILE, NAME, RESIDENCE, make_account, system_call
from tests.support.permissions import running
from tests.support.photographs import jpeg, scene
from tests.support.planted import bare, plant_everything, stored_now
from tests.support.publishing import Town, state_of
from tests.support.schedules import tick

pytestmark = pytest.mark.usefixtures("counterparties")
OTHER = "+8613900000002"
SOMEBODY_ELSE = "another process"


def settled_after(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    monkeypatch.setenv("ERASURE_SETTLE_S", str(seconds))
    reset_config()


def by_message(cloud: TestCloud) -> None:
    bodies = [message["Body"] for message in cloud.messages("erasures")]
    assert deliver(erase_person, *bodies) == []


def by_schedule(_: TestCloud) -> None:
    tick(continue_erasures)


@pytest.mark.promise("J3.2", "J7.3", "K2.2")
@pytest.mark.parametrize("run", [by_message, by_schedule])
def test_a_person_with_a_row_of_every_class_leaves_nothing_but_what_was_declared(
    cloud: TestCloud, run: Callable[[TestCloud], None]
):
    who = make_account()
    planted = plant_everything(who)
    left = leave(who)
    run(cloud)
    assert left.certificate().state == "done"
    kept = {one.row.pk for one in planted if one.row.kept_from() is not None}
    for table in ("people", "ephemeral", "outbox", "community"):
        assert [item for item in cloud.items(table) if who.person_id in str(item)] == []
    assert {item["pk"]["S"] for item in cloud.items("trade")} == kept
    evidence = {one.kind for one in planted if one.row.table == "evidence"}
    gone = [
        canary
        for one in planted
        if one.kind not in evidence and one.row.kept_from() is None
        for canary in one.canaries.values()
        if not canary.isdigit() and canary.startswith("鸟")
    ]
    assert len(gone) > 20
    assert traces(cloud, who, NAME, RESIDENCE, *gone) == []


@pytest.mark.promise("J3.2")
@pytest.mark.parametrize("run", [by_message, by_schedule])
def test_their_pictures_go_with_them_in_every_size_and_version(town: Town, run: Callable[[TestCloud], None]):
    who, other = make_account(), town.author("路人")
    theirs, mine = town.picture(other, jpeg()), town.picture(who, jpeg(picture=scene((96, 64))))
    waiting = town.upload(who, jpeg())
    kept, going = (set(picture_keys(state_of(one).folder)) for one in (theirs, mine))
    assert town.objects("media") == kept | going
    assert town.objects("quarantine") == {original_key(waiting)}
    left = leave(who)
    run(town.cloud)
    assert left.certificate().state == "done"
    assert (town.objects("media"), town.objects("quarantine")) == (kept, set())
    assert traces(town.cloud, who) == []


@pytest.mark.promise("J7.4")
def test_of_eight_workers_at_once_one_does_the_work(cloud: TestCloud, counterparties: Counterparties):
    who = make_account()
    expected = leave(make_account(OTHER, "第二人"))
    expected.go_on()
    left = leave(who)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: erasure.erase(system_call(), left.request_id, HOUR), range(8)))
    assert left.case().step == "done"
    assert left.case().counts == expected.case().counts
    assert len(counterparties.control("GET", "/state")["sms"]) == 2  # one to each who left


def test_whoever_comes_while_another_is_at_it_leaves_it_alone(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    left = leave(make_account())
    real, seen = erasure._DO["guards"], []

    def overtaken(call, row, deadline):
        with running(SOMEBODY_ELSE):
            erasure.erase(system_call(), left.request_id, HOUR)
            erasure.continue_erasures(system_call(), HOUR)
        seen.append(left.case().step)
        real(call, row, deadline)

    monkeypatch.setitem(erasure._DO, "guards", overtaken)
    left.go_on()
    assert seen == ["guards"]
    assert left.case().step == "done"


def test_delivered_again_and_again_it_is_done_once(cloud: TestCloud, counterparties: Counterparties):
    left = leave(make_account())
    bodies = [message["Body"] for message in cloud.messages("erasures")]
    for _ in range(3):
        assert deliver(erase_person, *bodies) == []
    assert left.certificate().state == "done"
    assert len(counterparties.control("GET", "/state")["sms"]) == 1


@pytest.mark.promise("K2.1")
def test_an_order_placed_at_the_last_moment_is_waited_for_and_kept(cloud: TestCloud):
    """No transaction sees it: the plan was read before, and the account closed after."""
    who = make_account()
    left = leave(who)
    late = stored_now(who, OrderRow, state="paid", completed_at=None).row
    left.go_on()
    assert left.case().step == "entrances"
    assert keyring.data_key(who.keys["main"])
    assert get(OrderRow, late.pk, late.sk).person_id == who.person_id
    now = system_call().now
    commit([update(late, [OrderRow.state.set("received"), OrderRow.completed_at.set(now)])])
    assert left.finish().state == "done"
    kept = get(OrderRow, late.pk, late.sk)
    assert kept.person_id is None
    keyring.forget()
    assert kept.goods.reveal()
    assert '"record":"order"' in left.certificate().statement


@pytest.mark.promise("K2.1")
@pytest.mark.parametrize("step", ["rows", "second", "standing"])
def test_what_is_still_open_is_not_erased_at_any_step(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, step: str):
    who = make_account()
    left = leave(who)
    row = bare(who, OrderRow)
    row.state, row.completed_at = "paid", None
    real = erasure._DO[step]

    def late(*given):
        with running(SOMEBODY_ELSE):
            commit([put(row)])
        real(*given)

    with monkeypatch.context() as patched:
        patched.setitem(erasure._DO, step, late)
        left.go_on()
    assert left.case().step == step
    found = get(OrderRow, row.pk, row.sk)
    commit([update(found, [OrderRow.state.set("closed")])])
    assert left.finish().state == "done"
    assert get(OrderRow, row.pk, row.sk) is None


@pytest.mark.promise("J7.4")
def test_one_case_that_fails_stops_no_other(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    sick, well = leave(make_account()), leave(make_account(OTHER, "第二人"))
    real = erasure._DO["guards"]

    def failing(call, row, deadline):
        if row.pk == sick.request_id:
            raise OSError(row.pk)
        real(call, row, deadline)

    with monkeypatch.context() as patched:
        patched.setitem(erasure._DO, "guards", failing)
        tick(continue_erasures)
    assert (sick.case().step, well.case().step) == ("guards", "done")
    assert sick.finish().state == "done"


def test_a_case_that_failed_is_taken_up_soon_and_not_at_once(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    left = leave(make_account())
    with monkeypatch.context() as patched:
        patched.setitem(erasure._DO, "guards", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            left.go_on()
    assert rules.LOOK_AGAIN <= left.case().due_at - left.case().started_at <= rules.LOOK_AGAIN + timedelta(minutes=1)
    left.go_on()
    assert left.case().step == "guards"
    left.go_on(clock.now() + timedelta(minutes=3))
    assert left.case().step == "done"


def test_short_of_time_the_sweep_hands_over_to_the_next(cloud: TestCloud):
    left = leave(make_account())
    erasure.continue_erasures(system_call(), Deadline(0))
    assert left.case().step == "entrances"
    tick(continue_erasures)
    assert left.case().step == "done"


@pytest.mark.promise("J3.2")
def test_found_again_at_the_end_it_is_removed_again(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_account()
    late = who.call()
    left = leave(who)
    real = erasure._DO["standing"]

    def very_late(*given):
        with running(SOMEBODY_ELSE):
            commit([announce(late, "notices", NoticeOrdered(template="copy_ready", subject_id="req_x"))])
        real(*given)

    monkeypatch.setitem(erasure._DO, "standing", very_late)
    left.go_on()
    assert left.case().step == "done"
    assert traces(cloud, who, NAME) == []


@pytest.mark.promise("J3.2")
def test_what_cannot_be_removed_is_never_certified(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_account()
    left = leave(who)
    monkeypatch.setattr(passes, "execute", lambda *_: iter(()))
    with pytest.raises(ErasureIncomplete):
        left.go_on()
    assert left.case().step == "standing"
    assert left.certificate().state == "running"


@pytest.mark.promise("J3.2")
def test_the_number_is_free_at_once_and_the_second_pass_spares_the_new_owner(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch
):
    settled_after(monkeypatch, 960)
    before = make_account()
    left = leave(before)
    left.go_on()
    assert left.case().step == "settle"
    after = make_account()
    left.finish()
    _, pk, sk = mobile_door(mobile_index(MOBILE)).key
    assert get(MobileLoginRow, pk, sk).person_id == after.person_id
    assert after.standing().status == "active"
    assert traces(cloud, before) == []
