"""The inbox keeps its order, its marks and its year."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.notifications import service
from chalicelib.notifications.contracts import InboxQuery
from chalicelib.notifications.errors import TemplateUnknown
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def put(who: Someone, at: datetime = NOW, template: str = "order_paid") -> None:
    call = who.call(at, idempotency_key=new_id("msg"), announced_at=at)
    service.deliver(call, template, "")


def page(who: Someone, now: datetime = NOW, **asked):
    return service.list_inbox(who.call(now), InboxQuery(**asked))


@pytest.mark.promise("G1.3")
def test_messages_come_newest_first_page_by_page():
    who, times = make_person(), [NOW + timedelta(seconds=n) for n in range(5)]
    for at in times:
        put(who, at)
    seen, cursor = [], ""
    for size in (2, 2, 1):
        found = page(who, times[-1], limit=2, cursor=cursor)
        assert len(found.data) == size
        seen += found.data
        cursor = found.next_cursor or ""
    assert [message.at for message in seen] == times[::-1]
    assert (found.has_more, found.next_cursor) == (False, None)


def test_a_page_that_is_exactly_full_is_the_last():
    who = make_person()
    put(who)
    put(who)
    assert not page(who, limit=2).has_more


@pytest.mark.promise("G1")
def test_unread_ones_can_be_listed_alone():
    who = make_person()
    for number in range(6):
        put(who, NOW + timedelta(seconds=number))
    for message in page(who).data[::2]:
        service.read_message(who.call(NOW), message.message_id)
    first = page(who, unread=True, limit=2)
    second = page(who, unread=True, limit=2, cursor=first.next_cursor or "")
    assert [len(first.data), len(second.data)] == [2, 1]
    assert all(message.read_at is None for message in [*first.data, *second.data])
    assert len(page(who).data) == 6


def test_the_first_time_of_reading_stays(aws_calls):
    who = make_person()
    put(who)
    (message,) = page(who).data
    first = service.read_message(who.call(NOW), message.message_id)
    aws_calls.clear()
    again = service.read_message(who.call(NOW + timedelta(hours=1)), message.message_id)
    assert (first.read_at, again.read_at) == (NOW, NOW)
    assert {call.operation for call in aws_calls} == {"GetItem"}


def test_reading_at_once_twice_keeps_one_time(monkeypatch):
    """Both read it as unread; the second write finds it read and gives what is stored."""
    who = make_person()
    put(who)
    (message,) = page(who).data
    stale = service.tables.message_of(who.person_id, service.rules.place_of(message.message_id))
    service.read_message(who.call(NOW), message.message_id)
    answers = [stale, service.tables.message_of(who.person_id, service.rules.place_of(message.message_id))]
    monkeypatch.setattr(service.tables, "message_of", lambda *_: answers.pop(0))
    assert service.read_message(who.call(NOW + timedelta(hours=1)), message.message_id).read_at == NOW


@pytest.mark.promise("K1.2")
def test_a_message_is_shown_for_a_year_and_then_gone(cloud: TestCloud):
    who, other = make_person(), make_person()
    put(who)
    put(who, NOW + timedelta(days=1))
    put(other)
    old = page(who).data[-1]
    assert len(page(who, NOW + YEAR - timedelta(seconds=1)).data) == 2
    later = NOW + YEAR
    assert [m.at for m in page(who, later).data] == [NOW + timedelta(days=1)]
    with pytest.raises(NotFound):
        service.read_message(who.call(later), old.message_id)
    assert service.end_old_messages(who.call(later - timedelta(seconds=1)), Deadline(60)) == 0
    assert service.end_old_messages(who.call(later), Deadline(60)) == 2
    left = [item for item in cloud.items("people") if item["kind"]["S"] == "inbox"]
    assert [item["at"]["S"] for item in left] == ["2026-12-02T12:00:00.000Z"]
    assert who.standing().status == "active"


def test_the_sweep_stops_in_time():
    who = make_person()
    put(who)
    assert service.end_old_messages(who.call(NOW + YEAR), Deadline(0)) == 0


@pytest.mark.promise("G1.3")
@pytest.mark.parametrize(("language", "title"), [("zh-CN", "订单已支付"), ("en", "Order paid")])
def test_words_are_made_when_read_in_the_reader_language(language, title):
    who = make_person()
    put(who)
    (message,) = service.list_inbox(who.call(NOW, language=language), InboxQuery()).data
    assert (message.title, message.topic, message.subject_id) == (title, "order", None)


def test_an_unknown_template_or_subject_is_not_stored(cloud: TestCloud):
    who = make_person()
    for template, subject_id in (("nope", ""), ("order_paid", new_id("per")), ("order_paid", "free text")):
        with pytest.raises(TemplateUnknown):
            service.deliver(who.call(NOW, idempotency_key=new_id("msg")), template, subject_id)
    assert page(who).data == []
