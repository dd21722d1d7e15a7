"""A message reaches the inbox once, however often it is delivered, and only of whoever is still there."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chalicelib.accounts.contracts.notices import SecurityNotice
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.kernel.shapes import Message
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.batch import delete_keys
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.work import job
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.notifications.jobs import deliver_notice
from tests.support.cloud import TestCloud
from tests.support.edges import deliver
from tests.support.people import Someone, make_person


class Foreign(Message):
    """A message that this queue does not carry."""

    template: str


def order(who: Someone, message: Message | None = None, *, now: datetime | None = None) -> str:
    """Announce a message as a domain does; gives its body on the queue."""
    said = message or NoticeOrdered(template="order_paid", subject_id=new_id("ord"))
    write = outbox.announce(who.call(now, purpose="order.fulfil"), "notices", said)
    commit([write])
    assert write.message is not None
    return write.message.body.decode()


def inbox(cloud: TestCloud, who: Someone) -> list[dict]:
    items = [i for i in cloud.items("people") if i["kind"]["S"] == "inbox"]
    return [i for i in items if i["pk"]["S"] == who.person_id]


def waiting(cloud: TestCloud) -> list[str]:
    """Give the ids of outbox messages that nobody has marked as done."""
    return [i["pk"]["S"] for i in cloud.items("outbox") if not i["done"]["BOOL"]]


def set_standing(who: Someone, *actions) -> None:
    commit([update((StandingRow, who.person_id, access.SK), actions)])


@pytest.mark.promise("G1.3")
def test_what_a_domain_announces_arrives_over_the_real_queue(cloud: TestCloud):
    who, order_id = make_person(), new_id("ord")
    call = who.call(purpose="order.fulfil")
    access.commit(call, [outbox.announce(call, "notices", NoticeOrdered(template="order_paid", subject_id=order_id))])
    assert deliver(deliver_notice, *(message["Body"] for message in cloud.messages("notices"))) == []
    (item,) = inbox(cloud, who)
    assert (item["template"]["S"], item["subject_id"]["S"]) == ("order_paid", order_id)
    assert waiting(cloud) == []


@pytest.mark.promise("G1.2")
@pytest.mark.parametrize("event", ["signed_up", "signed_in", "password_changed", "session_reused"])
def test_every_security_notice_arrives(cloud: TestCloud, event):
    who, now = make_person(), datetime.now(UTC)
    said = SecurityNotice(event=event, session_id=new_id("ses"), channel="app", at=now)
    assert deliver(deliver_notice, order(who, said)) == []
    assert [item["template"]["S"] for item in inbox(cloud, who)] == [event]


def test_the_inbox_holds_codes_and_ids_and_no_words(cloud: TestCloud):
    who = make_person()
    deliver(deliver_notice, order(who))
    assert set(inbox(cloud, who)[0]) == {
        *("pk", "sk", "kind", "person_id", "epoch", "message_id"),
        *("template", "subject_id", "at", "due_shard", "due_at"),
    }


@pytest.mark.promise("G1.3")
def test_a_message_delivered_again_lies_there_once(cloud: TestCloud):
    who = make_person()
    body = order(who)
    assert deliver(deliver_notice, body, body) == []
    assert deliver(deliver_notice, body) == []
    assert len(inbox(cloud, who)) == 1


@pytest.mark.promise("G1")
def test_killed_between_inbox_and_mark_it_still_lies_there_once(cloud: TestCloud, monkeypatch):
    who = make_person()
    body = order(who, now=datetime.now(UTC) - timedelta(minutes=5))

    def killed(message_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(job, "_mark_done", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(deliver_notice, body)
    (first,) = inbox(cloud, who)
    assert len(waiting(cloud)) == 1
    assert deliver(deliver_notice, body) == []
    assert inbox(cloud, who) == [first]
    assert waiting(cloud) == []


def test_a_message_read_meanwhile_stays_read_when_it_comes_again(cloud: TestCloud, monkeypatch):
    from chalicelib.notifications import service

    who = make_person()
    body = order(who)
    with monkeypatch.context() as patched:
        patched.setattr(job, "_mark_done", lambda _message_id: None)
        deliver(deliver_notice, body)
    (item,) = inbox(cloud, who)
    service.read_message(who.call(), item["message_id"]["S"])
    assert deliver(deliver_notice, body) == []
    assert "read_at" in inbox(cloud, who)[0]


@pytest.mark.promise("G1")
def test_poison_fails_alone_and_its_neighbours_arrive(cloud: TestCloud):
    who = make_person()
    poison = [
        "not json",
        "{}",
        order(who, Foreign(template="order_paid")),
        order(who).replace("order_paid", "no_such_template"),
        order(who, NoticeOrdered(template="order_paid", subject_id=new_id("per"))),
    ]
    batch = [order(who), *poison, order(who)]
    assert deliver(deliver_notice, *batch) == [1, 2, 3, 4, 5]
    assert len(inbox(cloud, who)) == 2
    assert len(waiting(cloud)) == 3


@pytest.mark.parametrize("ended", ["epoch", CLOSING, FROZEN, "gone"])
def test_a_message_to_whoever_has_left_is_dropped_for_good(cloud: TestCloud, ended):
    who = make_person()
    body = order(who)
    if ended == "gone":
        delete_keys("people", [(who.person_id, access.SK)])
    else:
        set_standing(who, StandingRow.epoch.set(2) if ended == "epoch" else StandingRow.status.set(ended))
    assert deliver(deliver_notice, body) == []
    assert inbox(cloud, who) == []
    assert waiting(cloud) == []


def test_a_message_whose_outbox_row_was_erased_is_dropped(cloud: TestCloud):
    who = make_person()
    body = order(who)
    delete_keys("outbox", [(message_id, "MESSAGE") for message_id in waiting(cloud)])
    assert deliver(deliver_notice, body) == []
    assert inbox(cloud, who) == []


def test_nothing_personal_reaches_the_log(cloud: TestCloud, capsys):
    who = make_person()
    deliver(deliver_notice, order(who), "not json")
    said = [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in said] == ["job_done", "job_fault", "job_batch"]
    assert who.person_id not in str(said)


@pytest.mark.promise("G1.2", "K6.1")
def test_whoever_is_frozen_is_told_of_what_happened_to_the_account_and_of_nothing_else(cloud: TestCloud):
    who = make_person()
    said = SecurityNotice(event="frozen_by_code", session_id="", channel="app", at=datetime.now(UTC))
    bodies = [order(who, said), order(who)]
    set_standing(who, StandingRow.status.set(FROZEN))
    assert deliver(deliver_notice, *bodies) == []
    assert [item["template"]["S"] for item in inbox(cloud, who)] == ["frozen_by_code"]
    assert waiting(cloud) == []
