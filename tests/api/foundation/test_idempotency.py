"""One effect per person, route and key, however often and from however many threads it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, delete, put
from chalicelib.foundation.web.idempotency import KEPT, IdempotencyRow
from tests.support.cloud import TestCloud
from tests.support.edges import Reply
from tests.support.killing import MOMENTS, Killed, killed_at
from tests.support.people import Someone, make_person
from tests.support.scratch_api import SHELF, Gateway, ScratchThingRow
from tests.support.wire import Wire, is_down, loses_answer

KEY = "key-0123456789"
BODY = {"name": "a"}


@pytest.fixture
def someone() -> Someone:
    return make_person()


def make(ask: Gateway, who: Someone, key: str = KEY, body: Any = BODY) -> Reply:
    return ask("POST", "/v1/scratch/things", body, who=who, headers={"Idempotency-Key": key})


def made(cloud: TestCloud) -> list[str]:
    items = cloud.items("cases")
    return sorted(i["pk"]["S"] for i in items if i["kind"]["S"] == "scratch_thing" and i["pk"]["S"] != SHELF)


def shelve(left: int) -> None:
    commit([put(ScratchThingRow(pk=SHELF, sk="THING", left=left))])


def left() -> int:
    row = get(ScratchThingRow, SHELF, "THING")
    assert row is not None
    return row.left


def test_a_repeat_has_no_further_effect_and_says_so(ask: Gateway, someone: Someone, cloud: TestCloud):
    first, second = make(ask, someone), make(ask, someone)
    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert made(cloud) == [first.json["thing_id"]]
    assert len(cloud.items("evidence")) == 1


def test_another_key_is_another_effect(ask: Gateway, someone: Someone, cloud: TestCloud):
    assert make(ask, someone).json != make(ask, someone, "key-9876543210").json
    assert len(made(cloud)) == 2


@pytest.mark.parametrize("body", [{"name": "b"}, {"name": "a", "lines": [{"sku": "x"}]}])
def test_the_same_key_with_another_body_is_refused(body: Any, ask: Gateway, someone: Someone, cloud: TestCloud):
    make(ask, someone)
    reply = make(ask, someone, body=body)
    assert (reply.status, reply.code) == (422, "idempotency.key_reused")
    assert len(made(cloud)) == 1


def test_the_same_request_written_otherwise_is_the_same(ask: Gateway, someone: Someone, cloud: TestCloud):
    make(ask, someone)
    headers = {"Idempotency-Key": KEY}
    again = ask("POST", "/v1/scratch/things", who=someone, raw='{ "lines": [],\n "name":"\\u0061" }', headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(made(cloud)) == 1


def test_another_persons_same_key_is_their_own(ask: Gateway, someone: Someone, cloud: TestCloud):
    other = make_person()
    mine, theirs = make(ask, someone), make(ask, other, body={"name": "b"})
    assert mine.json != theirs.json
    assert "Idempotency-Replayed" not in theirs.headers
    assert len(made(cloud)) == 2


def test_sixteen_at_once_under_one_key_have_one_effect(ask: Gateway, someone: Someone, cloud: TestCloud):
    barrier = Barrier(16)

    def press(_: int) -> Reply:
        barrier.wait()
        return make(Gateway(ask._app), someone)

    shelve(10)
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(press, range(16)))
    assert {reply.status for reply in replies} <= {201, 503}
    assert len({reply.json["thing_id"] for reply in replies if reply.status == 201}) == 1
    assert sum("Idempotency-Replayed" not in r.headers for r in replies if r.status == 201) == 1
    assert (len(made(cloud)), left()) == (1, 9)


def test_sixteen_at_once_with_two_bodies_have_one_effect(ask: Gateway, someone: Someone, cloud: TestCloud):
    barrier = Barrier(16)

    def press(number: int) -> int:
        barrier.wait()
        return make(Gateway(ask._app), someone, body={"name": "ab"[number % 2]}).status

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(press, range(16)))
    assert set(statuses) - {503} == {201, 422}
    assert len(made(cloud)) == 1


def test_what_the_first_took_the_last_of_is_no_refusal_of_the_repeat(ask: Gateway, someone: Someone):
    """The repeat meets a shelf that its own first try has emptied, before it comes to any transaction."""
    shelve(1)
    first, second = make(ask, someone), make(ask, someone)
    assert (first.status, second.status, left()) == (201, 201, 0)
    assert second.headers["Idempotency-Replayed"] == "true"
    other = make(ask, someone, "key-9876543210")
    assert (other.status, other.code) == (409, "scratch.sold_out")
    assert make(ask, someone, body={"name": "b"}).code == "idempotency.key_reused"


def test_a_refusal_is_decided_anew(ask: Gateway, someone: Someone):
    shelve(0)
    assert make(ask, someone).code == "scratch.sold_out"
    shelve(1)
    reply = make(ask, someone)
    assert reply.status == 201
    assert "Idempotency-Replayed" not in reply.headers


def test_an_id_that_money_hangs_on_outlives_the_record(ask: Gateway, someone: Someone, cloud: TestCloud):
    first = make(ask, someone)
    (record,) = (i for i in cloud.items("ephemeral") if i["kind"]["S"] == "idempotency")
    commit([delete((IdempotencyRow, record["pk"]["S"], record["sk"]["S"]))])
    again = make(ask, someone)
    assert (again.status, again.json) == (201, first.json)
    assert len(made(cloud)) == 1


def test_a_replay_is_shown_to_whom_it_belongs_and_nobody_else(ask: Gateway, someone: Someone, cloud: TestCloud):
    thing_id = make(ask, someone).json["thing_id"]
    commit([put(ScratchThingRow(pk=thing_id, sk="THING", person_id="per_somebody_else"))])
    assert make(ask, someone).code == "request.not_found"


def test_the_record_holds_no_answer_and_ends_within_a_day(ask: Gateway, someone: Someone, cloud: TestCloud):
    make(ask, someone)
    (record,) = (i for i in cloud.items("ephemeral") if i["kind"]["S"] == "idempotency")
    known = {"pk", "sk", "kind", "person_id", "epoch", "resource_id", "fingerprint", "expires_at"}
    assert record.keys() == known
    assert KEY not in repr(record)
    assert int(record["expires_at"]["N"]) <= (clock.now() + timedelta(days=1)).timestamp()
    assert timedelta(days=1) == KEPT


KEYS = ["", "short", "1234567", "x" * 256, "with\ttab-and-more", "with\x00zero-and-more", "\ud800-and-more-of-it"]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_eight_to_two_hundred_and_fifty_five_printable_characters(
    key: str, ask: Gateway, someone: Someone, cloud: TestCloud
):
    assert make(ask, someone, key).code == "idempotency.key_missing"
    assert made(cloud) == []


@pytest.mark.parametrize("key", ["12345678", "x" * 255, "!#$%&*+-~"])
def test_a_key_of_eight_to_two_hundred_and_fifty_five_is_taken(key: str, ask: Gateway, someone: Someone):
    assert make(ask, someone, key).status == 201


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_lost_answer_and_a_repeat_make_one(tries: int, ask: Gateway, someone: Someone, cloud: TestCloud, wire: Wire):
    """One or two lost answers the SDK makes good; three are an outage to the client, who asks again."""
    shelve(5)
    wire.plan("TransactWriteItems", *[loses_answer] * tries)
    first = make(ask, someone)
    assert first.status == (503 if tries == 3 else 201)
    again = make(ask, someone)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (len(made(cloud)), left()) == (1, 4)


def test_an_outage_before_anything_was_written_is_made_good_by_the_repeat(
    ask: Gateway, someone: Someone, cloud: TestCloud, wire: Wire
):
    wire.always("TransactWriteItems", is_down)
    assert make(ask, someone).code == "service.unavailable"
    wire.restore()
    reply = make(ask, someone)
    assert reply.status == 201
    assert "Idempotency-Replayed" not in reply.headers
    assert len(made(cloud)) == 1


def test_killed_at_any_call_the_repeat_makes_it_one(ask: Gateway, someone: Someone, cloud: TestCloud):
    calls = 0
    for number in range(1, 12):
        for moment in MOMENTS:
            shelve(5)
            key, before = f"key-{number:02d}-{moment}", len(made(cloud))
            with killed_at(number, moment) as came_to_it:
                try:
                    make(ask, someone, key)
                except Killed:
                    calls = number
                came = came_to_it()
            assert make(ask, someone, key).status == 201
            assert (len(made(cloud)), left()) == (before + 1, 4)
        if not came:
            break
    assert calls >= 4
