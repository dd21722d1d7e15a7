"""Nothing is written for somebody who may not act any more, however late the write arrives."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.clock import now
from chalicelib.foundation.kernel.errors import Busy, ConsentRequired, Failure, Unauthenticated
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.standing.rows import ACTIVE, CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.attributes import Integer, Text
from chalicelib.foundation.store.declare import EPOCH, KEY, Personal
from chalicelib.foundation.store.row import Row
from chalicelib.foundation.store.write import check, commit, delete, put, update
from chalicelib.foundation.vault import keyring
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.wire import Wire, is_down


class ThingRow(Row, table="cases", kind="scratch_thing"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)


def thing(who: Someone, name: str = "a", epoch: int = 1) -> Any:
    return put(ThingRow(pk=name, sk="THING", person_id=who.person_id, epoch=epoch))


def stand(who: Someone, *actions: Any) -> None:
    commit([update((StandingRow, who.person_id, access.SK), list(actions))])


@pytest.fixture
def someone() -> Someone:
    return make_person()


def test_standing_and_key_come_in_one_call(someone: Someone, aws_calls: list[Any]):
    keyring.forget()
    aws_calls.clear()
    row = access.load(someone.person_id, someone.keys["main"])
    assert row is not None
    assert keyring.data_key(someone.keys["main"])
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]
    assert access.load("per_nobody") is None
    assert access.load("per_nobody", "key_nothing") is None
    assert access.person("per_nobody") is None


def test_standing_is_read_strongly(someone: Someone, aws_calls: list[Any]):
    aws_calls.clear()
    access.load(someone.person_id)
    access.load(someone.person_id, someone.keys["main"])
    single, both = (call.params for call in aws_calls)
    assert single["ConsistentRead"] is True
    assert all(table["ConsistentRead"] is True for table in both["RequestItems"].values())


def test_a_caller_is_what_standing_says(someone: Someone):
    person = someone.person()
    assert (person.person_id, person.epoch, person.status) == (someone.person_id, 1, ACTIVE)
    assert person.keys == someone.keys
    assert person.consents == frozenset()
    assert person.ref.startswith("ref_")
    assert someone.person_id[4:] not in person.ref


@pytest.mark.promise("J3.2")
def test_the_name_in_the_log_is_another_than_the_reference_and_dies_with_the_salt(someone: Someone):
    row, name = someone.standing(), someone.person().log_name
    assert name == access.log_name(row)
    pseudonyms = [access.reference(row).removeprefix("ref_"), name.removeprefix("who_")]
    assert not any(len(one) < 16 or one[:8] in two for one, two in (pseudonyms, pseudonyms[::-1]))
    assert someone.person_id[4:] not in name
    row.salt = bytes(16)
    assert access.log_name(row) != name


@pytest.mark.parametrize(
    ("status", "refusal"), [(FROZEN, AccountFrozen), (CLOSING, AccountClosing), ("unheard of", AccountClosing)]
)
def test_whoever_is_not_active_may_not_act(status: str, refusal: type[Failure]):
    access.refuse_unless_active(ACTIVE)
    with pytest.raises(refusal):
        access.refuse_unless_active(status)


@pytest.mark.parametrize("count", [1, 2])
def test_a_lease_of_thirty_seconds_and_no_longer(count: int, someone: Someone, hands: Hands, cloud: TestCloud):
    call = someone.call()
    hands.by(seconds=29)
    access.commit(call, [thing(someone, f"in time {n}") for n in range(count)])
    hands.by(seconds=2)
    with pytest.raises(Busy):
        access.commit(call, [thing(someone, f"late {n}") for n in range(count)])
    access.commit(call, [thing(someone, "settled")], legal_ground="settlement")
    assert len(cloud.items("cases")) == count + 1


LATE = {
    "cancelled": (StandingRow.epoch.set(2), StandingRow.status.set(CLOSING)),
    "cancelled and back": (StandingRow.epoch.set(3),),
    "frozen": (StandingRow.status.set(FROZEN),),
}


@pytest.mark.parametrize("changes", LATE.values(), ids=LATE)
def test_a_transaction_under_an_old_standing_writes_nothing(
    changes: tuple[Any, ...], someone: Someone, cloud: TestCloud
):
    call = someone.call()
    stand(someone, *changes)
    with pytest.raises(Unauthenticated):
        access.commit(call, [thing(someone, "a"), thing(someone, "b")])
    assert cloud.items("cases") == []
    access.commit(call, [thing(someone, "a"), thing(someone, "b")], legal_ground="settlement")
    assert len(cloud.items("cases")) == 2


def test_a_transaction_for_somebody_erased_writes_nothing(someone: Someone, cloud: TestCloud):
    call = someone.call()
    commit([delete((StandingRow, someone.person_id, access.SK))])
    with pytest.raises(Unauthenticated):
        access.commit(call, [thing(someone, "a"), thing(someone, "b")])
    with pytest.raises(Unauthenticated):
        access.commit(call, [thing(someone, "a"), access.change(call.who, [StandingRow.policy_version.set("9")])])
    assert cloud.items("cases") == []


def test_looking_at_another_persons_standing_is_no_stand_of_ones_own(someone: Someone, cloud: TestCloud):
    other, call = make_person(), someone.call()
    stand(someone, StandingRow.epoch.set(2))
    theirs = check((StandingRow, other.person_id, access.SK), StandingRow.status == ACTIVE)
    with pytest.raises(Unauthenticated):
        access.commit(call, [thing(someone), theirs])
    assert cloud.items("cases") == []


def test_a_change_of_standing_takes_the_place_of_the_fence(someone: Someone, aws_calls: list[Any]):
    call = someone.call()
    aws_calls.clear()
    access.commit(call, [thing(someone), access.change(call.who, [StandingRow.epoch.add(1)])])
    (sent,) = aws_calls
    assert len(sent.params["TransactItems"]) == 2
    assert someone.standing().epoch == 2
    with pytest.raises(Unauthenticated):
        access.commit(call, [thing(someone, "b"), access.change(call.who, [StandingRow.epoch.add(1)])])


@pytest.mark.promise("A2.2", "A4.1")
def test_a_write_that_needs_a_consent_fails_when_it_was_withdrawn_meanwhile(cloud: TestCloud):
    someone = make_person(consents=["community.place"])
    call = someone.call()
    access.commit(call, [thing(someone, "a"), access.agreed(call.who, "community.place")])
    stand(someone, StandingRow.consents.delete({"community.place"}))
    with pytest.raises(ConsentRequired):
        access.commit(call, [thing(someone, "b"), access.agreed(call.who, "community.place")])
    assert [item["pk"]["S"] for item in cloud.items("cases")] == ["a"]


@pytest.mark.promise("J7.4")
def test_in_a_race_with_cancelling_nothing_lands_after_it(someone: Someone, cloud: TestCloud):
    """What committed before cancelling stands there to be erased; after it there is nothing more."""
    writers, call = 8, someone.call()
    barrier = Barrier(writers + 1)

    def late(number: int) -> bool:
        barrier.wait()
        try:
            access.commit(call, [thing(someone, f"{number}a"), thing(someone, f"{number}b")])
        except (Unauthenticated, Busy):
            return False
        return True

    def close() -> int:
        barrier.wait()
        stand(someone, StandingRow.epoch.set(2), StandingRow.status.set(CLOSING))
        return len(cloud.items("cases"))

    with ThreadPoolExecutor(writers + 1) as pool:
        running = [pool.submit(late, number) for number in range(writers)]
        at_closing = pool.submit(close).result()
        landed = sum(one.result() for one in running)
    assert len(cloud.items("cases")) == 2 * landed
    assert at_closing == 2 * landed


def test_one_message_of_a_system_call_needs_no_standing(cloud: TestCloud, someone: Someone):
    access.commit(Call("r", now()), [thing(someone, "a"), thing(someone, "b")])
    assert len(cloud.items("cases")) == 2


def test_a_commit_that_finds_the_store_down_is_an_outage_and_nothing_is_sent(
    someone: Someone, wire: Wire, cloud: TestCloud
):
    call = someone.call()
    wire.always("TransactWriteItems", is_down)
    with pytest.raises(Exception, match="Could not connect"):
        access.commit(call, [thing(someone, "a"), thing(someone, "b")])
    assert wire.bodies("SendMessageBatch") == []
    assert cloud.items("cases") == []
