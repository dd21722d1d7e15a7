"""Withdrawn at ten, nothing at five past: work that serves a purpose is dropped once consent to it is gone."""

import pytest

from chalicelib.consent import service
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.shapes import Message
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.work.job import Jobs
from tests.support.consents import answer
from tests.support.edges import deliver
from tests.support.people import Someone, make_person

PURPOSE = "account.membership"


class Greeting(Message):
    """Some work that only this purpose justifies."""

    name: str


class Worker:
    """A job under a purpose, which notes for whom it worked."""

    def __init__(self, purpose: str = PURPOSE) -> None:
        self.worked: list[tuple[str, str]] = []
        self._job = Jobs(__name__).on_queue("notices", Greeting, purpose=purpose)(self.greet)

    def greet(self, call: Call, message: Greeting) -> None:
        self.worked.append((message.name, call.who.person_id))

    def take(self, body: str) -> list[int]:
        return deliver(self._job, body)


def announced(who: Someone, purpose: str) -> str:
    write = outbox.announce(who.call(purpose=purpose), "notices", Greeting(name="hello"))
    commit([write])
    assert write.message is not None
    return write.message.body.decode()


@pytest.mark.promise("J6.1")
@pytest.mark.parametrize("declared", [PURPOSE, ""], ids=["by the job", "by the message"])
def test_work_waiting_under_a_withdrawn_purpose_is_dropped_for_good(declared):
    who, worker = make_person(), Worker(declared)
    service.answer_notice(who.call(), answer(PURPOSE))
    first, second = announced(who, PURPOSE), announced(who, PURPOSE)
    assert worker.take(first) == []
    assert worker.worked == [("hello", who.person_id)]
    service.withdraw_consent(who.call(), PURPOSE)
    assert worker.take(second) == []
    service.answer_notice(who.call(), answer(PURPOSE))
    assert worker.take(second) == []
    assert worker.worked == [("hello", who.person_id)]


@pytest.mark.promise("A2.3", "J6.1")
def test_withdrawing_one_purpose_does_not_touch_basic_work():
    who, worker = make_person(consents={PURPOSE}), Worker("notice.service")
    waiting = announced(who, "order.fulfil")
    service.withdraw_consent(who.call(), PURPOSE)
    assert worker.take(waiting) == []
    assert worker.worked == [("hello", who.person_id)]
