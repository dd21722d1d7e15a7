"""Every job there is: killed before each write, delivered twice, poisoned. A job without a recipe fails here."""

import json
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest
from chalice.app import EventSourceHandler, SQSEvent

from app import JOBS
from chalicelib.foundation.kernel.ids import new_id
from tests.support.calls import WATCH
from tests.support.clocks import Hands
from tests.support.edges import deliver
from tests.support.faults import forget_process
from tests.support.job_recipes import RECIPES, Stage, Work, poison
from tests.support.killing import Killed, changes_something, killed_at
from tests.support.leaving import raw
from tests.support.publishing import Town
from tests.support.schedules import tick
from tests.support.trading import Shop

LATER_MIN = 20
"""Longer than any job holds on to its work, and than a queue hides a message."""


def _registered() -> Iterator[tuple[str, Any]]:
    for module in map(import_module, JOBS):
        for name, found in vars(module).items():
            if isinstance(found, EventSourceHandler):
                yield name, found


REGISTERED = dict(_registered())
QUEUED = sorted(name for name, job in REGISTERED.items() if job.event_class is SQSEvent)
OUTSIDE = {"process_media", "record_shipment"}
"""Jobs whose messages come from elsewhere than the outbox."""
STRIDE = {"continue_erasures": 5}
"""How many writes lie between two kills where another job, which does the same, is killed before each."""
EVERY_JOB = pytest.mark.parametrize("name", sorted(REGISTERED))
pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.timeout(300)]


@pytest.fixture
def stage(shop: Shop, town: Town, hands: Hands) -> Stage:
    return Stage(shop, town, hands)


def begun(stage: Stage, name: str) -> Work:
    """Set the stage anew and have a piece of work on it."""
    stage.cloud.empty(set(WATCH.touched))
    forget_process()
    stage.hands.moved *= 0
    return RECIPES[name](stage)


def run(name: str, work: Work) -> None:
    """Have the job run as the cloud runs it; a message must be dealt with for good."""
    if work.body:
        assert deliver(REGISTERED[name], work.body) == []
    else:
        tick(REGISTERED[name])


def test_every_job_has_a_recipe():
    assert set(RECIPES) == set(REGISTERED)


@pytest.mark.promise("J7.4")
@EVERY_JOB
def test_killed_before_any_write_it_comes_to_the_same_end(stage: Stage, name: str):
    """Killed after a write is killed before the next; after the last one the message comes again."""
    work = begun(stage, name)
    run(name, work)
    expected = work.end()
    number, died = 0, True
    while died:
        number += STRIDE.get(name, 1)
        work = begun(stage, name)
        with killed_at(number, "before", changes_something) as reached, suppress(Killed):
            run(name, work)
        died = reached()
        forget_process()
        stage.hands.by(minutes=LATER_MIN)
        run(name, work)
        assert work.end() == expected, number
    assert number > 1


@EVERY_JOB
def test_delivered_again_it_changes_nothing(stage: Stage, name: str):
    work = begun(stage, name)
    run(name, work)
    expected = work.end()
    work = begun(stage, name)
    run(name, work)
    if work.body:
        assert deliver(REGISTERED[name], work.body, work.body) == []
    run(name, work)
    assert work.end() == expected


@pytest.mark.parametrize("name", QUEUED)
def test_poison_comes_back_and_the_rest_of_its_batch_is_done(stage: Stage, name: str):
    work = begun(stage, name)
    bad = poison(work.body)
    assert deliver(REGISTERED[name], *bad, work.body) == list(range(len(bad)))
    after = work.end()
    work = begun(stage, name)
    run(name, work)
    assert after == work.end()


@pytest.mark.parametrize("name", sorted(set(QUEUED) - OUTSIDE))
def test_a_message_that_nobody_announced_is_dropped_and_does_nothing(stage: Stage, name: str):
    work = begun(stage, name)
    unannounced = json.dumps({**json.loads(work.body), "id": new_id("msg")})
    before = raw(stage.cloud)
    assert deliver(REGISTERED[name], unannounced) == []
    assert raw(stage.cloud) == before
