"""A message is dealt with once, under what holds now; what can't be dealt with comes again, and it alone."""

import json
from typing import Any

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.row import get
from chalicelib.foundation.work.job import NotYet
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import deliver
from tests.support.killing import MOMENTS, Killed, killed_at
from tests.support.people import Someone, make_person
from tests.support.scratch_jobs import (
    CANARY,
    ESSENTIAL,
    OPTIONAL,
    EffectRow,
    ScratchStopped,
    ScratchWanted,
    Worker,
    announced,
    effects,
    is_done,
    one,
    outcomes,
)
from tests.support.wire import Wire, is_down, loses_answer


@pytest.fixture
def someone() -> Someone:
    return make_person(consents=[OPTIONAL])


def test_a_verb_gets_the_message_and_the_person_as_they_stand_now(someone: Someone, cloud: TestCloud):
    worker = Worker(purpose=ESSENTIAL)
    body = one(cloud, someone)
    assert worker.take(body) == []
    ((call, message),) = worker.seen
    assert message == ScratchWanted(order_id="ord_1")
    assert call.who.person_id == someone.person_id
    assert call.who.consents == {OPTIONAL}
    assert (call.purpose, call.channel) == (ESSENTIAL, "system")
    assert call.idempotency_key == json.loads(body)["id"]
    assert call.announced_at is not None
    assert is_done(body)


def test_each_contract_of_a_queue_is_told_by_its_name(someone: Someone, cloud: TestCloud):
    worker = Worker()
    bodies = announced(cloud, someone, ScratchStopped(why="x"), ScratchWanted(order_id="a"))
    assert worker.take(*bodies) == []
    assert {type(message) for _, message in worker.seen} == {ScratchStopped, ScratchWanted}


@pytest.mark.parametrize("times", [2, 5])
def test_a_message_delivered_again_is_dropped(times: int, someone: Someone, cloud: TestCloud, capsys: Any):
    worker = Worker()
    assert worker.take(*[one(cloud, someone)] * times) == []
    assert len(worker.seen) == 1
    assert effects(cloud) == 1
    assert outcomes(capsys) == ["done", *["done_before"] * (times - 1)]


POISON = {
    "no json": "{",
    "not ours": '{"hello": 1}',
    "deep": "[" * 100_000,
    "NaN": '{"id": NaN}',
    "lone surrogate": '{"id": "\\ud800", "kind": "ScratchWanted", "body": {}}',
    "empty": "",
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_one_poisonous_message_among_ten_comes_again_and_it_alone(
    poison: str, someone: Someone, cloud: TestCloud, capsys: pytest.CaptureFixture[str]
):
    worker = Worker()
    good = [one(cloud, someone) for _ in range(9)]
    assert worker.take(*good[:4], poison, *good[4:]) == [4]
    assert len(worker.seen) == 9
    assert all(is_done(body) for body in good)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["failed"] for line in lines if line["event"] == "job_batch"] == [1]
    assert len([line for line in lines if line["event"] == "job_fault"]) == 1


def test_a_message_of_an_unknown_kind_or_shape_comes_again(someone: Someone, cloud: TestCloud):
    body = json.loads(one(cloud, someone))
    worker = Worker()
    other = json.dumps({**body, "kind": "SomethingElse"})
    shapeless = json.dumps({**body, "body": {"order_id": 5}})
    overfull = json.dumps({**body, "body": {"order_id": "a", "extra": 1}})
    assert worker.take(other, shapeless, overfull) == [0, 1, 2]
    assert worker.seen == []
    assert not is_done(json.dumps(body))


def test_a_verb_that_fails_leaves_nothing_of_what_it_said(someone: Someone, cloud: TestCloud, capsys: Any):
    worker = Worker()

    def fail() -> None:
        raise ValueError(CANARY)

    worker.before = fail
    body = one(cloud, someone)
    assert worker.take(body) == [0]
    assert not is_done(body)
    printed = capsys.readouterr()
    assert CANARY not in printed.out + printed.err
    assert '"kind":"ValueError"' in printed.out
    worker.before = lambda: None
    assert worker.take(body) == []
    assert effects(cloud) == 1


def test_a_failure_of_ours_is_logged_by_its_code(someone: Someone, cloud: TestCloud, capsys: Any):
    worker = Worker()

    def busy() -> None:
        raise Busy

    worker.before = busy
    assert worker.take(one(cloud, someone)) == [0]
    assert '"kind":"service.unavailable"' in capsys.readouterr().out


def test_what_is_not_finished_yet_comes_again(someone: Someone, cloud: TestCloud, capsys: Any):
    worker = Worker()

    def later() -> None:
        raise NotYet

    worker.before = later
    body = one(cloud, someone)
    assert worker.take(body) == [0]
    assert outcomes(capsys) == ["not_yet"]
    assert not is_done(body)


def test_what_is_nobodys_business_runs_for_nobody(cloud: TestCloud):
    worker = Worker()
    assert worker.take(one(cloud, None)) == []
    assert worker.seen[0][0].person is None


def test_a_test_event_of_s3_is_dropped_and_what_comes_from_outside_is_checked(capsys: Any):
    worker = Worker(outside=True)
    event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    assert worker.take(event, '{"order_id": "a"}', '{"order_id": 1}', "[1]", "[" * 50_000, "no json") == [2, 3, 4, 5]
    assert [message for _, message in worker.seen] == [ScratchWanted(order_id="a")]
    assert outcomes(capsys) == ["test_event", "done"]


def test_killed_between_effect_and_done_mark_the_next_run_sees_the_effect(someone: Someone, cloud: TestCloud):
    """Every call of the verb and of the edge around it, before and after it took effect."""
    killed = 0
    for number in range(1, 10):
        for moment in MOMENTS:
            worker, body = Worker(), one(cloud, someone)
            with killed_at(number, moment) as came_to_it:
                try:
                    worker.take(body)
                except Killed:
                    killed += 1
                came = came_to_it()
            assert worker.take(body) == []
            assert is_done(body)
            assert get(EffectRow, json.loads(body)["id"], "EFFECT") is not None
            if not came:
                break
    assert killed == 8  # before and after: outbox row, standing, effect, done mark


def test_a_done_mark_whose_answer_was_lost_counts(someone: Someone, cloud: TestCloud, wire: Wire):
    worker, body = Worker(), one(cloud, someone)
    wire.plan("UpdateItem", loses_answer)
    assert worker.take(body) == []
    assert is_done(body)


def test_a_done_mark_that_can_not_be_written_brings_the_message_again(someone: Someone, cloud: TestCloud, wire: Wire):
    worker, body = Worker(), one(cloud, someone)
    wire.always("UpdateItem", is_down)
    assert worker.take(body) == [0]
    wire.restore()
    assert worker.take(body) == []
    assert (len(worker.seen), effects(cloud)) == (2, 1)


def test_a_verb_that_outlives_its_lease_is_refused_and_comes_again(someone: Someone, cloud: TestCloud, hands: Hands):
    worker, body = Worker(), one(cloud, someone)

    def linger() -> None:
        hands.by(seconds=31)
        call = worker.seen[-1][0]
        access.commit(call, [outbox.announce(call, "notices", ScratchStopped())])

    worker.before = linger
    assert worker.take(body) == [0]
    assert not is_done(body)
    assert effects(cloud) == 0


class OneMinute:
    """What Lambda tells a run that may take a minute."""

    aws_request_id = "rid_lambda"

    def __init__(self) -> None:
        self.until_s = clock.steady_s() + 60

    def get_remaining_time_in_millis(self) -> int:
        return round(1000 * (self.until_s - clock.steady_s()))


def test_what_there_is_no_time_for_comes_again_untouched_and_what_was_done_stays_done(
    someone: Someone, cloud: TestCloud, hands: Hands
):
    """A provider that hangs for 14 s a message: three fit into the minute, and none is cut off halfway."""
    worker = Worker()
    worker.before = lambda: hands.by(seconds=14)
    bodies = [one(cloud, someone) for _ in range(6)]
    assert deliver(worker.job, *bodies, context=OneMinute()) == [3, 4, 5]
    assert [is_done(body) for body in bodies] == [True, True, True, False, False, False]
    assert worker.take(*bodies[3:]) == []


def test_the_first_message_is_tried_however_little_time_is_left(someone: Someone, cloud: TestCloud):
    worker, context = Worker(), OneMinute()
    context.until_s -= 55
    bodies = [one(cloud, someone) for _ in range(2)]
    assert deliver(worker.job, *bodies, context=context) == [1]
