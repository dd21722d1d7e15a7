"""What was announced is sent at once; what did not get through is sent again, until somebody has dealt with it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.shapes import Message
from chalicelib.foundation.standing import access
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.work import sweeps
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.permissions import taken_refusals
from tests.support.schedules import tick
from tests.support.wire import Wire, is_down, loses_answer, refuses


class ScratchOrdered(Message):
    order_id: str


@pytest.fixture
def someone() -> Someone:
    return make_person()


def announce(who: Someone, *order_ids: str, queue: str = "notices") -> list[str]:
    """Announce messages in one transaction, as a verb does; gives the ids of their rows."""
    call = who.call(clock.now())
    writes = [outbox.announce(call, queue, ScratchOrdered(order_id=one)) for one in order_ids]
    access.commit(call, writes)
    return [write.kwargs["Item"]["pk"]["S"] for write in writes]


def sweep() -> None:
    tick(sweeps.resend_outbox)


def sent(cloud: TestCloud, queue: str = "notices") -> list[str]:
    bodies = [msgspec.json.decode(message["Body"], type=outbox.Envelope) for message in cloud.messages(queue)]
    return sorted(msgspec.json.decode(body.body)["order_id"] for body in bodies)


def waiting() -> list[str]:
    return sorted(pk for pk, _ in due("outbox", clock.now() + timedelta(days=30)))


@pytest.mark.promise("J3.2")
def test_a_message_is_sent_at_once_with_ids_and_no_content_nor_whose_it_is(someone: Someone, cloud: TestCloud):
    (message_id,) = announce(someone, "ord_1")
    (message,) = cloud.messages("notices")
    envelope = msgspec.json.decode(message["Body"])
    assert envelope.pop("at")
    assert envelope == {
        "id": message_id,
        "kind": "ScratchOrdered",
        "body": {"order_id": "ord_1"},
        "purpose": "account.service",
    }
    assert someone.person_id not in message["Body"]
    row = get(outbox.OutboxRow, message_id, "MESSAGE")
    assert row is not None
    assert (row.person_id, row.epoch) == (someone.person_id, 1)
    assert someone.person_id not in row.body
    assert waiting() == [message_id]


def test_twelve_messages_go_in_two_batches(someone: Someone, cloud: TestCloud, aws_calls: list[Any]):
    announce(someone, *(f"ord_{n:02d}" for n in range(12)))
    assert [call.operation for call in aws_calls if call.service == "sqs"] == ["SendMessageBatch"] * 2
    assert len(sent(cloud)) == 12


def test_nothing_is_sent_when_the_transaction_does_not_stand(someone: Someone, cloud: TestCloud):
    stale = someone.call(person=msgspec.structs.replace(someone.person(), epoch=99))
    with pytest.raises(access.Unauthenticated):
        access.commit(
            stale,
            [outbox.announce(stale, "notices", ScratchOrdered(order_id="a"))] * 1
            + [outbox.announce(stale, "notices", ScratchOrdered(order_id="b"))],
        )
    assert cloud.messages("notices") == []
    assert cloud.items("outbox") == []


@pytest.mark.parametrize("fault", [is_down, loses_answer], ids=["down", "answer lost"])
def test_a_commit_stands_though_the_queue_is_down_and_the_sweep_sends_later(
    fault: Any, someone: Someone, cloud: TestCloud, wire: Wire, hands: Hands, capsys: pytest.CaptureFixture[str]
):
    wire.always("SendMessageBatch", fault)
    announce(someone, "ord_1", "ord_2")
    assert '"event":"outbox_deferred","queue":"notices","count":2' in capsys.readouterr().out
    wire.restore()
    cloud.messages("notices")
    sweep()
    assert sent(cloud) == []
    hands.by(seconds=59)
    sweep()
    assert sent(cloud) == []
    hands.by(seconds=2)
    sweep()
    assert sent(cloud) == ["ord_1", "ord_2"]


@pytest.mark.parametrize("queue", ["notices", "community", "exports", "erasures", "withdrawals"])
def test_the_sweep_sends_again_on_every_queue_that_messages_are_announced_on(
    queue: str, someone: Someone, cloud: TestCloud, wire: Wire, hands: Hands
):
    wire.always("SendMessageBatch", is_down)
    announce(someone, "ord_1", queue=queue)
    wire.restore()
    hands.by(seconds=61)
    sweep()
    assert sent(cloud, queue) == ["ord_1"]


def test_a_message_is_not_sent_twice_within_its_wait_and_the_waits_double(
    someone: Someone, cloud: TestCloud, hands: Hands
):
    announce(someone, "ord_1")
    assert sent(cloud) == ["ord_1"]
    ages_min = []
    for minute in range(1, 70):
        hands.by(seconds=60.5)
        sweep()
        ages_min += [minute] if sent(cloud) else []
    assert ages_min[:2] == [1, 2]
    assert 6 <= len(ages_min) <= 8
    for _ in range(6):
        hands.by(days=1, minutes=1)
        sweep()
        assert sent(cloud) == ["ord_1"]


def test_what_was_dealt_with_is_not_sent_again_and_ends_in_a_week(someone: Someone, cloud: TestCloud, hands: Hands):
    (message_id,) = announce(someone, "ord_1")
    commit([outbox.done(message_id, clock.now())])
    cloud.messages("notices")
    hands.by(minutes=2)
    sweep()
    assert cloud.messages("notices") == []
    assert waiting() == []
    row = get(outbox.OutboxRow, message_id, "MESSAGE")
    assert row is not None
    assert row.done
    assert timedelta(days=6) < row.expires_at - clock.now() < timedelta(days=7)


def test_a_message_that_was_erased_meanwhile_is_not_sent(someone: Someone, cloud: TestCloud, hands: Hands):
    (message_id,) = announce(someone, "ord_1")
    cloud.messages("notices")
    key = {"pk": {"S": message_id}, "sk": {"S": "MESSAGE"}}
    cloud.client("dynamodb").delete_item(TableName="jule-test-outbox", Key=key)
    hands.by(minutes=2)
    sweep()
    assert cloud.messages("notices") == []


def test_while_the_queue_stays_down_messages_stay_due(someone: Someone, cloud: TestCloud, wire: Wire, hands: Hands):
    wire.always("SendMessageBatch", refuses("ThrottlingException"))
    announce(someone, "ord_1")
    for _ in range(3):
        hands.by(minutes=2)
        sweep()
    wire.restore()
    sweep()
    assert sent(cloud) == ["ord_1"]


def test_a_message_that_can_never_be_sent_holds_up_no_other(
    someone: Someone, cloud: TestCloud, hands: Hands, capsys: pytest.CaptureFixture[str]
):
    announce(someone, *(f"bad_{n}" for n in range(12)), queue="no_such_queue")
    announce(someone, *(f"ord_{n}" for n in range(12)))
    cloud.messages("notices")
    hands.by(minutes=2)
    sweep()
    assert sent(cloud) == sorted(f"ord_{n}" for n in range(12))
    assert '"queue":"no_such_queue"' in capsys.readouterr().out
    assert [refusal.rpartition(" on ")[2] for refusal in taken_refusals()] == ["queue/no_such_queue"]


def test_a_sweep_stops_when_its_time_is_up_and_the_next_goes_on(someone: Someone, cloud: TestCloud, hands: Hands):
    announce(someone, "ord_1", "ord_2")
    cloud.messages("notices")
    hands.by(minutes=2)
    tick(sweeps.resend_outbox, left_ms=5500)
    assert sent(cloud) == []
    sweep()
    assert sent(cloud) == ["ord_1", "ord_2"]


def test_a_sweep_that_fails_says_so_and_raises(wire: Wire, capsys: pytest.CaptureFixture[str]):
    wire.always("Query", is_down)
    with pytest.raises(Exception, match="Could not connect"):
        sweep()
    assert '"event":"job_fault","job":"resend_outbox"' in capsys.readouterr().out
