"""What was right when a message was written may not be when it runs: erased, frozen, closing, withdrawn."""

import json
from typing import Any

import pytest

from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.write import commit, delete, update
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.scratch_jobs import (
    ESSENTIAL,
    OPTIONAL,
    ScratchStopped,
    ScratchWanted,
    Worker,
    announced,
    is_done,
    one,
    outcomes,
)


@pytest.fixture
def someone() -> Someone:
    return make_person(consents=[OPTIONAL])


def stand(who: Someone, *actions: Any) -> None:
    commit([update((StandingRow, who.person_id, access.SK), list(actions))])


@pytest.mark.promise("J3.2")
def test_what_belongs_to_somebody_erased_is_dropped(someone: Someone, cloud: TestCloud, capsys: Any):
    worker = Worker()
    gone, unlisted = one(cloud, someone), one(cloud, someone)
    commit([delete((outbox.OutboxRow, json.loads(unlisted)["id"], "MESSAGE"))])
    commit([delete((StandingRow, someone.person_id, access.SK))])
    assert worker.take(gone, unlisted) == []
    assert worker.seen == []
    assert outcomes(capsys) == ["person_gone", "erased"]
    assert is_done(gone)


CHANGES = {
    "epoch": [StandingRow.epoch.set(2)],
    "frozen": [StandingRow.status.set("frozen")],
    "closing": [StandingRow.status.set("closing")],
}


@pytest.mark.parametrize("actions", CHANGES.values(), ids=CHANGES)
def test_what_was_sent_under_another_standing_is_dropped(
    actions: list[Any], someone: Someone, cloud: TestCloud, capsys: Any
):
    worker = Worker()
    body = one(cloud, someone)
    stand(someone, *actions)
    assert worker.take(body) == []
    assert worker.seen == []
    assert outcomes(capsys) == ["standing_changed"]


@pytest.mark.parametrize("actions", CHANGES.values(), ids=CHANGES)
def test_work_on_a_legal_ground_goes_on_whatever_the_standing(actions: list[Any], someone: Someone, cloud: TestCloud):
    worker = Worker(legal_ground="erasure")
    body, other = one(cloud, someone), one(cloud, someone)
    stand(someone, *actions)
    assert worker.take(body) == []
    assert worker.seen[0][0].who.person_id == someone.person_id
    commit([delete((StandingRow, someone.person_id, access.SK))])
    assert worker.take(other) == []
    assert worker.seen[1][0].person is None


@pytest.mark.promise("J6.1")
@pytest.mark.parametrize("changed", ["epoch", "frozen", "closing", "gone"])
def test_a_message_declared_for_the_frozen_reaches_them_and_nobody_who_leaves(
    changed: str, someone: Someone, cloud: TestCloud, capsys: Any
):
    worker = Worker(frozen={ScratchStopped: "withdrawal"})
    for_frozen, other = announced(cloud, someone, ScratchStopped(), ScratchWanted(order_id="ord_1"))
    if ScratchStopped.__name__ not in for_frozen:
        for_frozen, other = other, for_frozen
    if changed == "gone":
        commit([delete((StandingRow, someone.person_id, access.SK))])
    else:
        stand(someone, *CHANGES[changed])
    assert worker.take(for_frozen, other) == []
    assert [type(message) for _, message in worker.seen] == ([ScratchStopped] if changed in {"epoch", "frozen"} else [])
    assert is_done(other)
    why = "person_gone" if changed == "gone" else "standing_changed"
    assert outcomes(capsys) == ["done" if worker.seen else why, why]


@pytest.mark.promise("A2.2", "J6.1")
@pytest.mark.parametrize(("own", "given"), [(OPTIONAL, ""), ("", OPTIONAL), (OPTIONAL, ESSENTIAL)])
def test_a_consent_withdrawn_between_sending_and_running_stops_the_work(
    own: str, given: str, someone: Someone, cloud: TestCloud, capsys: Any
):
    worker = Worker(purpose=own)
    first, second = one(cloud, someone, purpose=given), one(cloud, someone, purpose=given)
    assert worker.take(first) == []
    assert worker.seen[0][0].purpose == OPTIONAL
    stand(someone, StandingRow.consents.delete({OPTIONAL}))
    assert worker.take(second) == []
    assert len(worker.seen) == 1
    assert outcomes(capsys) == ["done", "consent_withdrawn"]
    assert is_done(second)
