"""A merge and whatever else happens to its two accounts at the same moment: one of them first, and nothing lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy, Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, CLOSING, FROZEN, MERGING
from chalicelib.foundation.store.write import commit
from chalicelib.rights.errors import MergePlanChanged
from chalicelib.rights.service import erasure, merging
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.goods import on_sale
from tests.support.leaving import Left, leave
from tests.support.lives import system_call
from tests.support.merging import Two
from tests.support.merging_acts import account, call_of, cancel, come_in, holdings, order, post
from tests.support.people import Someone
from tests.support.trading import run_sweep

pytestmark = pytest.mark.usefixtures("counterparties")
PURPOSE = "account.membership"


def outcome(act: Callable[[], object]) -> str:
    """Say what came of an act."""
    try:
        act()
    except Failure as refused:
        return refused.code
    return "done"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do things in threads of their own, from one moment on."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        gate.wait()
        return outcome(act)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def freeze(who: Someone) -> None:
    commit([access.freeze(who.standing(), "owner", clock.now(), otherwise=Busy)])


def pair() -> Two:
    return Two(come_in(account()), come_in(account()))


def statuses(both: Two) -> list[str]:
    return [str(who.standing().status) for who in both]


def finish(both: Two, hands: Hands) -> None:
    """Let hours pass with every sweep, until the other account is gone."""
    case = merging.list_merges(call_of(both.stays)).data[0].request_id
    for _ in range(12):
        if Left(case, "").case().step == "done":
            return
        hands.by(hours=6)
        run_sweep()
        erasure.continue_erasures(system_call(clock.now()), Deadline(3600))
    raise AssertionError(Left(case, "").case().step)


@pytest.mark.promise("B4.4")
@pytest.mark.parametrize("turn", range(3))
def test_what_is_ordered_and_posted_at_that_moment_is_there_or_refused(cloud: TestCloud, hands: Hands, turn: int):
    both, variant = pair(), on_sale()
    earlier = post(both.goes)
    made: list[str] = []
    acts = [lambda: made.append(order(both.goes, variant)), lambda: made.append(post(both.goes))]
    told = at_once(both.merge, *acts)
    if told[0] != "done":
        assert told[0] in {"rights.merge_blocked", MergePlanChanged.code}
        cancel_orders(both.goes, made)
        both.merge(clock.now())
    finish(both, hands)
    held = holdings(both.stays)
    assert sorted([*held.orders, *held.posts]) == sorted([earlier, *made])
    assert held.pointers == held.orders
    assert told[1:].count("done") == len(made)


def cancel_orders(who: Someone, made: list[str]) -> None:
    for one in made:
        if one.startswith("ord_"):
            cancel(who, one)


@pytest.mark.promise("B4.4", "B4.5")
@pytest.mark.parametrize("turn", range(2))
def test_an_order_cancelled_at_that_moment_is_cancelled_once(cloud: TestCloud, hands: Hands, turn: int):
    both, variant = pair(), on_sale()
    placed = order(both.goes, variant)
    merged, cancelled = at_once(both.merge, lambda: cancel(both.goes, placed))
    assert cancelled == "done"
    assert merged in {"done", "rights.merge_blocked", MergePlanChanged.code}
    if merged != "done":
        both.merge(clock.now())
    finish(both, hands)
    assert holdings(both.stays).orders == holdings(both.stays).pointers == [placed]


@pytest.mark.promise("B4.5", "J6.1")
@pytest.mark.parametrize("turn", range(3))
def test_a_withdrawal_at_that_moment_is_never_lost(cloud: TestCloud, turn: int):
    both = pair()
    merged, withdrawn = at_once(both.merge, lambda: withdraw_consent(call_of(both.goes), PURPOSE))
    assert merged in {"done", MergePlanChanged.code}
    if withdrawn == "done":
        if merged != "done":
            both.merge()
        assert PURPOSE not in (both.stays.standing().consents or set())
    else:
        assert both.goes.standing().status == MERGING


@pytest.mark.promise("B4.5", "K6.1")
@pytest.mark.parametrize("whose", ["stays", "goes"])
def test_a_freeze_at_that_moment_and_a_merge_exclude_each_other(cloud: TestCloud, whose: str):
    both = pair()
    frozen = both.stays if whose == "stays" else both.goes
    merged, _ = at_once(both.merge, lambda: freeze(frozen))
    ended = statuses(both)
    assert ended in ([ACTIVE, MERGING], [FROZEN, MERGING], [FROZEN, ACTIVE], [ACTIVE, FROZEN])
    assert (merged == "done") == (ended[1] == MERGING)


@pytest.mark.promise("B4.5", "J7.3")
@pytest.mark.parametrize("whose", ["stays", "goes"])
def test_a_cancellation_at_that_moment_leaves_no_account_half_merged(cloud: TestCloud, whose: str):
    both = pair()
    leaver = both.stays if whose == "stays" else both.goes
    merged, left = at_once(both.merge, lambda: leave(leaver))
    ended = statuses(both)
    assert ((merged == "done"), (left == "done")) == (ended[1] == MERGING, CLOSING in ended)
    assert ended in ([ACTIVE, MERGING], [CLOSING, MERGING], [CLOSING, ACTIVE], [ACTIVE, CLOSING])


@pytest.mark.promise("B4.5")
def test_of_many_merges_of_the_same_accounts_one_begins(cloud: TestCloud):
    both, third = pair(), come_in(account())
    others = [Two(both.goes, both.stays), Two(third, both.goes), Two(both.stays, third)]
    at_once(both.merge, both.merge, *(one.merge for one in others))
    merging_now = [who for who in (*both, third) if who.standing().status == MERGING]
    stay = [who for who in (*both, third) if who.standing().merge_id is not None]
    assert len(merging_now) == len(stay) == 1
    assert len([item for item in cloud.items("cases") if item["kind"]["S"] == "merge"]) == 1


LAST = {
    "withdrawn_there": lambda both: withdraw_consent(call_of(both.goes), PURPOSE),
    "frozen_there": lambda both: freeze(both.goes),
    "frozen_here": lambda both: freeze(both.stays),
    "cancelled_there": lambda both: leave(both.goes),
    "cancelled_here": lambda both: leave(both.stays),
}


@pytest.mark.promise("B4.5", "J6.1", "K6.1", "J7.3")
@pytest.mark.parametrize("what", LAST)
def test_what_came_just_before_the_transaction_stops_it(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, what: str):
    both, true_commit = pair(), merging.commit

    def late(*given: object, **named: object) -> None:
        monkeypatch.setattr(merging, "commit", true_commit)
        LAST[what](both)
        true_commit(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "commit", late)
    assert outcome(both.merge) == MergePlanChanged.code
    assert both.goes.standing().status != MERGING
    assert both.stays.standing().merge_id is None


@pytest.mark.promise("B4.5")
def test_a_withdrawal_here_at_the_last_moment_stands(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    both, true_commit = pair(), merging.commit

    def late(*given: object, **named: object) -> None:
        withdraw_consent(call_of(both.stays), PURPOSE)
        true_commit(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(merging, "commit", late)
    both.merge()
    assert PURPOSE not in (both.stays.standing().consents or set())
