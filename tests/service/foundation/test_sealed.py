"""A sealed value opens under its own key, for its own item, unaltered; or not at all."""

import json
import pickle

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st
from pynamodb.exceptions import DoesNotExist

from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.store.attributes import Sealed, Text, UnsealedItem
from chalicelib.foundation.store.declare import KEY, Personal
from chalicelib.foundation.store.keys import destroy_key, store_key
from chalicelib.foundation.store.row import Row, get, query
from chalicelib.foundation.store.write import commit, put, put_new, update
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.keyring import KeyDestroyed, new_data_key
from chalicelib.foundation.vault.sealed import NotSealed, seal
from chalicelib.foundation.vault.sealed import Sealed as Value
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.wire import Wire, answers

CANARY = "上海市浦东新区 canary-7f3a"
ITEM, OTHER_ITEM = "account.mobile", "profile.residence"
NEVER = (InvalidTag, NotSealed, KeyDestroyed)
pytestmark = pytest.mark.promise("K4.1")


class SecretRow(Row, table="people", kind="scratch_secret"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    mobile = Sealed(Personal(ITEM), null=True)
    residence = Sealed(Personal(OTHER_ITEM), null=True)
    recipient = Sealed(Personal("order.recipient", ground="trade"), null=True)


@pytest.fixture
def key_id() -> str:
    return stored_key()


def stored_key() -> str:
    key = new_data_key()
    commit([store_key(key, "main")])
    return key.key_id


def test_a_text_comes_back_and_the_stored_bytes_do_not_hold_it(key_id: str):
    for text in ("", "a", CANARY, "\0", "𝄞" * 1000):
        value = seal(key_id, ITEM, text)
        assert value.reveal() == text
        assert Value(value.raw(), ITEM).reveal() == text
        assert len(text) < 4 or text.encode() not in value.raw()
    assert seal(key_id, ITEM, CANARY) != seal(key_id, ITEM, CANARY)


def test_it_shows_nothing_however_it_is_printed(key_id: str):
    value = seal(key_id, ITEM, CANARY)
    row = SecretRow(pk="p", sk="s", mobile=value)
    shown = [str(value), repr(value), f"{value}", f"{[value]}", f"{row.attribute_values}", repr(row)]
    shown += [repr(row.serialize()), repr(pickle.dumps(value.raw()))]
    assert not any(CANARY in one or "canary" in one for one in shown)
    assert shown[:3] == ["<sealed>"] * 3
    with pytest.raises(TypeError):
        msgspec.json.encode(value)
    with pytest.raises(TypeError):
        json.dumps(value)


def test_moved_to_another_item_it_stays_shut(key_id: str):
    moved = Value(seal(key_id, ITEM, CANARY).raw(), OTHER_ITEM)
    with pytest.raises(InvalidTag):
        moved.reveal()


def test_under_another_persons_key_it_stays_shut(key_id: str):
    theirs = stored_key()
    raw = seal(key_id, ITEM, CANARY).raw()
    with pytest.raises(InvalidTag):
        Value(raw.replace(key_id.encode(), theirs.encode()), ITEM).reveal()


@settings(max_examples=60)
@given(data=st.data())
def test_no_altered_or_missing_byte_goes_through(data: st.DataObject):
    key_id = next(iter(keyring._open), None) or stored_key()
    raw = bytearray(seal(key_id, ITEM, CANARY).raw())
    place = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        raw[place] ^= data.draw(st.integers(1, 255))
    else:
        del raw[place:]
    with pytest.raises(NEVER):
        Value(bytes(raw), ITEM).reveal()


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x02" + b"a" * 80, CANARY.encode(), b"\x01\xff" + b"a" * 40])
def test_bytes_of_another_form_are_no_sealed_value(raw: bytes):
    with pytest.raises(NotSealed):
        Value(raw, ITEM)


def test_a_plain_value_or_another_items_is_never_stored(key_id: str, cloud: TestCloud):
    row = SecretRow(pk="p", sk="s")
    for wrong in (CANARY, CANARY.encode(), 0, seal(key_id, OTHER_ITEM, CANARY)):
        row.mobile = wrong
        with pytest.raises(UnsealedItem):
            commit([put(row)])
        with pytest.raises(UnsealedItem):
            SecretRow.mobile.set(wrong)
    assert cloud.items("people") == []


def test_saved_updated_queried_and_in_a_transaction_it_stays_sealed(key_id: str, cloud: TestCloud):
    keys = {"main": key_id}
    commit([put_new(SecretRow(pk="p", sk="1", mobile=SecretRow.mobile.seal(keys, CANARY)))])
    commit([update((SecretRow, "p", "1"), [SecretRow.residence.set(SecretRow.residence.seal(keys, CANARY))])])
    both = [SecretRow(pk="p", sk=sk, mobile=SecretRow.mobile.seal(keys, CANARY + sk)) for sk in ("2", "3")]
    commit([put_new(row) for row in both])
    rows, _ = query(SecretRow, "p", strong=True)
    assert [row.mobile.reveal() for row in rows] == [CANARY, CANARY + "2", CANARY + "3"]
    assert rows[0].residence.reveal() == CANARY
    assert "canary" not in repr(cloud.items("people"))
    assert all(isinstance(item["mobile"]["B"], bytes) for item in cloud.items("people"))


def test_it_is_sealed_under_the_key_of_its_ground(key_id: str):
    trade = stored_key()
    keys = {"main": key_id, "trade": trade}
    assert SecretRow.recipient.seal(keys, CANARY).key_id == trade
    assert SecretRow.mobile.seal(keys, CANARY).key_id == key_id
    with pytest.raises(KeyError):
        SecretRow.recipient.seal({"main": key_id}, CANARY)


@pytest.mark.promise("J5.1")
def test_with_the_key_destroyed_nothing_opens_it_and_nothing_can_be_sealed(key_id: str, hands: Hands):
    commit([put_new(SecretRow(pk="p", sk="1", mobile=seal(key_id, ITEM, CANARY)))])
    commit([destroy_key(key_id)])
    hands.by(seconds=61)
    row = get(SecretRow, "p", "1")
    assert row is not None
    for _ in range(2):
        with pytest.raises(KeyDestroyed):
            row.mobile.reveal()
        with pytest.raises(KeyDestroyed):
            seal(key_id, ITEM, CANARY)
    keyring.fetch((key_id,))
    with pytest.raises(KeyDestroyed):
        row.mobile.reveal()


def test_a_key_stays_open_for_a_minute_and_no_longer(key_id: str, hands: Hands, aws_calls):
    value = seal(key_id, ITEM, CANARY)
    hands.by(seconds=59)
    aws_calls.clear()
    assert value.reveal() == CANARY
    assert aws_calls == []
    hands.by(seconds=2)
    assert value.reveal() == CANARY
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]


def test_many_keys_are_opened_with_one_read(aws_calls):
    sealed = [seal(stored_key(), ITEM, str(n)) for n in range(12)]
    keyring.forget()
    aws_calls.clear()
    keyring.fetch(value.key_id for value in sealed)
    assert [value.reveal() for value in sealed] == [str(n) for n in range(12)]
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]


def test_a_throttled_key_is_busy_and_not_destroyed(key_id: str, wire: Wire):
    value = seal(key_id, ITEM, CANARY)
    keyring.forget()
    wanted = {"jule-test-keys": {"Keys": [{"pk": {"S": key_id}, "sk": {"S": "KEY"}}]}}
    wire.always("BatchGetItem", answers({"Responses": {}, "UnprocessedKeys": wanted}))
    with pytest.raises(Busy):
        value.reveal()
    wire.restore()
    wire.plan("BatchGetItem", *[answers({"Responses": {}, "UnprocessedKeys": wanted})] * 5)
    assert value.reveal() == CANARY


def test_a_row_that_is_not_there_is_not_there():
    assert get(SecretRow, "p", "none") is None
    with pytest.raises(DoesNotExist):
        SecretRow.get("p", "none")
