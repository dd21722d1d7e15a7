"""KMS opens each wrapping key once per process; there is one current one, replaced after 90 days."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest

from chalicelib.foundation.store.faults import is_outage
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.vault import keyring, wrapping
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.vault.sealed import seal
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud, forget_process_state
from tests.support.wire import Wire, is_down, loses_answer, refuses

T = TypeVar("T")
THREADS = 16
pytestmark = pytest.mark.promise("K4.1")


def at_once(task: Callable[[], T], count: int = THREADS) -> list[T]:
    barrier = Barrier(count)

    def run(_: int) -> T:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def kms(calls: list[Any]) -> list[str]:
    return [call.operation for call in calls if call.service == "kms"]


def kinds(cloud: TestCloud) -> list[str]:
    return sorted(item["sk"]["S"] for item in cloud.items("keys"))


def sealed_for_new_people(count: int) -> list[Any]:
    made = [keyring.new_data_key() for _ in range(count)]
    commit([store_key(key, "main") for key in made])
    return [seal(key.key_id, "account.mobile", "text") for key in made]


def test_kms_is_called_once_per_process_and_wrapping_key(aws_calls):
    values = sealed_for_new_people(20)
    blind("mobile", "a")
    wrapping.secret("token")
    assert kms(aws_calls) == ["GenerateDataKey"] * 2
    forget_process_state()
    aws_calls.clear()
    assert {value.reveal() for value in values} == {"text"}
    keyring.forget()
    assert {value.reveal() for value in values} == {"text"}
    blind("mobile", "a")
    blind("mobile", "b")
    wrapping.secret("cursor")
    sealed_for_new_people(3)
    assert kms(aws_calls) == ["Decrypt"] * 2


def test_sixteen_threads_open_a_wrapping_key_once(aws_calls):
    value = sealed_for_new_people(1)[0]
    wrapping.secret("token")
    forget_process_state()
    aws_calls.clear()
    assert set(at_once(lambda: (value.reveal(), wrapping.secret("token")))) == {("text", wrapping.secret("token"))}
    assert kms(aws_calls) == ["Decrypt"] * 2


def test_first_use_in_sixteen_threads_gives_one_wrapping_key_and_one_secret(cloud: TestCloud):
    assert len(set(at_once(lambda: (wrapping.current_wrapping(), wrapping.secret("token"))))) == 1
    assert kinds(cloud) == ["CURRENT", "SERVICE", "WRAP"]


def test_first_use_in_sixteen_processes_gives_one_current_wrapping_key(cloud: TestCloud):
    """What the processes race for is the stored pointer; their lock would hide the race from threads."""
    chosen = at_once(wrapping._choose_current)
    assert len(set(chosen)) == 1
    assert {wrapping.wrapping_key(one) for one in chosen} == {wrapping.current_wrapping()[1]}
    assert kinds(cloud).count("CURRENT") == 1


def test_first_use_in_sixteen_processes_gives_one_service_secret(cloud: TestCloud):
    assert len(set(at_once(wrapping._load_service))) == 1
    assert kinds(cloud) == ["SERVICE"]


def test_the_service_secret_outlives_the_process():
    before = wrapping.secret("token"), blind("mobile", "+8613800138000")
    forget_process_state()
    assert (wrapping.secret("token"), blind("mobile", "+8613800138000")) == before


def test_a_wrapping_key_is_replaced_after_ninety_days_and_old_keys_still_open(hands: Hands, cloud: TestCloud):
    old = sealed_for_new_people(1)[0]
    first = wrapping.current_wrapping()[0]
    hands.by(days=89)
    assert wrapping.current_wrapping()[0] == first
    hands.by(days=1, minutes=11)
    second = wrapping.current_wrapping()[0]
    assert second != first
    new = sealed_for_new_people(1)[0]
    forget_process_state()
    assert wrapping.current_wrapping()[0] == second
    assert {old.reveal(), new.reveal()} == {"text"}
    stored = {item["pk"]["S"]: item for item in cloud.items("keys")}
    assert stored[old.key_id]["wrapping_id"]["S"] == first
    assert stored[new.key_id]["wrapping_id"]["S"] == second


def test_a_rotation_in_sixteen_processes_gives_one_new_wrapping_key(hands: Hands):
    first = wrapping.current_wrapping()[0]
    hands.by(days=91)
    chosen = set(at_once(wrapping._choose_current))
    assert len(chosen) == 1
    assert first not in chosen


FAULTS = {
    "down": is_down,
    "throttled": refuses("ThrottlingException"),
    "broken": refuses("KMSInternalException", 500),
    "unavailable": refuses("KeyUnavailableException", 503),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_without_kms_there_is_a_clear_refusal_and_no_key(fault: Any, wire: Wire, cloud: TestCloud):
    wire.always("GenerateDataKey", fault)
    wire.always("Decrypt", fault)
    for attempt in (keyring.new_data_key, lambda: wrapping.secret("token")):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever the SDK raises; told apart below
            attempt()
        assert is_outage(caught.value)
    assert cloud.items("keys") == []
    wire.restore()
    assert keyring.new_data_key().wrapped


def test_keys_that_are_open_go_on_while_kms_is_down(wire: Wire):
    value = sealed_for_new_people(1)[0]
    wire.always("GenerateDataKey", is_down)
    wire.always("Decrypt", is_down)
    assert value.reveal() == "text"
    assert seal(value.key_id, "account.mobile", "more").reveal() == "more"
    keyring.forget()
    assert value.reveal() == "text"


def test_an_answer_lost_on_first_use_leaves_one_wrapping_key(wire: Wire, cloud: TestCloud):
    wire.plan("PutItem", loses_answer, loses_answer)
    name, key = wrapping.current_wrapping()
    assert kinds(cloud).count("CURRENT") == 1
    forget_process_state()
    assert wrapping.current_wrapping() == (name, key)


def test_a_lost_wrapping_key_is_told_from_a_destroyed_data_key(cloud: TestCloud):
    value = sealed_for_new_people(1)[0]
    name = wrapping.current_wrapping()[0]
    cloud.client("dynamodb").delete_item(TableName="jule-test-keys", Key={"pk": {"S": name}, "sk": {"S": "WRAP"}})
    forget_process_state()
    with pytest.raises(wrapping.WrappingKeyLost):
        value.reveal()


def test_a_blob_opens_for_its_own_use_only(cloud: TestCloud):
    wrapping.secret("token")
    stored = {item["sk"]["S"]: item for item in cloud.items("keys")}
    forget_process_state()
    kms_client = cloud.client("kms")
    with pytest.raises(kms_client.exceptions.InvalidCiphertextException):
        kms_client.decrypt(
            CiphertextBlob=stored["SERVICE"]["blob"]["B"], EncryptionContext=wrapping._context("wrapping")
        )


def test_a_blind_index_hangs_on_use_and_value_and_hides_the_value():
    assert blind("mobile", "+8613800138000") == blind("mobile", "+8613800138000")
    others = [blind("mobile", "+8613800138001"), blind("user_name", "+8613800138000"), blind("mobile", "")]
    assert len({blind("mobile", "+8613800138000"), *others}) == 4
    assert "138" not in blind("mobile", "+8613800138000")
