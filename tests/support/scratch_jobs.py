"""A scratch job: its verb has one effect per message, under an id that a repeat gives again."""

import json
from typing import Any

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.shapes import Message
from chalicelib.foundation.standing import access
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.attributes import Integer, Text
from chalicelib.foundation.store.declare import KEY, STATE
from chalicelib.foundation.store.row import Row, get
from chalicelib.foundation.store.write import ConditionFailed, commit, put_new
from chalicelib.foundation.work.job import Jobs

from .cloud import TestCloud
from .edges import deliver
from .people import Someone

CANARY = "canary-7f3a"
OPTIONAL, ESSENTIAL = "community.place", "notice.service"


class ScratchWanted(Message):
    order_id: str


class ScratchStopped(Message):
    why: str = ""


class EffectRow(Row, table="cases", kind="scratch_effect"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    times = Integer(STATE)


class Worker:
    """A job whose verb does one thing per message, under an id that a repeat gives again."""

    def __init__(
        self,
        purpose: str = "",
        legal_ground: str = "",
        *,
        frozen: dict[type[Message], str] | None = None,
        outside: bool = False,
    ) -> None:
        self.seen: list[tuple[Call, Any]] = []
        self.before = lambda: None

        def do_scratch_work(call: Call, message: Any) -> None:
            self.seen.append((call, message))
            self.before()
            if not outside:
                self._have_effect(call)

        declare = Jobs(__name__).on_queue(
            "notices",
            ScratchWanted,
            ScratchStopped,
            purpose=purpose,
            legal_ground=legal_ground,
            frozen=frozen,
            outside=outside,
        )
        self.job = declare(do_scratch_work)

    @staticmethod
    def _have_effect(call: Call) -> None:
        try:
            commit([put_new(EffectRow(pk=call.idempotency_key, sk="EFFECT", times=1))])
        except ConditionFailed:
            return

    def take(self, *bodies: str) -> list[int]:
        return deliver(self.job, *bodies)


def announced(cloud: TestCloud, who: Someone | None, *messages: Message, purpose: str = "") -> list[str]:
    """Announce messages and take them off the queue, as SQS would hand them over."""
    call = who.call(clock.now(), purpose=purpose) if who else Call("r", clock.now(), purpose=purpose)
    access.commit(call, [outbox.announce(call, "notices", message) for message in messages])
    return [message["Body"] for message in cloud.messages("notices")]


def one(cloud: TestCloud, who: Someone | None, purpose: str = "") -> str:
    (body,) = announced(cloud, who, ScratchWanted(order_id="ord_1"), purpose=purpose)
    return body


def effects(cloud: TestCloud) -> int:
    return sum(item["kind"]["S"] == "scratch_effect" for item in cloud.items("cases"))


def is_done(body: str) -> bool:
    row = get(outbox.OutboxRow, json.loads(body)["id"], "MESSAGE")
    assert row is not None
    return row.done


def outcomes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["outcome"] for line in lines if line["event"] == "job_done"]
