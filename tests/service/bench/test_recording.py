"""A recording holds each call of the product, its bytes, and the items a write found and left, but no own looks."""

from typing import Any

from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from infra.bench.recording import Recorder, Recording
from tests.support.cloud import TestCloud
from tests.support.people import make_person


def test_calls_answers_and_items_are_recorded(cloud: TestCloud) -> None:
    who = make_person()
    dynamodb = cloud.client("dynamodb")

    def look(table: str, pk: str, sk: str) -> Any:
        return dynamodb.get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}).get("Item")

    recording = Recording("GET /x", {})
    with Recorder(recording, look).running():
        get(StandingRow, who.person_id, "STANDING")
        commit([update((StandingRow, who.person_id, "STANDING"), [StandingRow.epoch.set(7)])])
    assert recording.sequence == ["GetItem", "UpdateItem"]
    assert [answer.asked.rpartition(".")[2] for answer in recording.answers] == recording.sequence
    assert all(answer.status == 200 and answer.body for answer in recording.answers)
    place = f"jule-test-people|{who.person_id}|STANDING"
    before, after = recording.calls[1].before[place], recording.calls[1].after[place]
    assert before is not None
    assert after is not None
    assert (before["epoch"], after["epoch"]) == ({"N": "1"}, {"N": "7"})


def test_nothing_is_recorded_afterwards(cloud: TestCloud) -> None:
    recording = Recording("GET /x", {})
    with Recorder(recording, lambda *_: None).running():
        pass
    make_person()
    assert recording.calls == []
    assert cloud.items("people")
