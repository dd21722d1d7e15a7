"""Beginning a merge: proof for both accounts, a preview that is kept to, and what stands against it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.tables.guardians import WardRow
from chalicelib.accounts.tables.sessions import SESSION, SessionRow
from chalicelib.consent.service import declined_by, withdraw_consent
from chalicelib.foundation.kernel.errors import Failure, Unauthenticated
from chalicelib.foundation.standing.access import SK
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, MERGING, StandingRow
from chalicelib.foundation.store.write import commit, put, update
from chalicelib.foundation.web.identify import bearer
from chalicelib.orders.tables import OrderRow
from chalicelib.rights.errors import MergeBlocked, MergePlanChanged, OtherNotProved
from chalicelib.rights.service import merging
from tests.support.cloud import TestCloud
from tests.support.lives import make_account
from tests.support.merging import Two, two
from tests.support.minors import identify, know_age
from tests.support.people import make_person
from tests.support.planted import plant
from tests.support.trading import renewed

pytestmark = pytest.mark.usefixtures("counterparties")


@pytest.mark.promise("B4.5")
def test_the_preview_tells_what_moves_and_what_goes(cloud: TestCloud):
    both = two()
    plant(both.goes, OrderRow)
    seen = merging.preview_merge(both.stays.call(language="zh-CN"), both.goes.token)
    told = {line.kind: (line.count, line.outcome) for line in seen.lines}
    assert told["order"] == (1, "moves")
    assert told["profile"] == (1, "yields")
    assert told["session"] == (1, "goes")
    assert "支付金额" in next(line.items for line in seen.lines if line.kind == "order")
    assert seen.blocks == []


@pytest.mark.promise("B4.5")
def test_a_merge_begins_and_the_other_account_is_shut(cloud: TestCloud):
    both = two()
    assert both.merge().state == both.state() == "moving"
    assert both.goes.standing().status == MERGING
    with pytest.raises(Unauthenticated):
        bearer(f"Bearer {both.goes.token}", both.stays.call().now, with_key=True)
    with pytest.raises(OtherNotProved):
        both.merge()
    actions = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    assert {"person:account:merged", "person:account:absorbed", "erasure:begun"} <= set(actions)


@pytest.mark.promise("B4.5")
@pytest.mark.parametrize("what", ["own", "forged", "old", "no_session"])
def test_without_fresh_proof_of_another_account_nothing_happens(cloud: TestCloud, what: str):
    both = two()
    token = {"own": both.stays.token, "forged": "x.y.z"}.get(what, both.goes.token)
    if what == "no_session":
        token = make_person(recent=True).token
    if what == "old":
        began = SessionRow.started_at.set(both.goes.call().now - timedelta(minutes=6))
        commit([update((SessionRow, both.goes.session_id, SESSION), [began])])
        token = make_stale(both)
    with pytest.raises(OtherNotProved):
        merging.preview_merge(both.stays.call(), token)
    assert both.goes.standing().status == ACTIVE


def make_stale(both: Two) -> str:
    """Sign a token of the other account that carries no fresh proof."""
    return renewed(both.goes).token


@pytest.mark.promise("B4.5")
@pytest.mark.parametrize(("status", "code"), [(FROZEN, "other_frozen"), (MERGING, "other_closing")])
def test_an_account_that_may_not_act_is_not_merged(cloud: TestCloud, status: str, code: str):
    both = two()
    commit([update((StandingRow, both.goes.person_id, SK), [StandingRow.status.set(status)])])
    (block,) = merging.preview_merge(both.stays.call(), both.goes.token).blocks
    assert block.code == code
    with pytest.raises(MergeBlocked):
        both.merge(plan_hash="0" * 64)


@pytest.mark.promise("B4.5")
def test_an_open_order_stands_against_it(cloud: TestCloud):
    both = two()
    order = plant(both.goes, OrderRow).row
    commit([update(order, [OrderRow.state.set("paid")])])
    (block,) = merging.preview_merge(both.stays.call(), both.goes.token).blocks
    assert block.code == "order_open"
    with pytest.raises(MergeBlocked):
        both.merge()


@pytest.mark.promise("B4.5")
def test_what_came_since_the_preview_is_shown_first(cloud: TestCloud):
    both = two()
    seen = merging.preview_merge(both.stays.call(), both.goes.token).plan_hash
    plant(both.goes, OrderRow)
    with pytest.raises(MergePlanChanged):
        both.merge(plan_hash=seen)


@pytest.mark.promise("B4.5")
def test_a_withdrawal_on_either_wins(cloud: TestCloud):
    both = two()
    withdraw_consent(both.goes.call(), "account.membership")
    assert declined_by(both.goes.person_id) == {"account.membership"}
    seen = merging.preview_merge(both.stays.call(), both.goes.token)
    assert seen.withdrawn == ["account.membership"]
    both.merge()
    assert "account.membership" not in (both.stays.standing().consents or set())
    assert "account.public_profile" in (both.stays.standing().consents or set())


def outcome(act: Callable[[], object]) -> str:
    """Say what came of an act."""
    try:
        act()
    except Failure as refused:
        return refused.code
    return "done"


@pytest.mark.promise("B4.5")
def test_of_two_merges_crosswise_one_begins(cloud: TestCloud):
    both = two()
    crossed = Two(both.goes, both.stays)
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(lambda pair: outcome(pair.merge), (both, crossed)))
    assert said.count("done") == 1, said
    assert sorted(who.standing().status for who in both) == [ACTIVE, MERGING]


@pytest.mark.promise("B4.5")
def test_one_merge_at_a_time(cloud: TestCloud):
    both = two()
    both.merge()
    third = make_account("+8613712345678", "收藏家丙")
    (block,) = merging.preview_merge(both.stays.call(), third.token).blocks
    assert block.code == "merge_under_way"
    (block,) = merging.preview_merge(third.call(), both.stays.token).blocks
    assert block.code == "merge_under_way"


@pytest.mark.promise("B4.5", "M1.1")
@pytest.mark.parametrize("whose", ["stays", "goes"])
def test_whoever_is_protected_as_a_minor_is_not_merged_by_their_own_word(cloud: TestCloud, whose: str):
    both = two()
    know_age(both.stays if whose == "stays" else both.goes, 15)
    (block,) = merging.preview_merge(both.stays.call(), both.goes.token).blocks
    assert block.code == "minor"
    with pytest.raises(MergeBlocked):
        both.merge()


@pytest.mark.promise("B4.5")
def test_a_verified_account_is_the_one_that_stays(cloud: TestCloud):
    both = two()
    identify(both.goes)
    (block,) = merging.preview_merge(both.stays.call(), both.goes.token).blocks
    assert block.code == "other_verified"


@pytest.mark.promise("B4.5")
def test_a_guardian_is_not_absorbed(cloud: TestCloud):
    both = two()
    commit([put(WardRow(pk=f"WARDS#{both.goes.ref}", sk="WARD#per_x", person_id="per_x", epoch=1))])
    (block,) = merging.preview_merge(both.stays.call(), both.goes.token).blocks
    assert block.code == "other_guardian"
